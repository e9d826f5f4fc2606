"""Similarity of queries and of descriptors, every row with every other one; for torch and numpy.

Tracking runs in numpy: it is hundreds of operations on a few numbers, each of which costs an accelerator a launch.

Shapes: N M rows, D model width, u v descriptor bins.
"""

from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = np.float32(1e-12)
Rows = TypeVar('Rows', np.ndarray, Tensor)


def cosine_similarity(first: Rows, second: Rows) -> Rows:
    """Cosine of every pair of rows, (N, D) and (M, D) -> (N, M) float32; 0 for zero rows."""
    if isinstance(first, Tensor):
        with torch.autocast(first.device.type, enabled=False):
            return normalize(first.float()) @ normalize(second.float()).T
    return normalize(first) @ normalize(second).T


def normalize(rows: Rows) -> Rows:
    """Rows at length 1, zero rows as they are, (N, D)."""
    if isinstance(rows, Tensor):
        return F.normalize(rows, dim=-1)
    length = np.sqrt((rows * rows).sum(-1, keepdims=True))
    return rows / np.maximum(length, EPSILON)


def centred_similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of every pair of descriptors less the mean of all, (N, u, v) and (M, u, v) -> (N, M).

    Most bins of a descriptor mark what is off the frame, much the same for all objects; the mean takes that out. It is
    that of ``second``, the queries of one clip; zero descriptors (no pixels) are left out and have similarity 0.
    """
    first, second = first.reshape(len(first), -1), second.reshape(len(second), -1)
    known, found = first.any(1, keepdims=True), second.any(1, keepdims=True)
    mean = (second * found).sum(0) / max(found.sum(), 1)
    return cosine_similarity((first - mean) * known, (second - mean) * found)


def change_similarity(first: np.ndarray, second: np.ndarray, scale: float) -> np.ndarray:
    """exp(-dH / scale) with the relative change dH from first to second (Eq. 10), (N, u, v) and (M, u, v) -> (N, M).

    1 for equal descriptors, 0 for a zero descriptor (no pixels).
    """
    first, second = (rows.reshape(len(rows), -1).astype(np.float64) for rows in (first, second))
    squares = (first * first).sum(1)[:, None]
    others = (second * second).sum(1)
    distance = np.sqrt(np.maximum(squares + others - 2 * first @ second.T, 0))
    change = distance / np.maximum(np.sqrt(squares), EPSILON)
    return (np.exp(-change / scale) * (squares > 0) * (others > 0)).astype(np.float32)
