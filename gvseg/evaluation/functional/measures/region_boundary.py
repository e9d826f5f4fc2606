"""J (region similarity) and F (boundary accuracy) of object masks.

Letters: H W size of a map, K objects.

Source: DAVIS (Perazzi et al. 2016) section 5 and the public scorer's definition. The disk dilation is a union of
shifted horizontal runs, computed inside the box around both masks: outside it no boundary pixel exists.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

BOUNDARY_TOLERANCE = 0.008


def boundary_radius(shape: tuple[int, int], tolerance: float = BOUNDARY_TOLERANCE) -> int:
    """Radius in pixels within which two boundaries agree: tolerance x image diagonal, rounded up; >= 1 is pixels."""
    return int(tolerance if tolerance >= 1 else np.ceil(tolerance * np.linalg.norm(shape)))


@lru_cache(maxsize=32)
def _run_lengths(radius: int) -> tuple[int, ...]:
    """Half width of a disk's row at each distance 0..radius from its centre."""
    return tuple(int(np.floor(np.sqrt(radius**2 - offset**2))) for offset in range(radius + 1))


def boundary_map(mask: np.ndarray) -> np.ndarray:
    """One pixel wide boundary: pixels that differ from their right, lower or lower-right neighbour.

    Args:
        mask: (H,W) uint8 of 0/1.

    Returns:
        (H,W) uint8 of 0/1; the last row looks right only, the last column down only, the last pixel is 0.
    """
    edge = np.zeros_like(mask)
    core = mask[:-1, :-1]
    inner = core ^ mask[:-1, 1:]
    inner |= core ^ mask[1:, :-1]
    inner |= core ^ mask[1:, 1:]
    edge[:-1, :-1] = inner
    edge[-1, :-1] = mask[-1, :-1] ^ mask[-1, 1:]
    edge[:-1, -1] = mask[:-1, -1] ^ mask[1:, -1]
    return edge


def dilate_disk(mask: np.ndarray, radius: int) -> np.ndarray:
    """Dilation of a (H,W) uint8 0/1 map by the disk x^2 + y^2 <= radius^2.

    The map lies in one flat buffer with `radius` zeros around, so that every shift is a shift of contiguous memory. A
    row of the disk is a horizontal run; runs grow from the disk's top row to its middle, each from the one before.
    """
    height, width = mask.shape
    stride = width + 2 * radius
    padded = np.zeros((height + 2 * radius, stride), np.uint8)
    padded[radius : radius + height, radius : radius + width] = mask
    source = padded.ravel()
    run, grown, half = source.copy(), np.zeros(height * stride, np.uint8), 0
    for offset in range(radius, -1, -1):
        while half < _run_lengths(radius)[offset]:
            half += 1
            run[half:] |= source[:-half]
            run[:-half] |= source[half:]
        for row in {radius - offset, radius + offset}:
            grown |= run[row * stride : row * stride + grown.size]
    return grown.reshape(height, stride)[:, radius : radius + width]


def _crop(target: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both (H,W) masks cut to their common box and one more pixel on each side that is inside the frame."""
    either = target | prediction
    rows, columns = (_span(either.any(axis)) for axis in (1, 0))
    return np.ascontiguousarray(target[rows, columns]), np.ascontiguousarray(prediction[rows, columns])


def _span(filled: np.ndarray) -> slice:
    """From one before the first filled place to one behind the last; nothing filled gives an empty span."""
    places = np.flatnonzero(filled)
    return slice(max(int(places[0]) - 1, 0), int(places[-1]) + 2) if len(places) else slice(0, 0)


def _count(mask: np.ndarray) -> int:
    """Pixels of a (H,W) uint8 map of 0/1; counting bools is faster than counting bytes."""
    return int(np.count_nonzero(mask.view(np.bool_)))


def _boundary_score(target: np.ndarray, prediction: np.ndarray, radius: int) -> float:
    """F of two cropped uint8 masks."""
    target_edge, predicted_edge = boundary_map(target), boundary_map(prediction)
    target_count, predicted_count = _count(target_edge), _count(predicted_edge)
    if not target_count or not predicted_count:
        return float(target_count == predicted_count)
    precision = _count(predicted_edge & dilate_disk(target_edge, radius)) / predicted_count
    recall = _count(target_edge & dilate_disk(predicted_edge, radius)) / target_count
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0


def mask_scores(target: np.ndarray, prediction: np.ndarray, radius: int) -> tuple[float, float]:
    """J and F of one object in one frame.

    Args:
        target, prediction: (H,W) uint8 of 0/1, one size.
        radius: boundary radius of the whole frame in pixels (`boundary_radius`).

    Returns:
        J = intersection / union, 1 when both are empty; F = harmonic mean of boundary precision and recall, 1 when
        both boundaries are empty, 0 when one is.
    """
    target, prediction = _crop(target, prediction)
    union = _count(target | prediction)
    if not union:
        return 1.0, 1.0
    return _count(target & prediction) / union, _boundary_score(target, prediction, radius)


def object_scores(
    target: np.ndarray, prediction: np.ndarray, objects: Sequence[int], tolerance: float = BOUNDARY_TOLERANCE
) -> np.ndarray:
    """J and F of every object of one frame.

    Args:
        target, prediction: (H,W) integer maps of object ids, one size.
        objects: the K ids to score.
        tolerance: boundary tolerance as a share of the diagonal.

    Returns:
        (K,2) float64: J, F.
    """
    radius = boundary_radius(target.shape, tolerance)
    scores = [
        mask_scores((target == identity).view(np.uint8), (prediction == identity).view(np.uint8), radius)
        for identity in objects
    ]
    return np.asarray(scores, np.float64).reshape(len(objects), 2)
