"""Video panoptic quality (VPQ) from per-frame pair counts.

Shapes: T frames of a video, C classes (L = C + extra labels), n segments, m pairs, k window length.

Source: Kim et al., Video Panoptic Segmentation (CVPR 2020), section 4, and the released scorers of VIPSeg and
Video-K-Net. A window's table is the sum of its frames' tables; window 1 is the panoptic quality of images.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gvseg.formats.errors import InputError

from .panoptic_rules import VOID, PanopticClasses, PanopticRule
from .segment_counts import FrameTable

ABSENT = -3
SUM_IOU, TRUE_POSITIVES, FALSE_POSITIVES, FALSE_NEGATIVES = range(4)


@dataclass(frozen=True)
class WindowTable:
    """Tubes of one window with dense indices.

    Attributes:
        labels: label of every target tube in its first frame of the window, ABSENT if it has none, (n,).
        crowd: its crowd flag in that frame, (n,).
        areas: its pixel counts, (n,).
        predicted_labels, predicted_areas: the same of the predicted tubes.
        targets, predictions, pixels: the pairs, (m,).
    """

    labels: np.ndarray
    crowd: np.ndarray
    areas: np.ndarray
    predicted_labels: np.ndarray
    predicted_areas: np.ndarray
    targets: np.ndarray
    predictions: np.ndarray
    pixels: np.ndarray


class VideoTables:
    """Frame tables of one video with dense indices, which can be summed over any window.

    Args:
        frames: T tables, in order.
    """

    def __init__(self, frames: Sequence[FrameTable]) -> None:
        self.frames = frames
        self.codes = _union([frame.target.codes for frame in frames])
        self.predicted_codes = _union([frame.prediction.codes for frame in frames])
        self.rows = [np.searchsorted(self.codes, frame.target.codes) for frame in frames]
        self.columns = [np.searchsorted(self.predicted_codes, frame.prediction.codes) for frame in frames]
        keys = [self._pair_keys(frame) for frame in frames]
        self.pairs = _union(keys)
        self.cells = [np.searchsorted(self.pairs, key) for key in keys]

    def _pair_keys(self, frame: FrameTable) -> np.ndarray:
        """target index * number of predicted codes + predicted index."""
        rows = np.searchsorted(self.codes, frame.pairs.targets)
        return rows * len(self.predicted_codes) + np.searchsorted(self.predicted_codes, frame.pairs.predictions)

    def window(self, start: int, length: int) -> WindowTable:
        """Sum `length` frames from `start` on."""
        labels, predicted_labels = np.full(len(self.codes), ABSENT), np.full(len(self.predicted_codes), ABSENT)
        crowd, areas = np.zeros(len(labels), bool), np.zeros(len(labels), np.int64)
        predicted_areas, pixels = np.zeros(len(predicted_labels), np.int64), np.zeros(len(self.pairs), np.int64)
        # Backwards, so that the first frame of a tube determines its label.
        for index in reversed(range(start, start + length)):
            frame, rows, columns = self.frames[index], self.rows[index], self.columns[index]
            labels[rows], crowd[rows] = frame.target.labels, frame.target.crowd
            areas[rows] += frame.target.areas
            predicted_labels[columns] = frame.prediction.labels
            predicted_areas[columns] += frame.prediction.areas
            pixels[self.cells[index]] += frame.pairs.pixels
        used = pixels > 0
        return WindowTable(
            labels,
            crowd,
            areas,
            predicted_labels,
            predicted_areas,
            self.pairs[used] // len(predicted_labels),
            self.pairs[used] % len(predicted_labels),
            pixels[used],
        )

    def last_crowds(self, start: int, length: int) -> dict[int, int]:
        """Label -> index of the last crowd segment that appears in a window (the one used by the public scorers).

        Segments are ordered by frame, then by their position in the file.
        """
        order: dict[int, int] = {}
        seen = set()
        for index in range(start, start + length):
            target = self.frames[index].target
            for place in np.argsort(target.places, kind='stable'):
                row = int(self.rows[index][place])
                if row not in seen and target.crowd[place]:
                    order[int(target.labels[place])] = row
                seen.add(row)
        return order


def _union(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Sorted unique values of all arrays."""
    return np.unique(np.concatenate(arrays)) if arrays else np.zeros(0, np.int64)


