"""Recall and class confusion of ground-truth tubes, for any task.

A tube is one object, or one class region, over a video.

Shapes: n segments of a frame, H W size of a frame, C classes.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

FOUND = 0.5  # minimum IoU of a ground-truth tube that counts as found


@dataclass(frozen=True)
class Segmented:
    """The segments of a frame.

    Attributes:
        masks: (n, H, W) bool; later ones lie on top.
        labels: (n,) class labels.
        ids: (n,) track ids, constant over the frames of a video.
    """

    masks: np.ndarray
    labels: np.ndarray
    ids: np.ndarray


@dataclass(frozen=True)
class TrueTube:
    """Result of one ground-truth tube.

    Attributes:
        video: its video.
        identity: its track id.
        label: its class label.
        frames: number of frames in which it is visible.
        area: mean fraction of the frame that it covers where visible.
        iou: IoU with the best predicted tube of its class over the whole video.
        best_label: class of the best predicted tube of any class; C if none reaches an IoU of ``FOUND``.
    """

    video: Hashable
    identity: int
    label: int
    frames: int
    area: float
    iou: float
    best_label: int


class TubeCounter:
    """Counts the frames of one video.

    Args:
        video: its name.
        num_classes: C.
    """

    def __init__(self, video: Hashable, num_classes: int) -> None:
        self.video, self.num_classes = video, num_classes
        self.pixels = np.zeros((num_classes + 1, num_classes + 1), np.int64)
        self._common: dict[tuple, int] = defaultdict(int)
        self._true: dict[tuple, list[float]] = defaultdict(lambda: [0, 0, 0.0])
        self._found: dict[tuple, int] = defaultdict(int)

    def add_frame(self, true: Segmented, found: Segmented, void: np.ndarray | None = None) -> None:
        """Add a frame.

        Args:
            true, found: ground truth and prediction of the same size.
            void: (H, W) bool, ignored pixels.
        """
        size = true.masks.shape[1:] if len(true.masks) else found.masks.shape[1:]
        kept = np.ones(size, bool) if void is None else ~void
        self.pixels += self._pairs(self._class_map(true, size)[kept], self._class_map(found, size)[kept])
        true_keys, true_masks = _keys(true), true.masks.reshape(len(true.ids), kept.size)
        found_keys, found_masks = _keys(found), (found.masks & kept).reshape(len(found.ids), kept.size)
        common = true_masks.astype(np.float32) @ found_masks.T.astype(np.float32)
        for row, key in enumerate(true_keys):
            area = int(true_masks[row].sum())
            entry = self._true[key]
            entry[:] = entry[0] + area, entry[1] + (area > 0), entry[2] + area / max(1, kept.size)
            for column, other in enumerate(found_keys):
                self._common[key, other] += int(common[row, column])
        for column, other in enumerate(found_keys):
            self._found[other] += int(found_masks[column].sum())

    def tubes(self) -> list[TrueTube]:
        """Ground-truth tubes of the video that are visible in some frame."""
        return [
            self._tube(key, int(area), int(frames), share)
            for key, (area, frames, share) in self._true.items()
            if frames
        ]

    def _tube(self, key: tuple, area: int, frames: int, share: float) -> TrueTube:
        """One tube with its best predictions."""
        overlaps = {
            other: self._common[key, other] / max(1, area + total - self._common[key, other])
            for other, total in self._found.items()
        }
        same = max((iou for other, iou in overlaps.items() if other[0] == key[0]), default=0.0)
        best = max(overlaps, key=overlaps.__getitem__, default=None)
        label = best[0] if best is not None and overlaps[best] >= FOUND else self.num_classes
        return TrueTube(self.video, key[1], key[0], frames, share / frames, same, label)

    def _class_map(self, segments: Segmented, size: tuple[int, ...]) -> np.ndarray:
        """(H, W) class label of each pixel, C where there is none."""
        classes = np.full(size, self.num_classes, np.int64)
        for mask, label in zip(segments.masks, segments.labels):
            classes[mask] = label
        return classes

    def _pairs(self, true: np.ndarray, found: np.ndarray) -> np.ndarray:
        """(C + 1, C + 1) pixel counts by ground-truth and predicted class."""
        count = self.num_classes + 1
        return np.bincount(true * count + found, minlength=count**2).reshape(count, count)


def _keys(segments: Segmented) -> list[tuple[int, int]]:
    """(class label, track id) of each segment."""
    return [(int(label), int(identity)) for label, identity in zip(segments.labels, segments.ids)]


def tube_confusion(tubes: Sequence[TrueTube], num_classes: int) -> np.ndarray:
    """(C + 1, C + 1) ground-truth tubes by their class and that of their best prediction; last column: not found."""
    counts = np.zeros((num_classes + 1, num_classes + 1), np.int64)
    for tube in tubes:
        counts[tube.label, tube.best_label] += 1
    return counts


def thirds(values: Sequence[float]) -> list[float]:
    """Two limits that split the values into thirds."""
    return [float(np.quantile(values, share)) for share in (1 / 3, 2 / 3)]


def breakdown(tubes: Sequence[TrueTube], class_names: Sequence[str]) -> list[tuple[str, str, int, float, float]]:
    """Rows (criterion, group, tubes, mean IoU, fraction found) by class, size and length.

    Sizes and lengths are thirds of the tubes; ties go to the smaller group.
    """
    rows = []
    areas, lengths = thirds([tube.area for tube in tubes]), thirds([tube.frames for tube in tubes])
    for what, names, group in (
        ('class', class_names, lambda tube: tube.label),
        (
            'size',
            [f'small, to {areas[0]:.1%} of the frame', f'medium, to {areas[1]:.1%}', 'large'],
            lambda tube: int(np.searchsorted(areas, tube.area)),
        ),
        (
            'length',
            [f'short, to {lengths[0]:.0f} frames', f'medium, to {lengths[1]:.0f}', 'long'],
            lambda tube: int(np.searchsorted(lengths, tube.frames)),
        ),
    ):
        for place, name in enumerate(names):
            ious = np.array([tube.iou for tube in tubes if group(tube) == place])
            if len(ious):
                rows.append((what, name, len(ious), float(ious.mean()), float((ious >= FOUND).mean())))
    return rows
