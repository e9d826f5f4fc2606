"""How well masks fit what a user shows of an object: a mask, a box or points.

Shapes: n shown objects, N masks, P points (x, y), H W pixels.
"""

import torch
from torch import Tensor

from .tubes import tube_iou


def region_overlap(regions: Tensor, masks: Tensor, boxes: Tensor) -> Tensor:
    """IoU of regions and masks, (n, N) float.

    Args:
        regions: (n, H, W) bool.
        masks: (N, H, W) bool.
        boxes: which regions are boxes, and compared with the masks' bounding boxes, (n,) bool.
    """
    by_box = tube_iou(regions, bounding_regions(masks))
    return torch.where(boxes[:, None], by_box, tube_iou(regions, masks))


def bounding_regions(masks: Tensor) -> Tensor:
    """Every mask's bounding box as a mask, (N, H, W) bool to (N, H, W) bool; an empty mask stays empty."""
    spans = []
    for axis in (-2, -1):  # columns, then rows, with pixels
        present = masks.any(axis).int()
        spans.append((present.cumsum(-1) > 0) & (present.flip(-1).cumsum(-1).flip(-1) > 0))
    return spans[0][:, None] & spans[1][..., None]


def point_overlap(points: Tensor, masks: Tensor) -> Tensor:
    """How well masks fit points: 0 for a mask without all of an object's points, else the higher the smaller it is.

    Args:
        points: (n, P, 2) in pixels, inside the frame.
        masks: (N, H, W) bool.

    Returns:
        (n, N) float, in [0, 1].
    """
    height, width = masks.shape[1:]
    x = points[..., 0].long().clamp(0, width - 1)
    y = points[..., 1].long().clamp(0, height - 1)
    inside = masks[:, y, x].all(-1).T
    areas = masks.flatten(1).sum(1)
    return inside * (1 - areas / (height * width + 1))[None]
