"""Memories of queries per class.

Shapes: n new queries, M stored queries, C classes, D width.
"""
import torch
from torch import Tensor, nn


class QueryQueue(nn.Module):
    """First-in-first-out queues of N_Q embeddings for each of C classes."""

    def __init__(self, num_classes: int, capacity: int, dim: int) -> None:
        super().__init__()
        self.capacity = capacity
        self.register_buffer('stored', torch.zeros(num_classes, capacity, dim))
        self.register_buffer('count', torch.zeros(num_classes, dtype=torch.long))

    @torch.no_grad()
    def push(self, labels: Tensor, embeddings: Tensor) -> None:
        for label in labels.unique().tolist():
            new = embeddings[labels == label]
            known = self.stored[label, :min(int(self.count[label]), self.capacity)]
            kept = torch.cat((known, new.to(known)))[-self.capacity:]
            self.stored[label, :len(kept)] = kept
            self.count[label] = len(kept)

    def _valid(self) -> Tensor:
        return torch.arange(self.capacity, device=self.count.device)[None] < self.count[:, None]

    def embeddings(self) -> Tensor:
        return self.stored[self._valid()]

    def labels(self) -> Tensor:
        classes = torch.arange(len(self.count), device=self.count.device)[:, None]
        return classes.expand(-1, self.capacity)[self._valid()]

    def fill(self) -> Tensor:
        return self.count.clone()


class Prototypes(nn.Module):
    """Running mean query of each class."""

    def __init__(self, num_classes: int, dim: int, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer('mean', torch.zeros(num_classes, dim))
        self.register_buffer('seen', torch.zeros(num_classes, dtype=torch.bool))

    @torch.no_grad()
    def update(self, labels: Tensor, queries: Tensor) -> None:
        for label in labels.unique().tolist():
            new = queries[labels == label].to(self.mean).mean(0)
            old = self.mean[label]
            self.mean[label] = self.momentum * old + (1 - self.momentum) * new if self.seen[label] else new
            self.seen[label] = True
