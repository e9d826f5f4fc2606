"""Class and identity of a pixel as one number, and numbers as colours. Works on numpy arrays, tensors and ints alike.

Shapes: H W pixels; "..." any shape.
"""
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

PANOPTIC_DIVISOR = 2**16
VOID = -1
"""Category, and packed id, of a pixel that belongs to no segment."""

Numbers = TypeVar('Numbers', int, np.ndarray, Tensor)


def highest(layers: Tensor) -> Tensor:
    """Which layer is highest at each pixel, the first of equals: (n, ...) -> (...) long, n >= 1.

    ``layers.argmax(0)``, for which a CPU walks through memory pixel by pixel, 3 to 14 times slower.
    """
    backwards = torch.arange(len(layers), 0, -1, dtype=torch.int16, device=layers.device)
    found = (layers == layers.amax(0)) * backwards.view(-1, *(1, ) * (layers.dim() - 1))
    return (len(layers) - found.amax(0).long()).clamp_(max=len(layers) - 1)


def pack(category: Numbers, instance: Numbers) -> Numbers:
    """category * PANOPTIC_DIVISOR + instance, VOID where the category is VOID, in 64 bits.

    Args:
        category: contiguous label, (...).
        instance: 0 for stuff, at least 1 for things, (...).

    Raises:
        ValueError: an instance does not fit below the divisor.
    """
    category, instance = _wide(category), _wide(instance)
    if bool(((instance < 0) | (instance >= PANOPTIC_DIVISOR)).any()):
        raise ValueError(f'instance ids must be in [0, {PANOPTIC_DIVISOR})')
    known = _wide(category >= 0)
    return (category * PANOPTIC_DIVISOR + instance) * known + VOID * (1 - known)


def unpack(packed: Numbers) -> tuple[Numbers, Numbers]:
    """(category, instance) of packed ids (...); VOID becomes (VOID, 0)."""
    packed = _wide(packed)
    known = _wide(packed >= 0)
    return packed // PANOPTIC_DIVISOR * known + VOID * (1 - known), packed % PANOPTIC_DIVISOR * known


def rgb_to_id(colors: Numbers) -> Numbers:
    """Ids (H, W) = R + 256 G + 65536 B of colours (H, W, 3), as in COCO's panoptic PNG files."""
    colors = _wide(colors)
    return colors[..., 0] + 256 * colors[..., 1] + 65536 * colors[..., 2]


def id_to_rgb(ids: Numbers) -> Numbers:
    """Colours (H, W, 3) uint8 of ids (H, W).

    Raises:
        ValueError: an id does not fit 24 bits.
    """
    ids = _wide(ids)
    if bool(((ids < 0) | (ids >= 2**24)).any()):
        raise ValueError('ids must be in [0, 2^24) to be written as colours')
    channels = [ids % 256, ids // 256 % 256, ids // 65536]
    if isinstance(ids, Tensor):
        return torch.stack(channels, -1).to(torch.uint8)
    return np.stack(channels, -1).astype(np.uint8)


def _wide(values: Numbers) -> Numbers:
    """As 64-bit integers: uint8 labels would overflow."""
    return values.long() if isinstance(values, Tensor) else np.asarray(values).astype(np.int64)[()]
