"""Made-up clips in the form in which the datasets give them."""

import numpy as np
import torch
from mmdet.structures import DetDataSample, TrackDataSample
from mmdet.structures.mask import BitmapMasks
from mmengine.structures import InstanceData

SIZE = (64, 96)


def rectangles(frame: int, count: int) -> np.ndarray:
    """Masks (count, H, W) of rectangles that move right by two pixels a frame."""
    masks = np.zeros((count, *SIZE), dtype=np.uint8)
    for index in range(count):
        left = 4 + 30 * index + 2 * frame
        masks[index, 10 + 5 * index : 40 + 5 * index, left : left + 20] = 1
    return masks


def frame_sample(
    video: object, frame: int, length: int, count: int = 2, label: int | None = None, exemplars: bool = False
) -> DetDataSample:
    """One frame with ``count`` objects; their labels are 0, 1, ... unless one label is given for all."""
    sample = DetDataSample(
        metainfo=dict(
            img_shape=SIZE,
            ori_shape=(48, 72),
            batch_input_shape=SIZE,
            scale_factor=(4 / 3, 4 / 3),
            video_id=video,
            frame_id=frame,
            video_length=length,
            ori_video_length=length,
            img_path=f'{video}/{frame:05d}.jpg',
        )
    )
    masks = rectangles(frame, count)
    labels = torch.arange(count) if label is None else torch.full((count,), label)
    sample.gt_instances = InstanceData(
        labels=labels, instances_ids=torch.arange(count) + 1, masks=BitmapMasks(masks, *SIZE)
    )
    if exemplars:
        sample.exemplars = shown(masks, torch.arange(count) + 1)
    return sample


def shown(masks: np.ndarray, ids: torch.Tensor) -> InstanceData:
    """Mask exemplars of objects: 32 points inside each mask."""
    points = torch.zeros(len(ids), 32, 2)
    for index, mask in enumerate(masks):
        places = np.argwhere(mask)[:: max(1, int(mask.sum()) // 32)][:32, ::-1].copy()
        points[index] = torch.from_numpy(places).float()
    return InstanceData(
        instances_ids=ids,
        kinds=torch.zeros(len(ids), dtype=torch.long),
        points=points,
        descriptors=torch.ones(len(ids), 36, 12),
    )


def clip_sample(video: object, frames: list[int], length: int, **kwargs) -> TrackDataSample:
    """A clip; ``exemplars=True`` shows its objects in the first frame."""
    exemplars = kwargs.pop('exemplars', False)
    return TrackDataSample(
        video_data_samples=[
            frame_sample(video, frame, length, exemplars=exemplars and index == 0, **kwargs)
            for index, frame in enumerate(frames)
        ]
    )


def no_exemplars(sample: TrackDataSample) -> TrackDataSample:
    """The same clip in which nothing is shown, as EVS test clips after the first."""
    for frame in sample.video_data_samples:
        frame.exemplars = shown(np.zeros((0, *SIZE), dtype=np.uint8), torch.zeros(0, dtype=torch.long))
    return sample


def pixels(clips: int, frames: int = 3, seed: int = 0) -> torch.Tensor:
    """Network input (clips, frames, 3, H, W)."""
    return torch.randn(clips, frames, 3, *SIZE, generator=torch.Generator().manual_seed(seed))
