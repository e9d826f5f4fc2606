"""How sure a network is of the shape of a tube.

Shapes: N tubes, T frames, h w mask pixels.
"""
from torch import Tensor


def mask_confidence(logits: Tensor) -> Tensor:
    """Mean probability over a tube's own pixels, 0 for a tube without any; (N,) from mask logits (N, T, h, w).

    The factor by which Mask2Former's instance inference multiplies class scores.
    """
    probabilities = logits.float().flatten(1).sigmoid()
    inside = probabilities > 0.5
    return (probabilities * inside).sum(1) / inside.sum(1).clamp(min=1)
