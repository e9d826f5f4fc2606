"""Base of the task outputs: upsampling of mask logits, whole or in bands of rows.

Slots are selected before masks are upsampled, and logits are upsampled before a sigmoid or threshold, which keeps
borders sharp.

Shapes: N slots, n chosen slots, T frames, h w mask pixels, H W frame pixels, R rows of a band.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from mmdet.structures import DetDataSample
from torch import Tensor

from gvseg.models.structures import TrackedClip

BAND = 128
"""Rows of the original image processed at a time: each temporary (n, H, W) of a 4K frame takes half a gigabyte."""


class TaskOutput:
    """Turns a tracked clip into results, frame by frame.

    Attributes:
        class_agnostic: whether the head's classes are left out of the results, so that the data may have others.
    """

    class_agnostic = False

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


def logit_bands(masks: Tensor, clip: TrackedClip, frame: DetDataSample) -> Iterator[Tensor]:
    """The rows of :func:`resize_logits` in bands (n, R, W), from top to bottom, without holding all of them."""
    (height, width), real = frame.ori_shape[:2], frame.img_shape[:2]
    for first in range(0, height, BAND):
        above, below, share = _source_rows(range(first, min(first + BAND, height)), height, real[0])
        needed = range(int(above[0]), int(below[-1]) + 1)
        padded = _resize_to_rows(
            masks.float(), *_source_rows(needed, clip.input_shape[0], masks.shape[-2]), clip.input_shape[1]
        )
        yield _resize_to_rows(padded[..., : real[1]], above - needed[0], below - needed[0], share, width)


def _source_rows(rows: range, height: int, source: int) -> tuple[Tensor, Tensor, Tensor]:
    """The two of ``source`` rows that each of some of ``height`` rows lies between, and the weight of the second."""
    places = ((torch.arange(rows.start, rows.stop) + 0.5).double() * source / height - 0.5).clamp(min=0)
    above = places.long()
    return above, (above + 1).clamp(max=source - 1), (places - above).float()


def _resize_to_rows(masks: Tensor, above: Tensor, below: Tensor, share: Tensor, width: int) -> Tensor:
    """Bilinear interpolation of (n, h, w) at R rows and ``width`` columns, (n, R, W)."""
    above, below, share = (values.to(masks.device) for values in (above, below, share))
    rows = torch.lerp(masks[:, above], masks[:, below], share[:, None])
    return F.interpolate(rows[None], (len(share), width), mode='bilinear', align_corners=False)[0]
