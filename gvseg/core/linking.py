"""Linking the queries of a clip to the slots of a video (paper Eq. 6).

In numpy: linking is hundreds of operations on a few numbers, which cost an accelerator's launch each, and a CPU the
more the heavier the library.

Shapes: N queries = slots, D model width.
"""
import numpy as np

from .matching import assign_arrays


def affinity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of every pair of rows, (N, D) and (M, D) -> (N, M) float32; a zero row is like nothing, 0."""
    return _unit(first) @ _unit(second).T


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.sqrt((rows * rows).sum(-1, keepdims=True))
    return rows / np.maximum(length, np.float32(1e-12))


def match_slots(scores: np.ndarray, allowed: np.ndarray | None = None) -> np.ndarray:
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


def complete(queries: np.ndarray) -> np.ndarray:
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
