"""A data set, a model and a metric of a few lines, so that tests of the tools take seconds.

Reached with this folder on PYTHONPATH and ``custom_imports=dict(imports=['toy_parts'])``.
"""

import errno
import os
from collections.abc import Sequence

import torch
from mmengine.evaluator import BaseMetric
from mmengine.fileio import LocalBackend
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, HOOKS, METRICS, MODELS
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils.data import Dataset


@DATASETS.register_module()
class ToyPoints(Dataset):
    """Points of four numbers; the label is whether their sum is positive.

    Args:
        size (int): How many points.
    """

    metainfo = dict(classes=('negative', 'positive'))

    def __init__(self, size: int) -> None:
        self.points = torch.randn(size, 4, generator=torch.Generator().manual_seed(7))

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        point = self.points[index]
        return dict(inputs=point, data_samples=(point.sum() > 0).long())


@MODELS.register_module()
class ToyClassifier(BaseModel):
    """Two linear layers; one output more than classes, as in Mask2Former.

    Args:
        num_classes (int): Number of classes.
        fails_at (int): Iteration whose loss is not a number; 0: none.
    """

    def __init__(self, num_classes: int = 2, fails_at: int = 0) -> None:
        super().__init__()
        self.left = fails_at
        self.hidden = nn.Linear(4, 8)
        self.cls_embed = nn.Linear(8, num_classes + 1)

    def forward(
        self, inputs: Sequence[Tensor], data_samples: Sequence[Tensor] | None = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list | Tensor:
        """Loss, predictions (with their labels), or scores."""
        scores = self.cls_embed(torch.tanh(self.hidden(torch.stack(list(inputs)))))
        if mode == 'loss':
            self.left -= 1
            scores = scores * float('nan') if self.left == 0 else scores
            return dict(loss=nn.functional.cross_entropy(scores.float(), torch.stack(list(data_samples))))
        if mode == 'predict':
            return [dict(right=bool(row.argmax() == label)) for row, label in zip(scores, data_samples)]
        return scores


@METRICS.register_module()
class ToyAccuracy(BaseMetric):
    """Share of right predictions."""

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep one flag for each sample."""
        self.results.extend(sample['right'] for sample in data_samples)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Mean of the flags."""
        return dict(accuracy=sum(results) / len(results))


@HOOKS.register_module()
class FullDiskHook(Hook):
    """Pretends that the disk is full from some checkpoint on: half of the file gets written.

    Args:
        whole_files (int): Files that still fit.
    """

    def __init__(self, whole_files: int) -> None:
        self.room = whole_files

    def before_train(self, runner: Runner) -> None:
        """Put the full disk under mmengine's writer."""
        write = LocalBackend.put

        def put(backend: LocalBackend, content: bytes, path: str) -> None:
            self.room -= 1
            write(backend, content if self.room >= 0 else content[: len(content) // 2], path)
            if self.room < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        LocalBackend.put = put
