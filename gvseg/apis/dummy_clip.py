"""A clip of noise, for measuring a model without data.

Shapes: T frames, H W pixels, K objects, P points, u v descriptor bins.
"""

import torch
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.config import Config
from mmengine.structures import InstanceData
from torch import Tensor

from gvseg.core.descriptors import DescriptorSpec

NUM_POINTS = 32


def dummy_clip(
    config: Config, size: tuple[int, int], start: int = 0, objects: int = 3
) -> tuple[Tensor, TrackDataSample]:
    """A clip of noise.

    Args:
        config: gives T (``clip_length``, its own or the head's) and the descriptor's u and v.
        size: (H, W).
        start: number of the clip's first frame; 0 begins a video.
        objects: number K of exemplars in frame 0; ignored by tasks without exemplars.

    Returns:
        Network input (1, T, 3, H, W) and the sample that goes with it.
    """
    frames = config.get('clip_length') or config.model.track_head.num_frames
    generator = torch.Generator().manual_seed(start)
    spec = DescriptorSpec(**(config.model.track_head.get('descriptor') or {}))
    samples = []
    for number in range(start, start + frames):
        sample = DetDataSample(
            metainfo=dict(
                img_shape=size,
                ori_shape=size,
                batch_input_shape=size,
                scale_factor=(1.0, 1.0),
                video_id='noise',
                frame_id=number,
                video_length=frames,
                ori_video_length=10**6,
                img_path=f'noise/{number:06d}.jpg',
            )
        )
        shown = objects if number == 0 else 0
        corner = torch.rand(shown, 1, 2, generator=generator) * torch.tensor([size[1], size[0]])
        sample.exemplars = InstanceData(
            instances_ids=torch.arange(shown) + 1,
            kinds=torch.full((shown,), 2),
            points=corner.expand(-1, NUM_POINTS, -1),
            descriptors=torch.zeros(shown, spec.angle_bins, spec.radius_bins),
            regions=torch.zeros(shown, *size, dtype=torch.bool),
        )
        samples.append(sample)
    return torch.randn(1, frames, 3, *size, generator=generator), TrackDataSample(video_data_samples=samples)
