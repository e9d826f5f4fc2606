"""Operations on descriptors: relative change (Eq. 10), mean over a clip, resizing to the width of a query.

Shapes: N tubes, T frames, u v angle and radius bins, D model width; "..." any leading dimensions.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .tables import cached_table


def to_query_dim(descriptors: Tensor, dim: int) -> Tensor:
    """Flatten descriptors and interpolate them linearly to the width of a query, (..., u, v) -> (..., D)."""
    flat = descriptors.flatten(-2)
    resized = F.interpolate(flat.reshape(-1, 1, flat.shape[-1]), dim, mode='linear', align_corners=False)
    return resized.view(*flat.shape[:-1], dim)


def descriptor_change(key: Tensor, other: Tensor) -> Tensor:
    """Relative change of a descriptor, |other - key| / |key| (Eq. 10).

    Args:
        key: (..., u, v).
        other: (..., u, v), broadcast against ``key``.

    Returns:
        (...), infinite where the key is zero (absent object).
    """
    norm = key.flatten(-2).norm(dim=-1)
    change = (other - key).flatten(-2).norm(dim=-1)
    return torch.where(norm > 0, change / norm, math.inf)


def clip_descriptor(descriptors: Tensor, present: Tensor) -> Tensor:
    """Mean over the frames where an object is present, zeros if there is none.

    Args:
        descriptors: (..., T, u, v).
        present: (..., T) bool.

    Returns:
        (..., u, v).
    """
    weight = present.to(descriptors)[..., None, None]
    return (descriptors * weight).sum(-3) / weight.sum(-3).clamp(min=1)


def end_frames(present: Tensor) -> Tensor:
    """First and last frame where each tube is present, (N, T) bool -> (N, 2) long; any for one that never is."""
    return (present[:, None] * _from_both_ends(present.shape[1], present.device)).argmax(-1)


@cached_table(maxsize=64)
def _from_both_ends(frames: int, device: torch.device) -> Tensor:
    """T, ..., 1 and 1, ..., T, (2, T)."""
    order = torch.arange(1, frames + 1, device=device)
    return torch.stack((order.flip(0), order))
