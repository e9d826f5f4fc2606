"""J and F of the objects of one video, frame by frame, shared by DAVIS and YouTube-VOS.

Shapes: T scored frames of one object, H W size of a map.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.png_maps import check_same_size, unique_labels

from ..io.youtube_vos import ObjectSpan
from ..measures.region_boundary import BOUNDARY_TOLERANCE, object_scores


@dataclass(frozen=True)
class ObjectRule:
    """Scoring rule of a benchmark: which objects and frames of a video count.

    Attributes:
        dense_ids: the objects are 1..max id of the first annotated frame, including unused ids.
        late_objects: objects may appear after the first annotated frame.
        drop_last: the last annotated frame of the video is not scored.
        void: ground-truth value that is treated as background.
        tolerance: boundary tolerance as a fraction of the image diagonal.
        strict_ids: a predicted id that is not in the ground truth is an error.
        recall_threshold: a frame counts towards recall if its score exceeds this.
        decay_bins: number of parts of the video; decay = mean of the first part minus mean of the last.
        decay_index_range: bin borders are taken modulo this (the public scorer stores them in 8 bits).
    """

    dense_ids: bool
    late_objects: bool
    drop_last: bool
    void: int = 255
    tolerance: float = BOUNDARY_TOLERANCE
    strict_ids: bool = True
    recall_threshold: float = 0.5
    decay_bins: int = 4
    decay_index_range: int = 256


DAVIS = ObjectRule(dense_ids=True, late_objects=False, drop_last=True)
YOUTUBE_VOS = ObjectRule(dense_ids=False, late_objects=True, drop_last=False)


@dataclass(frozen=True)
class ObjectScores:
    """J and F, each (T,) float64, of one object; `group` is seen, unseen or None (unknown)."""

    video: str
    identity: int
    region: np.ndarray
    boundary: np.ndarray
    group: str | None = None


class ObjectCounter:
    """Scores the objects of one video; stores two numbers per object and frame, no maps.

    Args:
        video: name, kept in the results and used in errors.
        rule: the benchmark's rule.
        spans: object id -> span from a list of objects; None: objects are taken from the maps.
    """

    def __init__(self, video: str, rule: ObjectRule, spans: Mapping[int, ObjectSpan] | None = None) -> None:
        self.video, self.rule, self.spans = video, rule, spans
        self.scores: dict[int, list[tuple[int, np.ndarray]]] = {identity: [] for identity in spans or ()}
        self.frames = 0

    def add(self, frame: str, target: np.ndarray, prediction: np.ndarray | None, where: str = 'prediction') -> None:
        """Add the next annotated frame.

        Args:
            frame: frame name as in the list of objects.
            target: (H,W) map of object ids, `rule.void` = void.
            prediction: (H,W) map of object ids; None for a frame in which nothing is scored.
            where: file of the prediction, for errors.

        Raises:
            InputError: size differs, or a predicted id is not in the ground truth.
        """
        if self.rule.void is not None and int(target.max(initial=0)) >= self.rule.void:
            target = np.where(target == self.rule.void, 0, target)
        identities = self._scored(frame)
        if prediction is not None and identities:
            check_same_size(target, prediction, where)
            self._check_ids(prediction, where)
            values = object_scores(target, prediction, identities, self.rule.tolerance)
            for identity, value in zip(identities, values):
                self.scores[identity].append((self.frames, value))
        if self.spans is None and (self.rule.late_objects or not self.frames):
            self._enter(target)
        self.frames += 1

    def finish(self, last_seen: bool = True) -> list[ObjectScores]:
        """Return the scores of the video.

        Args:
            last_seen: whether the video's last annotated frame was added; with `drop_last` it is removed here.
        """
        end = self.frames - 1 if self.rule.drop_last and last_seen else self.frames
        results = []
        for identity in sorted(self.scores):
            values = np.asarray([value for frame, value in self.scores[identity] if frame < end]).reshape(-1, 2)
            group = self.spans[identity].group if self.spans else None
            results.append(ObjectScores(self.video, identity, values[:, 0], values[:, 1], group))
        return results

    def _scored(self, frame: str) -> list[int]:
        """Objects scored in this frame: those of the list, or those that appeared in an earlier frame."""
        if self.spans is None:
            return list(self.scores)
        return [identity for identity, span in self.spans.items() if span.scores(frame)]

    def _enter(self, target: np.ndarray) -> None:
        """Register the objects that first appear in this frame's ground truth."""
        present = unique_labels(target)
        present = present[present > 0]
        if self.rule.dense_ids:
            present = np.arange(1, int(present.max(initial=0)) + 1)
        for identity in present:
            self.scores.setdefault(int(identity), [])

    def _check_ids(self, prediction: np.ndarray, where: str) -> None:
        """Refuse unknown ids in a video whose objects are all known."""
        if not self.rule.strict_ids or (self.spans is None and self.rule.late_objects):
            return
        if set(range(1, int(prediction.max(initial=0)) + 1)) <= self.scores.keys() and prediction.min(initial=0) >= 0:
            return  # no need to find the unique values
        present = unique_labels(prediction)
        unknown = [int(identity) for identity in present if identity and int(identity) not in self.scores]
        if unknown:
            raise InputError(
                f'{where}: object id {unknown[-1]} is not one of the objects of video {self.video!r} '
                f'({sorted(self.scores)}); 0 is background'
            )


def recall(values: np.ndarray, rule: ObjectRule) -> float:
    """Fraction of the (T,) frame values above the rule's threshold."""
    return float(np.mean(values > rule.recall_threshold))


def decay(values: np.ndarray, rule: ObjectRule) -> float:
    """Mean of the first part of the (T,) frame values minus mean of the last; borders belong to both neighbours.

    Beyond `decay_index_range` frames this reproduces the overflow of the public scorer's 8-bit borders, nan included.
    """
    borders = np.round(np.linspace(1, len(values), rule.decay_bins + 1) + 1e-10) - 1
    borders = borders.astype(int) % rule.decay_index_range
    first, last = values[borders[0] : borders[1] + 1], values[borders[-2] : borders[-1] + 1]
    return float(np.mean(first) - np.mean(last)) if len(first) and len(last) else float('nan')
