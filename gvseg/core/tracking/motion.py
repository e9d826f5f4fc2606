"""Places of tubes, their velocities, and where they are expected next; in numpy (see :mod:`gvseg.core.similarity`).

Shapes: N M tubes, T frames, S remembered places, h w mask pixels.
A place is a complex number x + i y in mask pixels, with which distances, velocities and lines cost one operation
instead of two; coordinates as in :mod:`gvseg.core.descriptors`.
"""

import numpy as np

from gvseg.core.descriptors.centroids import mask_centroids_numpy


def places_and_areas(masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centroids (N, T), any for an empty mask, and pixel counts (N, T) of boolean masks (N, T, h, w)."""
    centres, areas = mask_centroids_numpy(masks.reshape(-1, *masks.shape[2:]))
    return centres.reshape(masks.shape[:2]), areas.reshape(masks.shape[:2])


def estimate_velocities(places: np.ndarray, times: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Velocity of the straight line fitted to the known places by least squares; at least three are required.

    Args:
        places: (N, S) complex.
        times: when they were seen, in frames, (N, S).
        known: which entries count, (N, S) bool.

    Returns:
        Pixels per frame (N,) complex, and whether they are valid, (N,) bool.
    """
    return _line(places, times, known)[:2]


def extrapolate(places: np.ndarray, times: np.ndarray, known: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Places at other times on the straight line fitted to the known ones.

    A tube without a valid velocity is expected to stay at its last known place.

    Args:
        places, times, known: as :func:`estimate_velocities`.
        at: times asked for, (T,), or (N, T) where each tube has its own.

    Returns:
        (N, T) complex; 0 for a tube of which nothing is known.
    """
    speed, moves, mean_place, mean_time = _line(places, times, known)
    latest = np.where(known, times, -1).argmax(1)
    stay = places[np.arange(len(places)), latest] * known.any(1)
    start, speed = np.where(moves, mean_place, stay), speed * moves
    return start[:, None] + speed[:, None] * (at - mean_time[:, None])


def _line(
    places: np.ndarray, times: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Velocity, whether it is valid, mean place and mean time of the known places, (N,) each."""
    count = known.sum(1)
    divisor = np.maximum(count, 1)
    mean_time = (times * known).sum(1) / divisor
    offsets = (times - mean_time[:, None]) * known
    spread = (offsets * offsets).sum(1)
    speed = (offsets * places).sum(1) / np.maximum(spread, 1e-6)
    return speed, (count >= 3) & (spread > 0), (places * known).sum(1) / divisor, mean_time


def covered_share(masks: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Share of frames in which a place lies in a mask: (M, T, h, w) bool and (N, T) complex -> (N, M)."""
    height, width = masks.shape[-2:]
    x = np.clip(np.rint(places.real - 0.5), 0, width - 1).astype(np.int64)
    y = np.clip(np.rint(places.imag - 0.5), 0, height - 1).astype(np.int64)
    return masks[:, np.arange(masks.shape[1]), y, x].mean(-1).T
