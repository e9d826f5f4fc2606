"""Some rows of a layer that several heads share.

Shapes: N queries, C classes, D model width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ClassRows(nn.Module):
    """A class head that gives the logits of some of the classes of a shared one, and of "no object".

    Other classes get no logit, so they take part neither in the loss nor in the output.

    Args:
        shared: linear layer with one row per class of all data sets, "no object" last.
        classes: its rows for the classes of one data set, in that data set's order.
    """

    rows: Tensor

    def __init__(self, shared: nn.Linear, classes: list[int]) -> None:
        super().__init__()
        self.shared = shared
        self.register_buffer('rows', torch.tensor([*classes, shared.out_features - 1]), persistent=False)

    def forward(self, queries: Tensor) -> Tensor:
        """Logits (..., C + 1) of queries (..., D)."""
        rows = self.rows.to(self.shared.weight.device)
        return F.linear(queries, self.shared.weight[rows], self.shared.bias[rows])


class TableRows(nn.Module):
    """Some rows of a shared table of learned queries.

    Args:
        shared: the table.
        rows: which of its rows, in order.
    """

    rows: Tensor

    def __init__(self, shared: nn.Embedding, rows: list[int]) -> None:
        super().__init__()
        self.shared = shared
        self.register_buffer('rows', torch.tensor(rows, dtype=torch.long), persistent=False)

    @property
    def weight(self) -> Tensor:
        """The rows, (N, D)."""
        return self.shared.weight[self.rows.to(self.shared.weight.device)]
