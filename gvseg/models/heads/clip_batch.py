"""Clip batches from mmdet's data samples.

Shapes: B clips, T frames, K tubes, P points, H W padded network input, u v descriptor bins.
"""

import zlib

import numpy as np
import torch
from mmdet.structures import DetDataSample, TrackDataSample
from mmdet.structures.mask import BaseInstanceMasks
from mmengine.structures import InstanceData
from torch import Tensor
from torch.nn.functional import interpolate, pad

from gvseg.models.structures import ClipBatch, ExemplarBatch


def build_clip_batch(
    samples: list[TrackDataSample], frames: int, device: torch.device, with_targets: bool
) -> ClipBatch:
    """Cut every sample into its clips of T frames.

    Args:
        samples: one per video, each with a whole number of clips: the key clip, then reference clips.
        frames: T.
        device: where tensors go.
        with_targets: also collect the ground truth.

    Raises:
        ValueError: the frames of a sample are no whole number of clips, or samples differ in their count.
    """
    lengths = {len(sample) for sample in samples}
    if len(lengths) != 1 or lengths.pop() % frames:
        raise ValueError(
            f'training items of {sorted(len(sample) for sample in samples)} frames cannot be cut into '
            f'clips of {frames}: set the clip length of the data pipeline and `num_frames` of the head '
            'to the same value'
        )
    clips = [
        [sample[i] for i in range(first, first + frames)]
        for sample in samples
        for first in range(0, len(sample), frames)
    ]
    input_shape = tuple(clips[0][0].metainfo.get('batch_input_shape', clips[0][0].img_shape))[:2]
    shown = (clip_exemplars(clip, input_shape, device) for clip in clips)
    exemplars = [exemplars for exemplars in shown if exemplars is not None]
    return ClipBatch(
        frames=frames,
        input_shape=input_shape,
        real_shapes=torch.tensor([clip[0].img_shape[:2] for clip in clips], dtype=torch.float32, device=device),
        seeds=[clip_seed(clip) for clip in clips],
        clips_per_video=len(samples[0]) // frames,
        targets=[clip_targets(clip, device) for clip in clips] if with_targets else None,
        frame_ids=torch.tensor(
            [[frame.metainfo.get('frame_id', index) for index, frame in enumerate(clip)] for clip in clips],
            device=device,
        ),
        exemplars=exemplars if len(exemplars) == len(clips) else None,
    )


def clip_seed(clip: list[DetDataSample]) -> int:
    """Seed of a clip's random numbers, from the video, the clip's frames and the draw of the training item.

    ``draw`` is (seed of the data set, number of the draw); two draws of the same frames have different crops.
    """
    names = [
        (
            frame.metainfo.get('video_id'),
            frame.metainfo.get('frame_id'),
            frame.metainfo.get('flip'),
            frame.metainfo.get('img_shape'),
            frame.metainfo.get('draw'),
        )
        for frame in clip
    ]
    return zlib.crc32(repr(names).encode())


def clip_targets(clip: list[DetDataSample], device: torch.device) -> InstanceData:
    """Tubes of one clip that have pixels: labels (K,), masks (K, T, H, W) bool, ids (K,).

    They are assembled on the CPU, so that no accelerator has to be waited for.
    """
    ids = torch.cat([frame.gt_instances.instances_ids.cpu() for frame in clip])
    labels = torch.cat([frame.gt_instances.labels.cpu() for frame in clip])
    masks = torch.cat([_mask_tensor(frame.gt_instances.masks) for frame in clip])
    times = torch.cat([torch.full((len(frame.gt_instances),), index) for index, frame in enumerate(clip)])
    unique, tube = ids.unique(return_inverse=True)
    tubes = masks.new_zeros((len(unique), len(clip), *masks.shape[1:]))
    tubes[tube, times] = masks
    tube_labels = labels.new_zeros(len(unique)).scatter_(0, tube, labels)
    filled = tubes.flatten(1).any(1)
    parts = dict(labels=tube_labels[filled], masks=tubes[filled], ids=unique[filled])
    return InstanceData(**{name: part.to(device) for name, part in parts.items()})


def _mask_tensor(masks: Tensor | BaseInstanceMasks) -> Tensor:
    if isinstance(masks, Tensor):
        return masks.to(device='cpu', dtype=torch.bool)
    return masks.to_tensor(dtype=torch.bool, device='cpu')


def clip_exemplars(
    clip: list[DetDataSample], input_shape: tuple[int, int], device: torch.device
) -> ExemplarBatch | None:
    """Objects shown in the frames of one clip, or ``None`` if its frames carry no ``exemplars`` field.

    They are sorted by frame and then by place, from left to right: which query an object gets, and with it a learned
    position, must not depend on the order in which the objects of a frame are listed.
    """
    if not any('exemplars' in frame for frame in clip):
        return None
    shown = [(index, frame.exemplars) for index, frame in enumerate(clip) if 'exemplars' in frame]
    size = torch.tensor([input_shape[1], input_shape[0]], dtype=torch.float32)
    ids = torch.cat([item.instances_ids for _, item in shown])
    frames = torch.cat([torch.full((len(item),), index) for index, item in shown])
    points = torch.cat([item.points / size for _, item in shown])
    places = points.mean(1)
    order = torch.from_numpy(np.lexsort((ids, places[:, 1], places[:, 0], frames)))
    descriptors = torch.cat([item.descriptors for _, item in shown])
    kinds = torch.cat([item.kinds for _, item in shown]) if all('kinds' in item for _, item in shown) else None
    given = [mask for index, item in shown for mask in _given_masks(clip[index], item, input_shape, device)]
    return ExemplarBatch(
        ids=ids[order].to(device),
        frames=frames[order].to(device),
        points=points[order].to(device),
        descriptors=descriptors[order].to(device),
        each_once=len(ids.unique()) == len(ids),
        kinds=None if kinds is None else kinds[order].to(device),
        given=[given[index] for index in order.tolist()],
    )


def _given_masks(
    frame: DetDataSample, item: InstanceData, input_shape: tuple[int, int], device: torch.device
) -> list[Tensor | None]:
    """Masks that were given in a frame, at the size of the padded input (H, W), bool."""
    masks = item.get('given_masks') or [None] * len(item)
    return [mask if mask is None else _fit(mask.to(device), frame.img_shape[:2], input_shape) for mask in masks]


def _fit(mask: Tensor, size: tuple[int, int], padded: tuple[int, int]) -> Tensor:
    small = interpolate(mask[None, None].float(), size, mode='area')[0, 0] > 0.5
    return pad(small, (0, padded[1] - size[1], 0, padded[0] - size[0]))
