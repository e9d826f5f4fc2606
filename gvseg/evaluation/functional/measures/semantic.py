"""mIoU, pixel accuracies and VC_n (VSPW), from counts only.

Shapes: T frames of a video, H W size of a map, C classes, n window length.

Source: VSPW (Miao et al. 2021) section 4 and the released scorer; the rules it follows are `SemanticRule`'s fields.
A video consistency window of n frames is constant at a pixel if its label has not changed for n frames, so a count of
unchanged frames per pixel replaces the window of maps: time and memory do not depend on n.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gvseg.formats.errors import InputError

LONGEST_WINDOW = 30000  # frames; 16-bit counts of unchanged frames can hold twice this
SHORT_WINDOW = 120  # frames; the same for 8-bit counts
MOST_COUNTED = 2**24  # pixels; OpenCV counts in float32, which is exact up to here


@dataclass(frozen=True)
class SemanticRule:
    """Counting rule of a benchmark.

    Attributes:
        num_classes: C; ground truth outside 0..C-1 is void and ignored.
        windows: the n of VC_n.
        drop_last_window: leave out the last window of each video (VSPW's scorer iterates over range(T - n)).
    """

    num_classes: int = 124
    windows: tuple[int, ...] = (8, 16)
    drop_last_window: bool = True


@dataclass(frozen=True)
class VideoCounts:
    """Counts of one video: sparse confusion and, per window length, the sum and number of VC values."""

    video: str
    cells: np.ndarray
    counts: np.ndarray
    window_sums: np.ndarray
    window_numbers: np.ndarray
    frames: int


def label_confusion(
    target: np.ndarray, prediction: np.ndarray, num_classes: int, where: str = 'prediction'
) -> np.ndarray:
    """Pixel counts of every (target, prediction) pair; pixels whose target is not in 0..C-1 are ignored.

    Args:
        target, prediction: (H,W) integer maps of the same size.
        num_classes: C.
        where: file name for errors.

    Returns:
        (C,C) int64, rows target.

    Raises:
        InputError: sizes differ, or a predicted label outside 0..C-1 on a valid pixel (such as 255).
    """
    if target.shape != prediction.shape:
        raise InputError(f"{where}: size {prediction.shape} differs from the ground truth's {target.shape}")
    if target.dtype == prediction.dtype == np.uint8 and num_classes <= 256:
        confusion = _histogram(target, prediction, num_classes)
        wrong = num_classes + np.flatnonzero(confusion[:, num_classes:].any(0))
    else:
        rows, columns, lengths = _runs(target.ravel(), prediction.ravel())
        valid = (rows >= 0) & (rows < num_classes)
        chosen = columns[valid]
        wrong = np.sort(chosen[(chosen < 0) | (chosen >= num_classes)])
        confusion = np.zeros((num_classes, num_classes), np.int64)
        if not wrong.size:
            np.add.at(confusion, (rows[valid], chosen), lengths[valid])
    if wrong.size:
        raise InputError(
            f'{where}: label {wrong[-1] if wrong[-1] >= num_classes else wrong[0]} is out of range '
            f'0..{num_classes - 1} on a pixel that has ground truth; every such pixel needs a class'
        )
    return confusion[:, :num_classes]


def _histogram(target: np.ndarray, prediction: np.ndarray, num_classes: int) -> np.ndarray:
    """(C,256) int64 pixels of every pair of values of two uint8 maps; targets outside 0..C-1 are ignored."""
    import cv2  # late: it takes a tenth of a second

    flat = [np.ascontiguousarray(side).ravel() for side in (target, prediction)]
    counts = np.zeros((num_classes, 256), np.int64)
    for start in range(0, target.size, MOST_COUNTED):
        parts = [side[start : start + MOST_COUNTED] for side in flat]
        found = cv2.calcHist(parts, [0, 1], None, [num_classes, 256], [0, num_classes, 0, 256])
        np.add(counts, found, out=counts, casting='unsafe')
    return counts


def _runs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of both flat arrays on every run in which neither changes, and the run lengths.

    Label maps have far fewer runs than pixels.
    """
    if not first.size:
        return first, second, np.zeros(0, np.intp)
    change = first[1:] != first[:-1]
    change |= second[1:] != second[:-1]
    starts = np.concatenate([[0], np.flatnonzero(change) + 1])
    return first[starts], second[starts], np.diff(starts, append=first.size)


class VideoCounter:
    """Counts one video frame by frame; stores two maps and two (H,W) counts for any n.

    Args:
        video: name, kept in the result and used in errors.
        rule: the benchmark's rule.
    """

    def __init__(self, video: str, rule: SemanticRule) -> None:
        self.video, self.rule = video, rule
        self.confusion = np.zeros((rule.num_classes, rule.num_classes), np.int64)
        self.sums = np.zeros(len(rule.windows))
        self.numbers = np.zeros(len(rule.windows), np.int64)
        self.frames = 0
        self._short = max(rule.windows, default=0) <= SHORT_WINDOW
        self._pending: Sequence[float] = ()
        self._last: tuple[np.ndarray, ...] = ()
        self._steady: tuple[np.ndarray, ...] = ()

    def add(self, target: np.ndarray, prediction: np.ndarray, where: str = 'prediction') -> None:
        """Add the (H,W) label maps of the next frame (target: void outside 0..C-1)."""
        self.confusion += label_confusion(target, prediction, self.rule.num_classes, where)
        if self._last and self._last[0].shape != target.shape:
            raise InputError(f"{where}: size {target.shape} differs from the video's first frame")
        self._commit()
        self._update_steady(target, prediction)
        self._pending = [self._consistency(length) for length in self.rule.windows]
        self.frames += 1

    def finish(self) -> VideoCounts:
        """Return the counts of the video."""
        if not self.rule.drop_last_window:
            self._commit()
        flat = self.confusion.ravel()
        cells = np.flatnonzero(flat)
        return VideoCounts(self.video, cells, flat[cells], self.sums, self.numbers, self.frames)

    def _update_steady(self, target: np.ndarray, prediction: np.ndarray) -> None:
        """Update per pixel for how many frames the target, and target and prediction together, have been unchanged."""
        if not self._last:
            kind = np.uint8 if self._short else np.uint16
            self._steady = (np.zeros(target.shape, kind), np.zeros(target.shape, kind))
        else:
            same = target == self._last[0]
            both = prediction == self._last[1]
            both &= same
            longest = SHORT_WINDOW if self._short else LONGEST_WINDOW
            for count, kept in zip(self._steady, (same, both)):
                if self.frames % longest == 0:  # before the counts can overflow
                    np.minimum(count, longest, out=count)
                count += 1
                count *= kept.view(np.uint8)
        self._last = (target.copy(), prediction.copy())

    def _consistency(self, length: int) -> float:
        """VC of the window that ends at this frame; nan if there is none or no pixel of the target is constant."""
        if self.frames + 1 < length:
            return float('nan')
        constant = np.count_nonzero(self._steady[0] >= length - 1)
        return np.count_nonzero(self._steady[1] >= length - 1) / constant if constant else float('nan')

    def _commit(self) -> None:
        """Count the previous frame's windows: it was not the video's last frame."""
        for index, value in enumerate(self._pending):
            if value == value:
                self.sums[index] += value
                self.numbers[index] += 1
        self._pending = ()


def sum_confusion(videos: Iterable[VideoCounts], num_classes: int) -> np.ndarray:
    """(C,C) int64 confusion of all videos."""
    total = np.zeros(num_classes**2, np.int64)
    for video in videos:
        total[video.cells] += video.counts
    return total.reshape(num_classes, num_classes)


def confusion_numbers(confusion: np.ndarray) -> dict[str, float]:
    """Acc, Acc_class, mIoU, fwIoU of a (C,C) confusion; the means run over classes that have ground truth."""
    hits = np.diag(confusion).astype(float)
    per_target = confusion.sum(1)
    present = per_target > 0
    if not present.any():
        return dict.fromkeys(('Acc', 'Acc_class', 'mIoU', 'fwIoU'), float('nan'))
    union = per_target + confusion.sum(0) - hits
    ratio = hits[present] / union[present]
    share = per_target[present] / per_target.sum()
    return {
        'Acc': float(hits.sum() / per_target.sum()),
        'Acc_class': float(np.mean(hits[present] / per_target[present])),
        'mIoU': float(ratio.mean()),
        'fwIoU': float((share * ratio).sum()),
    }


def semantic_numbers(videos: Sequence[VideoCounts], rule: SemanticRule) -> dict[str, float]:
    """All numbers of a split: Acc, Acc_class, mIoU, fwIoU and VC<n>; VC is nan if no video is longer than n."""
    numbers = confusion_numbers(sum_confusion(videos, rule.num_classes))
    for index, length in enumerate(rule.windows):
        count = sum(int(video.window_numbers[index]) for video in videos)
        total = sum(float(video.window_sums[index]) for video in videos)
        numbers[f'VC{length}'] = total / count if count else float('nan')
    return numbers
