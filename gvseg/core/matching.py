"""One-to-one assignment and affinity between queries.

Shapes: N M queries, K tubes, D model width.
"""
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

FORBIDDEN = 1e9


def assign(cost: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Pairs of least total cost, (rows, columns); forbidden pairs are never among them.

    Args:
        cost: (N, K).
        allowed: (N, K) bool, ``None``: all pairs.

    Raises:
        ValueError: a cost is not finite.
    """
    values = cost.detach().float().cpu()
    if not bool(torch.isfinite(values).all()):
        raise ValueError('assignment cost holds NaN or infinity: the predictions it comes from have diverged')
    if allowed is not None:
        values = values.masked_fill(~allowed.cpu(), FORBIDDEN)
    rows, columns = (torch.from_numpy(index) for index in linear_sum_assignment(values.numpy()))
    keep = values[rows, columns] < FORBIDDEN
    return rows[keep].to(cost.device), columns[keep].to(cost.device)


def assignment_matrix(rows: Tensor, columns: Tensor, num_rows: int, num_columns: int) -> Tensor:
    """A in {0, 1}, (N, K)."""
    matrix = torch.zeros(num_rows, num_columns, device=rows.device)
    matrix[rows, columns] = 1
    return matrix


def affinity(first: Tensor, second: Tensor) -> Tensor:
    """Cosine of every pair of rows, (N, M); a zero vector is like nothing."""
    normal = torch.nn.functional.normalize
    return normal(first.float(), dim=-1) @ normal(second.float(), dim=-1).T


def match_slots(scores: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Column of each row in the assignment of greatest total affinity, (N,), -1: none."""
    rows, columns = assign(-scores, allowed)
    matched = torch.full((len(scores), ), -1, dtype=torch.long, device=scores.device)
    matched[rows] = columns
    return matched
