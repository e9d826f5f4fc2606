"""One-to-one assignment: of queries to ground truth in training, of queries to slots in tracking (paper Eq. 6).

Shapes: N queries or slots, M queries, K ground-truth tubes.
"""

from typing import overload

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


@overload
def assign(cost: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]: ...
@overload
def assign(cost: np.ndarray, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]: ...
def assign(cost, allowed=None):
    """One-to-one pairs: as many allowed ones as there can be, and of these the choice of least total cost.

    Args:
        cost: (N, K), a tensor or an array.
        allowed: (N, K) bool, of the same type; ``None``: all pairs. A forbidden pair is never returned.

    Returns:
        Rows and columns of the pairs, long, rows ascending, of the type and on the device of ``cost``.

    Raises:
        ValueError: a cost is NaN or infinite.
    """
    if not isinstance(cost, Tensor):
        return _assign_arrays(cost, allowed)
    permitted = None if allowed is None else allowed.detach().cpu().numpy()
    rows, columns = _assign_arrays(cost.detach().double().cpu().numpy(), permitted)
    return tuple(torch.as_tensor(index, dtype=torch.long, device=cost.device) for index in (rows, columns))


def _assign_arrays(cost: np.ndarray, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    cost = cost.astype(np.float64)
    if not np.isfinite(cost).all():
        raise ValueError(
            'assignment cost holds NaN or infinity: the predictions it is made of have diverged. '
            'Lower the learning rate, clip gradients, or train without half precision.'
        )
    if allowed is None:
        return linear_sum_assignment(cost)
    rows, columns = linear_sum_assignment(np.where(allowed, cost, _prohibitive(cost)))
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]


def _prohibitive(values: np.ndarray) -> float:
    """A cost that no exchange of other pairs outweighs; close to the others, so that sums stay precise."""
    if not values.size:
        return 0.0
    return float(values.max() + (values.max() - values.min() + 1) * (min(values.shape) + 1))


def assignment_matrix(rows: Tensor, columns: Tensor, num_rows: int, num_columns: int) -> Tensor:
    """A in {0, 1} of section 3.1, (N, K) float: 1 at the given pairs."""
    matrix = torch.zeros(num_rows, num_columns, device=rows.device)
    matrix[rows, columns] = 1
    return matrix


def hungarian_match(scores: np.ndarray, allowed: np.ndarray | None = None) -> np.ndarray:
    """Query of each slot in the one-to-one assignment of greatest total score (Eq. 6).

    Args:
        scores: of slot (row) and query (column), (N, M).
        allowed: (N, M) bool; ``None``: all pairs.

    Returns:
        (N,) int, -1 for a slot without a query.
    """
    rows, columns = assign(-scores, allowed)
    queries = np.full(len(scores), -1)
    queries[rows] = columns
    return queries


def fill_unmatched(queries: np.ndarray) -> np.ndarray:
    """Slot of each query, from the query of each slot (-1: none).

    Unmatched queries keep their index if that slot is free, else take the first free slot.
    """
    matched = queries >= 0
    slots = np.full(len(queries), -1)
    slots[queries[matched]] = matched.nonzero()[0]
    lone, free = (slots < 0).nonzero()[0].tolist(), (~matched).nonzero()[0].tolist()
    stay = set(lone) & set(free)
    rest = iter([slot for slot in free if slot not in stay])
    for query in lone:
        slots[query] = query if query in stay else next(rest)
    return slots