def score_window(table: WindowTable, crowds: Mapping[int, int], rule: PanopticRule, size: int) -> np.ndarray:
    """Match the tubes of a window.

    Args:
        table: the window.
        crowds: label -> index of its crowd segment.
        rule: thresholds.
        size: L.

    Returns:
        (L,4) float64: sum of IoU, true positives, false positives, false negatives.

    Raises:
        InputError: an IoU above 1, which is only possible with a wrong `area` in the ground truth.
    """
    own, other = table.labels[table.targets], table.predicted_labels[table.predictions]
    void = _sum_to(table.predictions, table.pixels * ((own == VOID) & rule.subtract_void), len(table.predicted_areas))
    ignored = _sum_to(table.predictions, table.pixels * (own < 0), len(table.predicted_areas))
    same = (own == other) & (own >= 0) & ~table.crowd[table.targets]
    rows, columns, pixels = table.targets[same], table.predictions[same], table.pixels[same]
    iou = pixels / (table.predicted_areas[columns] + table.areas[rows] - pixels - void[columns])
    if iou.size and not 0 <= iou.min() <= iou.max() <= 1:
        raise InputError('an IoU exceeds 1: the area of a ground-truth segment is smaller than its pixels')
    hit = iou > rule.match_above
    found, used = np.zeros(len(table.labels), bool), np.zeros(len(table.predicted_labels), bool)
    found[rows[hit]], used[columns[hit]] = True, True
    missed = (table.labels >= 0) & ~table.crowd & ~found
    wrong = (table.predicted_labels >= 0) & ~used
    wrong &= ~(_excused(table, crowds, ignored) > rule.ignore_above * table.predicted_areas)
    label_of_hit = table.labels[rows[hit]]
    return np.stack(
        [
            np.bincount(label_of_hit, weights=iou[hit], minlength=size),
            np.bincount(label_of_hit, minlength=size),
            np.bincount(table.predicted_labels[wrong], minlength=size),
            np.bincount(table.labels[missed], minlength=size),
        ],
        axis=1,
    )


def _sum_to(indices: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum of the values of every index."""
    return np.bincount(indices, weights=values, minlength=size)


def _excused(table: WindowTable, crowds: Mapping[int, int], ignored: np.ndarray) -> np.ndarray:
    """Pixels of every predicted tube in void and in the crowd of its own class."""
    for label, row in crowds.items():
        inside = (table.targets == row) & (table.predicted_labels[table.predictions] == label)
        ignored = ignored + _sum_to(table.predictions, table.pixels * inside, len(ignored))
    return ignored


def video_statistics(frames: Sequence[FrameTable], rule: PanopticRule, num_classes: int) -> np.ndarray:
    """Statistics of all windows of a video.

    Returns:
        (windows, L, 4) float64, the last axis as in `score_window`.
    """
    size = num_classes + rule.extra_labels
    total = np.zeros((len(rule.windows), size, 4))
    tables = VideoTables(frames)
    crowded = any(frame.target.crowd.any() for frame in frames)
    for index, length in enumerate(rule.windows):
        length = min(length, len(frames)) if rule.short_videos == 'whole' else length
        for start in range(len(frames) - length + 1):
            crowds = tables.last_crowds(start, length) if crowded else {}
            total[index] += score_window(tables.window(start, length), crowds, rule, size)
    return total


def quality(statistics: np.ndarray) -> np.ndarray:
    """PQ per class, (C,), 0 for absent classes, from (C,4) statistics."""
    weight = statistics[:, TRUE_POSITIVES] + 0.5 * (statistics[:, FALSE_POSITIVES] + statistics[:, FALSE_NEGATIVES])
    return np.divide(statistics[:, SUM_IOU], weight, out=np.zeros(len(weight)), where=weight > 0)


def mean_quality(statistics: np.ndarray, classes: PanopticClasses, mean_over: str) -> dict[str, float]:
    """VPQ of all classes, things and stuff in percent, nan for a group without classes.

    Args:
        statistics: (L,4); labels from C on are left out.
        classes: which labels are things.
        mean_over: 'seen' or 'all', see PanopticRule.
    """
    statistics = statistics[: len(classes)]
    thing = np.isin(np.arange(len(classes)), list(classes.things))
    counted = np.ones(len(classes), bool) if mean_over == 'all' else statistics[:, TRUE_POSITIVES:].sum(1) > 0
    pq = quality(statistics)
    groups: Iterable = (('all', counted), ('thing', counted & thing), ('stuff', counted & ~thing))
    return {name: 100 * float(pq[group].mean()) if group.any() else float('nan') for name, group in groups}


def mean_of_windows(numbers: list[Mapping[str, float]]) -> dict[str, float]:
    """Mean over windows, key by key."""
    return {name: float(np.mean([number[name] for number in numbers])) for name in numbers[0]}
