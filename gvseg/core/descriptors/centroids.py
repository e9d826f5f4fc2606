"""Centroids and areas of masks, in torch and in numpy; coordinates as in :mod:`gvseg.core.descriptors`.

Shapes: N masks, H W pixels.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

CACHED_PIXELS = 2**20
"""Masks are converted to float in parts of this size; a copy of all at once leaves the cache, ten times slower."""


def mask_centroids(masks: Tensor) -> tuple[Tensor, Tensor]:
    """Centroids (x, y), (N, 2) float32, and pixels, (N,) long, of masks (N, H, W) bool.

    Sums are integers, so that they are the same on every device. An empty mask has its centroid at (0.5, 0.5).
    """
    height, width = masks.shape[-2:]
    columns, rows = masks.sum(1), masks.sum(2)
    area = columns.sum(1)
    x = (columns * torch.arange(width, device=masks.device)).sum(1)
    y = (rows * torch.arange(height, device=masks.device)).sum(1)
    exact = torch.float32 if sums_fit_float32(height, width) else torch.float64
    centroids = torch.stack((x, y), -1).to(exact) / area.clamp(min=1).to(exact)[:, None] + 0.5
    return centroids.float(), area


def mask_centroids_numpy(masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centroids x + i y, (N,) complex64, and pixels, (N,), of masks (N, H, W) bool, as :func:`mask_centroids`."""
    height, width = masks.shape[-2:]
    weights = pixel_weights(height, width)
    pixels, size = masks.reshape(len(masks), -1).view(np.uint8), max(CACHED_PIXELS // (height * width), 1)
    sums = np.concatenate(
        [pixels[first : first + size].astype(weights.dtype) @ weights for first in range(0, len(masks), size)]
    )
    areas = sums[:, 2]
    centroids = sums[:, :2] / np.maximum(areas, 1)[:, None] + 0.5
    return centroids.astype(np.float32).view(np.complex64)[:, 0], areas


@lru_cache(maxsize=16)
def pixel_weights(height: int, width: int) -> np.ndarray:
    """Column, row and 1 of every pixel, (H * W, 3), of a type in which their sums over a mask are exact."""
    exact = np.float32 if sums_fit_float32(height, width) else np.float64
    rows, columns = np.indices((height, width)).reshape(2, -1)
    return np.stack((columns, rows, np.ones_like(rows)), -1).astype(exact)


def sums_fit_float32(height: int, width: int) -> bool:
    """Whether the sum of a coordinate over all pixels is an integer that float32 represents."""
    return height * width * max(height, width) <= 2**24
