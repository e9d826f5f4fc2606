"""Assignment and segmentation losses of Mask2Former on tubes.

Shapes: B clips, T frames, N queries, K tubes, P points, C classes, h w mask pixels, H W input pixels.
"""

from collections.abc import Mapping, Sequence

import torch
from mmdet.utils import reduce_mean
from mmengine.structures import InstanceData
from torch import Tensor, nn
from torch.nn.functional import grid_sample

from gvseg.models.structures import Assignment, ClipBatch, DecoderOutput
from gvseg.utils.errors import ConfigError

from .point_sampling import PointSampling, uncertain_points
from .tube_assignment import MatchCost, Prediction, TubeAssigner


class SetCriterion:
    """Hungarian assignment of queries to tubes, and the class, mask and dice losses of the pairs.

    Sums over ranks normalise every loss, so the loss of a global batch does not depend on the number of processes, nor,
    after :meth:`set_loss_normalizers`, on the number of iterations it is cut into.

    Args:
        num_classes: classes without "no object" (C).
        class_weight: weight of each class in the class loss, "no object" last, (C + 1,).
        match_costs: costs of a pair of query and tube, summed.
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
        self.assigner = TubeAssigner(match_costs, points)
        self.losses = losses
        self.points = points
        self.mask_loss_norm = mask_loss_norm
        if self.mask_loss_norm not in ('mmdet', 'detectron2'):
            raise ConfigError(f"train_cfg.mask_loss_norm is 'mmdet' or 'detectron2', not {self.mask_loss_norm!r}")
        self.expected: Tensor | None = None

    def set_loss_normalizers(self, batches: list[ClipBatch], queries: int) -> None:
        """Normalise losses from now on by means over several batches, whose gradients make one optimiser step.

        Args:
            batches: these, with targets. A tube without an exemplar does not count where there are exemplars.
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

        Assignments made while decoding are reused: each layer is assigned once.
        """
        losses: dict[str, Tensor] = {}
        assignments: list[list[Assignment]] = []
        count = len(decoded.classes)
        # Points of the global stream are drawn in mmdet's order: those of a layer's costs, those of its losses.
        for layers in [range(count)] if self.points.seeded else [[index] for index in range(count)]:
            assignments = self._assign(layers, decoded, clips)
            labels = [self._labels(decoded.classes[0], assigned, clips.ground_truth) for assigned in assignments]
            normalizers = self._normalizers(assignments, labels)
            for index, assigned, wanted, means in zip(layers, assignments, labels, normalizers):
                values = dict(cls=self._class_loss(decoded.classes[index], wanted, means))
                values.update(self._mask_losses(decoded.masks[index], assigned, clips, index, means))
                prefix = '' if index == count - 1 else f'd{index}.'
                losses.update({f'{prefix}loss_{name}': value for name, value in values.items()})
        order = ('loss_cls', 'loss_mask', 'loss_dice')
        losses = {name: losses[name] for name in (*order, *(name for name in losses if name not in order))}
        return losses, assignments[-1]

    def _assign(self, layers: Sequence[int], decoded: DecoderOutput, clips: ClipBatch) -> list[list[Assignment]]:
        """Assignments of these layers: those that decoding has made, and the others in one go."""
        known = [decoded.assignments[index] for index in layers]
        missing = [
            Prediction(index, decoded.classes[index], decoded.masks[index])
            for index, assigned in zip(layers, known)
            if assigned is None
        ]
        found = iter(self.assigner(missing, decoded.queries, clips) if missing else ())
        return [next(found) if assigned is None else assigned for assigned in known]

    def _labels(self, classes: Tensor, assigned: list[Assignment], targets: list[InstanceData]) -> Tensor:
        """Target class of each query of every clip, (B * N,)."""
        labels = torch.full(classes.shape[:2], self.num_classes, dtype=torch.long, device=classes.device)
        for clip, (rows, columns) in enumerate(assigned):
            labels[clip, rows] = targets[clip].labels[columns]
        return labels.flatten()

    def _normalizers(self, assignments: list[list[Assignment]], labels: list[Tensor]) -> Tensor:
        """Assigned queries and summed class weights of some layers, their means over all ranks, (layers, 2)."""
        counts = torch.tensor([float(sum(len(rows) for rows, _ in assigned)) for assigned in assignments])
        device = labels[0].device
        if self.expected is not None:
            return reduce_mean(self.expected.to(device).expand(len(labels), 2).contiguous())
        weights = torch.tensor(self.class_weight).to(device, non_blocking=True)[torch.stack(labels)].sum(1)
        return reduce_mean(torch.stack((counts.to(device, non_blocking=True), weights), 1))

    # Losses -----------------------------------------------------------------------------------------------------

    def _class_loss(self, classes: Tensor, labels: Tensor, normalizers: Tensor) -> Tensor:
        ones = torch.ones(labels.shape, device=labels.device)
        return self.losses['cls'](classes.flatten(0, 1).float(), labels, ones, avg_factor=normalizers[1])

    def _mask_losses(
        self, masks: Tensor, assigned: list[Assignment], clips: ClipBatch, layer: int, normalizers: Tensor
    ) -> dict[str, Tensor]:
        matched = [masks[clip, rows] for clip, (rows, _) in enumerate(assigned)]
        tubes = [target.masks[columns] for target, (_, columns) in zip(clips.ground_truth, assigned)]
        if not any(map(len, matched)):
            return dict(mask=masks.sum() * 0, dice=masks.sum() * 0)
        predicted, truth = self._point_values(matched, tubes, clips, layer)
        total = normalizers[:1].clamp(min=1)
        points = self.points.count / (clips.frames if self.mask_loss_norm == 'mmdet' else 1)
        mask = self.losses['mask'](predicted.reshape(-1), truth.reshape(-1), avg_factor=total * points)
        return dict(mask=mask, dice=self.losses['dice'](predicted, truth, avg_factor=total))

    def _point_values(
        self, matched: list[Tensor], tubes: list[Tensor], clips: ClipBatch, layer: int
    ) -> tuple[Tensor, Tensor]:
        """Logits and truth of every matched frame at uncertain points, both (M * T, P)."""
        extents = [self.points.extent(clips, clip, matched[0].device) for clip in range(len(clips))]
        with torch.no_grad():
            if self.points.seeded:
                points = torch.cat(
                    [
                        self._points(part, self.points.seed(clips, clip, layer, 1), extents[clip])
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
