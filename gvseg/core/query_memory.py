"""What is kept of the queries of each class over the training set (paper section 3.1, Eq. 9 and Fig. 4).

Shapes: n new queries, C classes, D width.
Both memories are modules, so that their buffers are saved, moved and resumed with the model.
"""

import torch
from torch import Tensor, nn


def check_labels(labels: Tensor, num_classes: int) -> list[int]:
    """The classes that occur, ascending.

    Raises:
        ValueError: a label is not in [0, C).
    """
    found = labels.unique().tolist()
    if found and not 0 <= found[0] <= found[-1] < num_classes:
        raise ValueError(
            f'labels {found} do not fit a memory of {num_classes} classes: '
            'num_classes of the model and of the data set differ'
        )
    return found


class QueryQueue(nn.Module):
    """First-in-first-out queues of at most N_Q embeddings for each of C classes.

    Invariant: row c of ``stored`` holds ``count[c]`` embeddings of class c, the oldest first, then zeros.

    Args:
        num_classes: C.
        capacity: N_Q.
        dim: D.
    """

    stored: Tensor
    count: Tensor

    def __init__(self, num_classes: int, capacity: int, dim: int) -> None:
        super().__init__()
        self.capacity = capacity
        self.register_buffer('stored', torch.zeros(num_classes, capacity, dim))
        self.register_buffer('count', torch.zeros(num_classes, dtype=torch.long))

    @torch.no_grad()
    def push(self, labels: Tensor, embeddings: Tensor) -> None:
        """Put embeddings (n, D) of classes ``labels`` (n,) in, in their order; the oldest of a full class leave.

        Raises:
            ValueError: a label is not in [0, C).
        """
        for label in check_labels(labels, len(self.count)):
            known = self.stored[label, : int(self.count[label])]
            kept = torch.cat((known, embeddings[labels == label].to(known)))[-self.capacity :]
            self.stored[label, : len(kept)] = kept
            self.count[label] = len(kept)

    def places(self) -> tuple[Tensor, Tensor, Tensor]:
        """All C N_Q places: embeddings (C N_Q, D), their classes (C N_Q,) long, and which are taken (C N_Q,) bool.

        Class by class and the oldest first; of fixed length, for which no device has to be waited for.
        """
        classes = torch.arange(len(self.count), device=self.count.device)
        return self.stored.flatten(0, 1), classes.repeat_interleave(self.capacity), self._filled().flatten()

    def fill(self) -> Tensor:
        """Embeddings stored of each class, (C,) long."""
        return self.count.clone()

    def _filled(self) -> Tensor:
        """Places that are taken, (C, N_Q) bool."""
        return torch.arange(self.capacity, device=self.count.device) < self.count[:, None]


class Prototypes(nn.Module):
    """Running mean of the queries of each class.

    Args:
        num_classes: C.
        dim: D.
        momentum: share of the old mean that an update keeps, in [0, 1).

    Raises:
        ValueError: the momentum is out of range.
    """

    mean: Tensor
    seen: Tensor

    def __init__(self, num_classes: int, dim: int, momentum: float) -> None:
        super().__init__()
        if not 0 <= momentum < 1:
            raise ValueError(f'momentum must be in [0, 1), not {momentum}')
        self.momentum = momentum
        self.register_buffer('mean', torch.zeros(num_classes, dim))
        self.register_buffer('seen', torch.zeros(num_classes, dtype=torch.bool))

    @torch.no_grad()
    def update(self, labels: Tensor, queries: Tensor) -> None:
        """Move each class that occurs towards the mean of its queries; its first queries are its mean.

        Args:
            labels: (n,) long.
            queries: (n, D).

        Raises:
            ValueError: a label is not in [0, C).
        """
        for label in check_labels(labels, len(self.seen)):
            new = queries[labels == label].to(self.mean).mean(0)
            kept = self.momentum * self.seen[label]
            self.mean[label] = kept * self.mean[label] + (1 - kept) * new
            self.seen[label] = True
