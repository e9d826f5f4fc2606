"""Assignment of queries to ground-truth tubes.

Shapes: B clips, N queries, K tubes, P points, T frames, C classes, h w mask pixels.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from gvseg.core.query_set import QuerySet
from gvseg.core.tracking.assignment import assign
from gvseg.models.structures import Assignment, ClipBatch

from .point_sampling import PointSampling, generator, sample_tubes

MatchCost = Callable[..., Tensor]
"""One of mmdet's match costs: (pred_instances, gt_instances) -> (N, K)."""


class Prediction(NamedTuple):
    """What is assigned: index of the decoder layer, class logits (B, N, C + 1) and mask logits (B, N, T, h, w)."""

    layer: int
    classes: Tensor
    masks: Tensor


class TubeAssigner:
    """Minimal-cost assignment of every clip's queries to its tubes.

    The Hungarian runs on the host. The costs of all given clips and layers go there in one copy, and
    the pairs come back in one, so that an accelerator is waited for once.

    Args:
        costs: costs of a pair of query and tube, summed.
        points: where mask costs are evaluated.
    """

    def __init__(self, costs: Sequence[MatchCost], points: PointSampling) -> None:
        self.costs = costs
        self.points = points

    @torch.no_grad()
    def __call__(self, predictions: list[Prediction], queries: QuerySet, clips: ClipBatch) -> list[list[Assignment]]:
        """Per prediction and clip the indices of queries and of their tubes."""
        permitted = [queries.allowed(clip, target.labels, target.ids) for clip, target in enumerate(clips.ground_truth)]
        costs = [self._cost(prediction, clips, clip) for prediction in predictions for clip in range(len(clips))]
        on_host = _on_host([*costs, *permitted])
        allowed = on_host[len(costs) :] * len(predictions)
        pairs = [assign(cost, mask > 0) for cost, mask in zip(on_host, allowed)]
        found = _on_device(pairs, clips.ground_truth[0].labels.device)
        return [found[first : first + len(clips)] for first in range(0, len(found), len(clips))]

    def _cost(self, prediction: Prediction, clips: ClipBatch, clip: int) -> Tensor:
        """Cost of every pair of one clip, (N, K)."""
        target, masks = clips.ground_truth[clip], prediction.masks[clip]
        if len(target.labels) == 0:
            return masks.new_zeros((len(masks), 0), dtype=torch.float32)
        draws = generator(self.points.seed(clips, clip, prediction.layer, 0), masks.device)
        points = torch.rand((1, self.points.count, 2), device=masks.device, generator=draws)[0]
        points = points * self.points.extent(clips, clip, masks.device)
        predicted = InstanceData(scores=prediction.classes[clip].float(), masks=sample_tubes(masks.float(), points))
        truth = InstanceData(labels=target.labels, masks=sample_tubes(target.masks.float(), points))
        return torch.stack([part(pred_instances=predicted, gt_instances=truth) for part in self.costs]).sum(0)


def _on_host(matrices: list[Tensor]) -> list[np.ndarray]:
    """Matrices on a device as arrays, in one copy."""
    flat = torch.cat([matrix.float().flatten() for matrix in matrices]).cpu().numpy()
    ends = np.cumsum([matrix.numel() for matrix in matrices])
    return [part.reshape(matrix.shape) for part, matrix in zip(np.split(flat, ends[:-1]), matrices)]


def _on_device(pairs: list[tuple[np.ndarray, np.ndarray]], device: torch.device) -> list[Assignment]:
    """Pairs of index arrays as tensors, in one copy."""
    flat = torch.from_numpy(np.concatenate([np.stack(pair) for pair in pairs], 1)).to(device, torch.long)
    return [tuple(part) for part in flat.split([len(rows) for rows, _ in pairs], 1)]
