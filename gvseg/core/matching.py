"""One-to-one assignment, and affinity between queries (of slots: see :mod:`.linking`).

Shapes: N M queries, K ground-truth tubes, D model width.
"""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def assign(cost: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """One-to-one pairs: as many allowed ones as there can be, and of these the choice of least total cost.

    Args:
        cost: (N, K).
        allowed: (N, K) bool; ``None``: all pairs. A forbidden pair is never returned.

    Returns:
        rows and columns of the pairs, long, rows ascending, on the device of ``cost``.

    Raises:
        ValueError: a cost is NaN or infinite.
    """
    permitted = None if allowed is None else allowed.detach().cpu().numpy()
    pairs = assign_arrays(cost.detach().double().cpu().numpy(), permitted)
    return tuple(torch.as_tensor(index, dtype=torch.long, device=cost.device) for index in pairs)


def assign_arrays(cost: np.ndarray, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """:func:`assign` of numpy arrays."""
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
    """A cost that no exchange of other pairs can make up for; close to the rest, so that sums stay precise."""
    if not values.size:
        return 0.0
    return float(values.max() + (values.max() - values.min() + 1) * (min(values.shape) + 1))


def assignment_matrix(rows: Tensor, columns: Tensor, num_rows: int, num_columns: int) -> Tensor:
    """A in {0, 1} of section 3.1, (N, K) float: 1 at the given pairs."""
    matrix = torch.zeros(num_rows, num_columns, device=rows.device)
    matrix[rows, columns] = 1
    return matrix


def affinity(first: Tensor, second: Tensor) -> Tensor:
    """Cosine of every pair of rows, (N, D) and (M, D) -> (N, M) float32; a zero row is like nothing, 0."""
    with torch.autocast(first.device.type, enabled=False):
        return F.normalize(first.float(), dim=-1) @ F.normalize(second.float(), dim=-1).T
