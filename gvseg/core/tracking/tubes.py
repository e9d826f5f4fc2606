"""Mask quality scores, overlap of tubes, and tube NMS.

Shapes: N M tubes, T frames, h w mask pixels.
"""

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Tubes = TypeVar('Tubes', np.ndarray, Tensor)


def mask_confidence(logits: Tensor) -> Tensor:
    """Mean probability over a tube's own pixels, 0 for a tube without any; (N,) from mask logits (N, T, h, w).

    The factor by which Mask2Former's instance inference multiplies class scores.
    """
    probabilities = logits.float().flatten(1).sigmoid()
    inside = probabilities > 0.5
    return (probabilities * inside).sum(1) / inside.sum(1).clamp(min=1)


def tube_iou(first: Tubes, second: Tubes) -> Tubes:
    """IoU of every pair of tubes over the frames given, (N, T, h, w) and (M, T, h, w) bool -> (N, M) float32."""
    if isinstance(first, Tensor):
        first, second = first.flatten(1).float(), second.flatten(1).float()
        common = first @ second.T
        return common / (first.sum(1)[:, None] + second.sum(1)[None] - common).clamp(min=1)
    first, second = (
        tubes.reshape(len(tubes), int(np.prod(tubes.shape[1:]))).astype(np.float32) for tubes in (first, second)
    )
    common = first @ second.T
    return common / np.maximum(first.sum(1)[:, None] + second.sum(1) - common, 1)


def tube_nms(masks: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Tubes that do not overlap a better one, (N,) bool.

    From the best down, a tube is kept if its IoU with every tube kept so far is below the threshold.

    Args:
        masks: (N, T, h, w) bool.
        scores: (N,).
        threshold: IoU from which the tube of the lower score is dropped.
    """
    overlap = tube_iou(masks, masks)
    kept = torch.zeros_like(scores, dtype=torch.bool)
    for index in scores.argsort(descending=True).tolist():
        kept[index] = not bool((overlap[index][kept] >= threshold).any())
    return kept
