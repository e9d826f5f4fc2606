"""Assignment and segmentation losses of Mask2Former on tubes.

Shapes: B clips, T frames, N queries, K tubes, P points, C classes, h w mask pixels, H W input pixels.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from mmdet.utils import reduce_mean
from mmengine.structures import InstanceData
from torch import Tensor, nn
from torch.nn.functional import grid_sample

from gvseg.core.query_set import QuerySet
from gvseg.core.tracking.assignment import assign
from gvseg.models.structures import Assignment, ClipBatch, DecoderOutput
from gvseg.utils.errors import ConfigError

from .point_sampling import PointSampling, sample_tubes, seeded, uncertain_points

MatchCost = Callable[..., Tensor]
"""One of mmdet's match costs: (pred_instances, gt_instances) -> (N, K)."""


class SetCriterion:
    """Hungarian assignment of queries to tubes, and the class, mask and dice losses of the pairs.

    Sums over ranks normalise every loss, so one process and several give the same loss for the same global batch; so
    do one iteration and several of which :meth:`set_loss_normalizers` has been told.

    Args:
        num_classes: classes without "no object" (C).
        class_weight: weight of each class in the class loss, "no object" last, (C + 1,).
        match_costs: what is summed up to the cost of a pair of query and tube.
        losses: ``cls``, ``mask`` and ``dice``, mmdet's modules.
        points: where the mask costs and losses are evaluated.
        mask_loss_norm: ``'mmdet'`` divides the mask loss by K P / T and sums over T frames, so that its weight is T^2
            beside T of the dice loss; ``'detectron2'`` divides by K P, so that both have T, as in Mask2Former-VIS and
            what builds on it, whose weights 5 and 5 are meant so.

    Raises:
        ConfigError: ``mask_loss_norm`` is none of these.
    """

    def __init__(
        self,
        num_classes: int,
        class_weight: Sequence[float],
        match_costs: Sequence[MatchCost],
        losses: Mapping[str, nn.Module],
        points: PointSampling,
        mask_loss_norm: str = 'mmdet',
    ) -> None:
        self.num_classes = num_classes
        self.class_weight = class_weight
        self.costs = match_costs
        self.losses = losses
        self.points = points
        self.mask_loss_norm = mask_loss_norm
        if self.mask_loss_norm not in ('mmdet', 'detectron2'):
            raise ConfigError(f"train_cfg.mask_loss_norm is 'mmdet' or 'detectron2', not {self.mask_loss_norm!r}")
        self.expected: Tensor | None = None

    def set_loss_normalizers(self, batches: list[ClipBatch], queries: int) -> None:
        """Divide losses from now on by means over several batches, whose iterations make one step of the optimiser.

        Args:
            batches: theirs, with targets. A tube counts if it will find a query; not if it had to be shown and is not.
            queries: N.
        """
        labels = [[_labels_of_shown(batch, clip) for clip in range(len(batch))] for batch in batches]
        weights = torch.tensor(self.class_weight)
        counts = [sum(map(len, batch)) for batch in labels]
        sums = [
            sum(float(weights[clip].sum() + weights[-1] * (queries - len(clip))) for clip in batch) for batch in labels
        ]
        self.expected = torch.tensor([counts, sums], dtype=torch.float32).mean(1)

    def __call__(self, decoded: DecoderOutput, clips: ClipBatch) -> tuple[dict[str, Tensor], list[Assignment]]:
        """Losses of all layers, named as mmdet does, and the last layer's assignments.

        Assignments that decoding already made are used again: each layer's Hungarian runs once.
        """
        losses: dict[str, Tensor] = {}
        assigned: list[Assignment] = []
        last = len(decoded.classes) - 1
        for index, (classes, masks) in enumerate(zip(decoded.classes, decoded.masks)):
            assigned = decoded.assignments[index] or self.assign(classes, masks, decoded.queries, clips, index)
            prefix = '' if index == last else f'd{index}.'
            values = self._layer_losses(classes, masks, assigned, clips, index)
            losses.update({f'{prefix}loss_{name}': value for name, value in values.items()})
        order = ('loss_cls', 'loss_mask', 'loss_dice')
        losses = {name: losses[name] for name in (*order, *(name for name in losses if name not in order))}
        return losses, assigned

    # Assignment -------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def assign(
        self, classes: Tensor, masks: Tensor, queries: QuerySet, clips: ClipBatch, layer: int
    ) -> list[Assignment]:
        """Minimal-cost assignment of every clip's queries to its tubes; classes (B, N, C+1), masks (B, N, T, h, w)."""
        return [
            self._assign_clip(
                classes[clip],
                masks[clip],
                clips.ground_truth[clip],
                queries.allowed(clip, clips.ground_truth[clip].labels, clips.ground_truth[clip].ids),
                self._random_points(clips, clip, layer, masks.device),
            )
            for clip in range(len(clips))
        ]

    def _random_points(self, clips: ClipBatch, clip: int, layer: int, device: torch.device) -> Tensor:
        """Anywhere in the clip's real frame, (P, 2)."""
        with seeded(self._seed(clips, clip, layer, 0), device):
            return torch.rand((1, self.points.count, 2), device=device)[0] * self._extent(clips, clip, device)

    def _extent(self, clips: ClipBatch, clip: int, device: torch.device) -> Tensor:
        """Width and height of a clip's real frame as fractions of the padded one, (1, 2)."""
        if self.points.in_padding:
            return torch.ones(1, 2, device=device)
        height, width = clips.input_shape
        size = clips.real_shapes[clip].flip(0)[None].to(device, torch.float32, non_blocking=True)
        return size / torch.tensor([[width, height]], device=device)

    def _assign_clip(
        self, classes: Tensor, masks: Tensor, target: InstanceData, allowed: Tensor | None, points: Tensor
    ) -> Assignment:
        if len(target.labels) == 0:
            empty = target.labels.new_zeros(0)
            return empty, empty
        predicted = InstanceData(scores=classes.float(), masks=sample_tubes(masks.float(), points))
        truth = InstanceData(labels=target.labels, masks=sample_tubes(target.masks.float(), points))
        cost = torch.stack([part(pred_instances=predicted, gt_instances=truth) for part in self.costs]).sum(0)
        return assign(cost, allowed)

    def _seed(self, clips: ClipBatch, clip: int, layer: int, purpose: int) -> int | None:
        return clips.seeds[clip] + 1000 * layer + purpose if self.points.seeded else None

    # Losses -----------------------------------------------------------------------------------------------------

    def _layer_losses(
        self, classes: Tensor, masks: Tensor, assigned: list[Assignment], clips: ClipBatch, layer: int
    ) -> dict[str, Tensor]:
        matched = [masks[clip, rows] for clip, (rows, _) in enumerate(assigned)]
        tubes = [target.masks[columns] for target, (_, columns) in zip(clips.ground_truth, assigned)]
        count = sum(len(rows) for rows, _ in assigned)
        total = self._mean_over_step(masks.new_tensor([float(count)], dtype=torch.float32), 0).clamp(min=1)
        losses = dict(cls=self._class_loss(classes, assigned, clips.ground_truth))
        if count == 0:
            return {**losses, 'mask': masks.sum() * 0, 'dice': masks.sum() * 0}
        predicted, truth = self._point_values(matched, tubes, clips, layer)
        points = self.points.count / (clips.frames if self.mask_loss_norm == 'mmdet' else 1)
        losses['mask'] = self.losses['mask'](predicted.reshape(-1), truth.reshape(-1), avg_factor=total * points)
        losses['dice'] = self.losses['dice'](predicted, truth, avg_factor=total)
        return losses

    def _class_loss(self, classes: Tensor, assigned: list[Assignment], targets: list[InstanceData]) -> Tensor:
        labels = torch.full(classes.shape[:2], self.num_classes, dtype=torch.long, device=classes.device)
        for clip, (rows, columns) in enumerate(assigned):
            labels[clip, rows] = targets[clip].labels[columns]
        labels = labels.flatten()
        weights = classes.new_tensor(self.class_weight, dtype=torch.float32)[labels]
        return self.losses['cls'](
            classes.flatten(0, 1).float(),
            labels,
            torch.ones_like(weights),
            avg_factor=self._mean_over_step(weights.sum(), 1),
        )

    def _mean_over_step(self, value: Tensor, place: int) -> Tensor:
        """Mean over all ranks of a value of this iteration, or of what was expected of it instead."""
        return reduce_mean(value if self.expected is None else self.expected[place].to(value.device).view_as(value))

    def _point_values(
        self, matched: list[Tensor], tubes: list[Tensor], clips: ClipBatch, layer: int
    ) -> tuple[Tensor, Tensor]:
        """Logits and truth of every matched frame at uncertain points, both (M * T, P)."""
        extents = [self._extent(clips, clip, matched[0].device) for clip in range(len(clips))]
        with torch.no_grad():
            if self.points.seeded:
                points = torch.cat(
                    [
                        self._points(part, self._seed(clips, clip, layer, 1), extents[clip])
                        for clip, part in enumerate(matched)
                        if len(part)
                    ]
                )
            else:
                extent = torch.cat([extent.expand(len(part), 2) for extent, part in zip(extents, matched)])
                points = self._points(torch.cat(matched), None, extent)
            truth = _at_points(torch.cat(tubes).float(), points)
        return _at_points(torch.cat(matched).float(), points), truth

    def _points(self, masks: Tensor, seed: int | None, extent: Tensor) -> Tensor:
        return uncertain_points(
            masks.float(), self.points.count, self.points.oversample_ratio, self.points.importance_ratio, seed, extent
        )


def _labels_of_shown(batch: ClipBatch, clip: int) -> Tensor:
    """Classes of a clip's tubes, or of those of them that exemplars show where there are exemplars."""
    target = batch.ground_truth[clip]
    if batch.exemplars is None:
        return target.labels
    return target.labels[torch.isin(target.ids, batch.exemplars[clip].ids)]


def _at_points(masks: Tensor, points: Tensor) -> Tensor:
    """Masks (M, T, h, w) at points (M * T, P, 2), fractions of the frame: (M * T, P)."""
    places = 2 * points[:, :, None] - 1
    return grid_sample(masks.flatten(0, 1).unsqueeze(1), places, align_corners=False)[:, 0, :, 0]
