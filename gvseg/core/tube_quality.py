"""How sure a network is of the shape of a tube, and which tubes repeat others.

Shapes: N M tubes, T frames, h w mask pixels.
"""

import torch
from torch import Tensor


def mask_confidence(logits: Tensor) -> Tensor:
    """Mean probability over a tube's own pixels, 0 for a tube without any; (N,) from mask logits (N, T, h, w).

    The factor by which Mask2Former's instance inference multiplies class scores.
    """
    probabilities = logits.float().flatten(1).sigmoid()
    inside = probabilities > 0.5
    return (probabilities * inside).sum(1) / inside.sum(1).clamp(min=1)


def tube_iou(first: Tensor, second: Tensor) -> Tensor:
    """IoU of every pair of tubes, (N, T, h, w) and (M, T, h, w) bool -> (N, M)."""
    first, second = first.flatten(1).float(), second.flatten(1).float()
    common = first @ second.T
    return common / (first.sum(1)[:, None] + second.sum(1)[None] - common).clamp(min=1)


def tube_nms(masks: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Tubes that do not repeat a better one, (N,) bool.

    From the best down, a tube is kept if its IoU with every tube kept so far is below the threshold.

    Args:
        masks: (N, T, h, w) bool.
        scores: (N,).
        threshold: greatest IoU of two kept tubes, exclusive.
    """
    overlap = tube_iou(masks, masks)
    kept = torch.zeros_like(scores, dtype=torch.bool)
    for index in scores.argsort(descending=True).tolist():
        kept[index] = not bool((overlap[index][kept] >= threshold).any())
    return kept
