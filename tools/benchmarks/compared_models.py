"""Models with random weights and dummy data to compare GvSeg with mmdet's Mask2FormerVideo of the same size.

Shapes: B videos, T frames, K objects, H W pixels.
"""

import copy
from pathlib import Path

import numpy as np
import torch
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample, TrackDataSample
from mmdet.structures.mask import BitmapMasks
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData
from torch import Tensor, nn

from gvseg.utils.config import load_config

ROOT = Path(__file__).resolve().parents[2]
VIS = 'configs/vis/gvseg-vis_r50_8xb2-15k_youtube-vis-2019.py'
VPS = 'configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py'
TINY_VPS = 'configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py'
OURS_ALONE = ('query_initializer', 'cue_injection', 'contrastive', 'auxiliary', 'descriptor', 'localized_masks')


def read_config(path: str) -> Config:
    """One of the project's configs, without initial weights."""
    config = load_config(str(ROOT / path))
    config.model.backbone.init_cfg = None
    return config


def mmdet_model(config: Config) -> dict:
    """mmdet's model of the same size: backbone, pixel decoder, layers and queries."""
    model = copy.deepcopy(config.model.to_dict())
    for name in ('associator', 'task_output', 'mask_nms', 'class_mean'):
        model.pop(name, None)
    head = model['track_head']
    for name in (*OURS_ALONE, 'seeded_points'):
        head.pop(name, None)
    for name in ('mask_loss_norm', 'points_in_padding'):
        head['train_cfg'].pop(name, None)
    model['type'], head['type'] = 'Mask2FormerVideo', 'Mask2FormerTrackHead'
    head['pixel_decoder']['type'] = 'MSDeformAttnPixelDecoder'
    return model


def build(config: Config, whose: str, device: str) -> nn.Module:
    """``'ours'`` or ``'mmdet'``, with random weights."""
    with DefaultScope.overwrite_default_scope('mmdet'):
        torch.manual_seed(0)
        model = MODELS.build(config.model if whose == 'ours' else Config(mmdet_model(config)))
    return model.to(device)


def without_kernels() -> bool:
    """Let mmcv's attention run without compiled operators on a GPU; returns whether that was needed."""
    from mmcv.ops import multi_scale_deform_attn

    from gvseg.models.layers.deformable_sampling import kernels_are_compiled

    multi_scale_deform_attn.IS_CUDA_AVAILABLE &= kernels_are_compiled()
    return not kernels_are_compiled()


def clip_samples(
    size: tuple[int, int], videos: int, frames: int, classes: int, objects: int = 6
) -> list[TrackDataSample]:
    """Videos of ellipses that move to the right, with their ground truth."""
    return [
        TrackDataSample(
            video_data_samples=[_frame(size, video, frame, frames, classes, objects) for frame in range(frames)]
        )
        for video in range(videos)
    ]


def pixels(size: tuple[int, int], videos: int, frames: int, device: str) -> Tensor:
    """Network input (B, T, 3, H, W)."""
    return torch.randn(videos, frames, 3, *size, generator=torch.Generator().manual_seed(0)).to(device)


def _frame(size: tuple[int, int], video: int, frame: int, length: int, classes: int, objects: int) -> DetDataSample:
    masks = np.stack([_ellipse(size, video, frame, index) for index in range(objects)])
    sample = DetDataSample(
        metainfo=dict(
            img_shape=size,
            ori_shape=size,
            batch_input_shape=size,
            scale_factor=(1.0, 1.0),
            video_id=video,
            frame_id=frame,
            video_length=length,
            ori_video_length=length,
        )
    )
    sample.gt_instances = InstanceData(
        labels=torch.arange(objects) % classes, instances_ids=torch.arange(objects) + 1, masks=BitmapMasks(masks, *size)
    )
    return sample


def _ellipse(size: tuple[int, int], video: int, frame: int, index: int) -> np.ndarray:
    rows, columns = np.ogrid[: size[0], : size[1]]
    centre = (size[0] * (1 + index % 3) / 4, size[1] * (0.2 + 0.25 * (index // 3) + 0.02 * frame + 0.03 * video))
    radius = size[0] * (0.06 + 0.02 * index)
    return (((rows - centre[0]) / radius) ** 2 + ((columns - centre[1]) / (1.5 * radius)) ** 2 < 1).astype(np.uint8)
