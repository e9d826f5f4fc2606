"""What task outputs share: choosing first, upsampling what is left.

Shapes: N slots, n chosen slots, T frames, h w mask pixels, H W frame pixels.
"""
import torch.nn.functional as F
from mmdet.structures import DetDataSample
from torch import Tensor

from gvseg.models.structures import TrackedClip


class TaskOutput:
    """Turns a tracked clip into results, frame by frame."""

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        """Write the prediction into every frame's data sample (at the original size, on the CPU)."""
        raise NotImplementedError


def resize_logits(masks: Tensor, clip: TrackedClip, frame: DetDataSample) -> Tensor:
    """Mask logits (n, h, w) of one frame at the size of the original image, (n, H, W)."""
    if len(masks) == 0:
        return masks.new_zeros((0, *frame.ori_shape[:2]))
    padded = F.interpolate(masks[None].float(), clip.input_shape, mode='bilinear', align_corners=False)
    height, width = frame.img_shape[:2]
    return F.interpolate(padded[..., :height, :width], frame.ori_shape[:2], mode='bilinear', align_corners=False)[0]
