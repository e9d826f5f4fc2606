"""J (region similarity) and F (boundary accuracy) of object masks.

Shapes: H W size of a map, K objects.

Source: DAVIS (Perazzi et al. 2016) section 5 and the public scorer's definition. The disk dilation is a union of
shifted horizontal runs, computed inside the common bounding box of both masks, which contains all boundary pixels.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

BOUNDARY_TOLERANCE = 0.008


@lru_cache(maxsize=32)
def boundary_radius(shape: tuple[int, int], tolerance: float = BOUNDARY_TOLERANCE) -> int:
    """Boundary matching radius in pixels: tolerance x image diagonal, rounded up; a tolerance >= 1 is in pixels."""
    return int(tolerance if tolerance >= 1 else np.ceil(tolerance * np.linalg.norm(shape)))


@lru_cache(maxsize=32)
def _run_lengths(radius: int) -> tuple[int, ...]:
    """Half width of a disk's row at each distance 0..radius from its centre."""
    return tuple(int(np.floor(np.sqrt(radius**2 - offset**2))) for offset in range(radius + 1))


def boundary_map(masks: np.ndarray) -> np.ndarray:
    """One pixel wide boundaries: pixels that differ from their right, lower or lower-right neighbour.

    Args:
        masks: (...,H,W) uint8 of 0/1.

    Returns:
        (...,H,W) uint8 of 0/1; the last row is compared only to the right, the last column only downwards; the last
        pixel is 0.
    """
    height, width = masks.shape[-2:]
    # With the last row and column repeated, a neighbour is a shift of the flat array.
    padded = np.empty((*masks.shape[:-2], height + 1, width + 1), np.uint8)
    padded[..., :height, :width] = masks
    padded[..., height, :width] = masks[..., -1, :]
    padded[..., width] = padded[..., width - 1]
    edges, flat = np.empty_like(padded), padded.reshape(-1)
    core = flat[: -width - 2]
    edge = edges.reshape(-1)[: core.size]
    np.bitwise_xor(core, flat[1 : -width - 1], out=edge)
    edge |= core ^ flat[width + 1 : -1]
    edge |= core ^ flat[width + 2 :]
    return edges[..., :height, :width]


def dilate_disk(masks: np.ndarray, radius: int) -> np.ndarray:
    """Dilation of (H,W) or (N,H,W) uint8 0/1 maps by the disk x^2 + y^2 <= radius^2.

    The maps are stored in one flat buffer, each padded by `radius` zeros, so that every shift is an offset into it. A
    row of the disk is a horizontal run; runs grow from the disk's top row to its middle, each built from the previous
    one.
    """
    height, width = masks.shape[-2:]
    stride, tall = width + 2 * radius, height + 2 * radius
    padded = np.zeros((*masks.shape[:-2], tall, stride), np.uint8)
    padded[..., radius : radius + height, radius : radius + width] = masks
    source = padded.ravel()
    run, half = source.copy(), 0
    grown = np.zeros(source.size, np.uint8)
    inside = grown[: source.size - 2 * radius * stride]
    for offset in range(radius, -1, -1):
        while half < _run_lengths(radius)[offset]:
            half += 1
            run[half:] |= source[:-half]
            run[:-half] |= source[half:]
        for row in {radius - offset, radius + offset}:
            inside |= run[row * stride : row * stride + inside.size]
    return grown.reshape(padded.shape)[..., :height, radius : radius + width]


def _crop(target: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """(2,h,w) uint8: both (H,W) bool masks cropped to their common box, extended by one pixel within the frame."""
    either = target | prediction
    rows = _span(either.any(1))
    columns = _span(either[rows].any(0))
    return np.stack((target[rows, columns], prediction[rows, columns])).view(np.uint8)


def _span(filled: np.ndarray) -> slice:
    """Slice from one before the first true element to one after the last; empty if there is none."""
    places = filled.nonzero()[0]
    return slice(max(int(places[0]) - 1, 0), int(places[-1]) + 2) if len(places) else slice(0, 0)


def _count(mask: np.ndarray) -> int:
    """Number of ones in a uint8 map of 0/1; counting bools is faster than counting bytes."""
    return int(np.count_nonzero(mask.view(np.bool_)))


def _boundary_score(pair: np.ndarray, radius: int) -> float:
    """F of two cropped masks, (2,h,w) uint8."""
    edges = boundary_map(pair)
    target_count, predicted_count = _count(edges[0]), _count(edges[1])
    if not target_count or not predicted_count:
        return float(target_count == predicted_count)
    near = dilate_disk(edges, radius)
    precision = _count(edges[1] & near[0]) / predicted_count
    recall = _count(edges[0] & near[1]) / target_count
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0


def mask_scores(target: np.ndarray, prediction: np.ndarray, radius: int) -> tuple[float, float]:
    """J and F of one object in one frame.

    Args:
        target, prediction: (H,W) bool, or uint8 of 0/1, of the same size.
        radius: boundary radius of the whole frame in pixels (`boundary_radius`).

    Returns:
        J = intersection / union, 1 if both are empty; F = harmonic mean of boundary precision and recall, 1 if
        both boundaries are empty, 0 when one is.
    """
    pair = _crop(target.view(np.bool_), prediction.view(np.bool_))
    union = _count(pair[0] | pair[1])
    if not union:
        return 1.0, 1.0
    return _count(pair[0] & pair[1]) / union, _boundary_score(pair, radius)


def object_scores(
    target: np.ndarray, prediction: np.ndarray, objects: Sequence[int], tolerance: float = BOUNDARY_TOLERANCE
) -> np.ndarray:
    """J and F of every object of one frame.

    Args:
        target, prediction: (H,W) integer maps of object ids, of the same size.
        objects: the K ids to score.
        tolerance: boundary tolerance as a fraction of the diagonal.

    Returns:
        (K,2) float64: J, F.
    """
    radius = boundary_radius(target.shape, tolerance)
    scores = [mask_scores(target == identity, prediction == identity, radius) for identity in objects]
    return np.asarray(scores, np.float64).reshape(len(objects), 2)
