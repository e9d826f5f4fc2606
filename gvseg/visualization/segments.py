"""Predictions of all tasks and ground truth in one form for drawing.

Shapes: n segments, H W frame pixels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from mmengine.structures import BaseDataElement

from gvseg.core.panoptic import PACKED_VOID, unpack
from gvseg.formats.constants import STUFF_ID_OFFSET


@dataclass(frozen=True)
class FrameSegments:
    """The segments of one frame.

    Attributes:
        masks: (n, H, W) bool. Instances may overlap; later ones are drawn on top.
        labels: classes, (n,) int64.
        ids: (n,) int64, equal over the frames of a video. A class region has its label as id.
        individual: whether a segment is one thing or object (coloured by id) or a class region (coloured by class),
            (n,) bool.
        class_names: names by label; a label without a name is shown as its number.
        scores: (n,) float32, or ``None`` where there are none.
        ids_are_given: whether ids are given by exemplars and thus comparable with the ground truth's.
        object_names: names of individuals by id, where they have one of their own.
    """

    masks: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    individual: np.ndarray
    class_names: tuple[str, ...] = ()
    scores: np.ndarray | None = None
    ids_are_given: bool = False
    object_names: Mapping[int, str] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def name(self, index: int) -> str:
        """Name of a segment: its own, or that of its class."""
        own = (self.object_names or {}).get(int(self.ids[index])) if self.individual[index] else None
        if own:
            return own
        label = int(self.labels[index])
        return self.class_names[label] if 0 <= label < len(self.class_names) else f'class {label}'

    def select(self, order: np.ndarray) -> 'FrameSegments':
        """Segments picked by indices (m,) or a bool mask (n,)."""
        return replace(
            self,
            masks=self.masks[order],
            labels=self.labels[order],
            ids=self.ids[order],
            individual=self.individual[order],
            scores=None if self.scores is None else self.scores[order],
        )

    def renamed(self, names: dict[int, int]) -> 'FrameSegments':
        """A copy with the ids of individuals replaced; ids missing in ``names`` are kept."""
        ids = [names.get(int(i), int(i)) if one else int(i) for i, one in zip(self.ids, self.individual)]
        return replace(self, ids=np.array(ids, np.int64))


def instance_segments(
    sample: BaseDataElement, class_names: Sequence[str] = (), min_score: float = 0.3
) -> FrameSegments:
    """Video instances (``pred_track_instances``): those of at least ``min_score``, the best drawn last."""
    found = sample.pred_track_instances
    scores = _numpy(found.scores)
    order = np.argsort(scores, kind='stable')
    order = order[scores[order] >= min_score]
    masks = _numpy(found.masks).astype(bool, copy=False)
    return FrameSegments(
        masks=masks[order],
        labels=_numpy(found.labels)[order],
        ids=_numpy(found.instances_id)[order],
        individual=np.ones(len(order), bool),
        class_names=tuple(class_names),
        scores=scores[order],
    )


def semantic_segments(
    sample: BaseDataElement, class_names: Sequence[str] = (), min_score: float = 0.0
) -> FrameSegments:
    """One region a class (``pred_sem_seg``); there are no scores."""
    return _from_map(
        _map(sample.pred_sem_seg), lambda labels: (labels, labels, np.zeros(len(labels), bool)), class_names
    )


def panoptic_segments(
    sample: BaseDataElement, class_names: Sequence[str] = (), min_score: float = 0.0
) -> FrameSegments:
    """Things and stuff (``pred_panoptic_seg``, packed ids of :mod:`gvseg.core.panoptic`); void has no segment."""

    def decode(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        category, instance = unpack(packed)
        thing = instance > 0
        return category, np.where(thing, instance, category), thing

    return _from_map(_map(sample.pred_panoptic_seg), decode, class_names, nothing=PACKED_VOID)


def object_segments(sample: BaseDataElement, class_names: Sequence[str] = (), min_score: float = 0.0) -> FrameSegments:
    """Objects given by exemplars (``pred_object_map``): 0 is background; class-agnostic."""
    segments = _from_map(
        _map(sample.pred_object_map),
        lambda ids: (np.zeros_like(ids), ids, np.ones(len(ids), bool)),
        class_names,
        nothing=0,
    )
    return replace(segments, ids_are_given=True, object_names=sample.metainfo.get('object_names'))


PREDICTION_READERS: dict[str, Callable[..., FrameSegments]] = dict(
    pred_track_instances=instance_segments,
    pred_panoptic_seg=panoptic_segments,
    pred_object_map=object_segments,
    pred_sem_seg=semantic_segments,
)
"""Field of a data sample -> function that reads it; new kinds of predictions are added here."""


def predicted_segments(
    sample: BaseDataElement, class_names: Sequence[str] = (), min_score: float = 0.3
) -> FrameSegments:
    """Segments of a frame's prediction of any kind.

    Raises:
        ValueError: the sample has no prediction.
    """
    for field, read in PREDICTION_READERS.items():
        if field in sample:
            return read(sample, class_names, min_score)
    raise ValueError(
        f'frame {sample.metainfo.get("img_path", "?")} has no prediction: expected one of '
        f'{", ".join(PREDICTION_READERS)}'
    )


def true_segments(sample: BaseDataElement, class_names: Sequence[str] = ()) -> FrameSegments | None:
    """Segments of the ground truth (``gt_instances``), or ``None`` where a frame has none."""
    if 'gt_instances' not in sample or 'masks' not in sample.gt_instances:
        return None
    truth = sample.gt_instances
    masks = truth.masks if isinstance(truth.masks, torch.Tensor) else truth.masks.masks
    labels, ids = _numpy(truth.labels), _numpy(truth.instances_ids)
    individual = ids != STUFF_ID_OFFSET + labels
    return FrameSegments(
        _numpy(masks).astype(bool), labels, np.where(individual, ids, labels), individual, tuple(class_names)
    )


def _from_map(
    values: np.ndarray, decode: Callable, class_names: Sequence[str], nothing: int | None = None
) -> FrameSegments:
    """Segments of a map (H, W); ``decode`` turns its values (n,) into labels, ids and the individual flag."""
    flat = values.ravel()
    starts = np.ones(flat.shape, bool)
    np.not_equal(flat[1:], flat[:-1], out=starts[1:])  # sorting only the starts of runs is many times faster
    found = np.unique(flat[starts])
    found = found[found != nothing]
    labels, ids, individual = decode(found)
    return FrameSegments(values[None] == found[:, None, None], labels, ids, individual, tuple(class_names))


def _map(data: BaseDataElement) -> np.ndarray:
    return _numpy(data.sem_seg)[0].astype(np.int64, copy=False)


def _numpy(value: object) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
