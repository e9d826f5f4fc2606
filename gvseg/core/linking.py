"""Linking the queries of a clip to the slots of a video (paper Eq. 6).

In numpy: linking is hundreds of operations on a few numbers, which cost an accelerator's launch each, and a CPU the
more the heavier the library.

Shapes: N slots, M queries, D model width, u v descriptor bins.
"""

import numpy as np

from .matching import assign_arrays

EPSILON = np.float32(1e-12)


def affinity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of every pair of rows, (N, D) and (M, D) -> (N, M) float32; a zero row is like nothing, 0."""
    return unit(first) @ unit(second).T


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows at length 1, zero rows as they are, (N, D)."""
    length = np.sqrt((rows * rows).sum(-1, keepdims=True))
    return rows / np.maximum(length, EPSILON)


def centred_affinity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of every pair of descriptors less the mean of all, (N, u, v) and (M, u, v) -> (N, M).

    Most bins of a descriptor mark what is off the frame, much the same for all objects; the mean takes that out. It is
    that of ``second``, the queries of one clip; zero descriptors (no pixels) are left out and are like nothing, 0.
    """
    first, second = first.reshape(len(first), -1), second.reshape(len(second), -1)
    known, found = first.any(1, keepdims=True), second.any(1, keepdims=True)
    mean = (second * found).sum(0) / max(found.sum(), 1)
    return affinity((first - mean) * known, (second - mean) * found)


def change_affinity(first: np.ndarray, second: np.ndarray, scale: float) -> np.ndarray:
    """exp(-dH / scale) with the relative change dH from first to second (Eq. 10), (N, u, v) and (M, u, v) -> (N, M).

    1 for equal descriptors; a zero descriptor (no pixels) is like nothing, 0.
    """
    first, second = (rows.reshape(len(rows), -1).astype(np.float64) for rows in (first, second))
    squares = (first * first).sum(1)[:, None]
    others = (second * second).sum(1)
    distance = np.sqrt(np.maximum(squares + others - 2 * first @ second.T, 0))
    change = distance / np.maximum(np.sqrt(squares), EPSILON)
    return (np.exp(-change / scale) * (squares > 0) * (others > 0)).astype(np.float32)


def hungarian_match(scores: np.ndarray, allowed: np.ndarray | None = None) -> np.ndarray:
    """Query of each slot in the one-to-one assignment of greatest total score (Eq. 6).

    Args:
        scores: of slot (row) and query (column), (N, M).
        allowed: (N, M) bool; ``None``: all pairs.

    Returns:
        (N,) int, -1 for a slot without a query.
    """
    rows, columns = assign_arrays(-scores, allowed)
    queries = np.full(len(scores), -1)
    queries[rows] = columns
    return queries


def fill_unmatched(queries: np.ndarray) -> np.ndarray:
    """From "query of each slot, -1: none" to "slot of each query": what is left over keeps its place if it can."""
    matched = queries >= 0
    slots = np.full(len(queries), -1)
    slots[queries[matched]] = matched.nonzero()[0]
    lone, free = (slots < 0).nonzero()[0].tolist(), (~matched).nonzero()[0].tolist()
    stay = set(lone) & set(free)
    rest = iter([slot for slot in free if slot not in stay])
    for query in lone:
        slots[query] = query if query in stay else next(rest)
    return slots
