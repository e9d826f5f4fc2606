"""HOTA, DetA, AssA from per-frame similarities (Luiten et al. 2021).

Shapes: N ground-truth and M predicted detections of one frame, A localisation thresholds, P matched pairs of tracks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

THRESHOLDS = np.arange(0.05, 0.99, 0.05)
EPSILON = np.finfo(float).eps

FrameData = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class HotaCounts:
    """Sums over frames, each (A,) float64: true positives, false negatives, false positives, and association scores of
    the true positives.

    Counts of several videos are added.
    """

    tp: np.ndarray
    fn: np.ndarray
    fp: np.ndarray
    association: np.ndarray

    def __add__(self, other: 'HotaCounts') -> 'HotaCounts':
        return HotaCounts(
            self.tp + other.tp, self.fn + other.fn, self.fp + other.fp, self.association + other.association
        )


def empty_counts() -> HotaCounts:
    """Counts of a video without frames."""
    return HotaCounts(*(np.zeros(len(THRESHOLDS)) for _ in range(4)))


def _relabel(frames: Sequence[FrameData], side: int) -> tuple[Sequence[np.ndarray], np.ndarray]:
    """Track ids of one side as 0..n-1 per frame, and how many frames each track has, (n,)."""
    lengths = [len(frame[side]) for frame in frames]
    joined = np.concatenate([frame[side] for frame in frames]) if frames else np.zeros(0, int)
    _, index, counts = np.unique(joined, return_inverse=True, return_counts=True)
    return np.split(index.reshape(-1), np.cumsum(lengths)[:-1]), counts


def _alignment(
    similarities: Sequence[np.ndarray],
    gt: Sequence[np.ndarray],
    pred: Sequence[np.ndarray],
    gt_counts: np.ndarray,
    pred_counts: np.ndarray,
) -> np.ndarray:
    """Jaccard alignment of every pair of tracks over the video, with similarities normalised per frame."""
    potential = np.zeros((len(gt_counts), len(pred_counts)))
    for similarity, rows, columns in zip(similarities, gt, pred):
        if not similarity.any():
            continue
        union = similarity.sum(0)[None] + similarity.sum(1)[:, None] - similarity
        share = np.divide(similarity, union, out=np.zeros_like(similarity), where=union > EPSILON)
        potential[rows[:, None], columns[None]] += share
    return potential / (gt_counts[:, None] + pred_counts[None] - potential)


def hota_counts(frames: Sequence[FrameData]) -> HotaCounts:
    """Counts of one class in one video.

    Args:
        frames: per frame the track ids (N,) and (M,), unique in the frame, and the similarity (N,M) in 0..1.

    Returns:
        The sums needed by `hota_numbers`.
    """
    gt, gt_counts = _relabel(frames, 0)
    pred, pred_counts = _relabel(frames, 1)
    total_gt, total_pred = int(gt_counts.sum()), int(pred_counts.sum())
    counts, pairs = np.zeros((len(THRESHOLDS), 0)), np.zeros((2, 0), int)
    if total_gt and total_pred:
        counts, pairs = _matches([frame[2] for frame in frames], gt, pred, gt_counts, pred_counts)
    tp = counts.sum(1)
    union = gt_counts[pairs[0]] + pred_counts[pairs[1]] - counts
    association = (counts * counts / np.maximum(1, union)).sum(1)
    return HotaCounts(tp, total_gt - tp, total_pred - tp, association)


def _matches(
    similarities: Sequence[np.ndarray],
    gt: Sequence[np.ndarray],
    pred: Sequence[np.ndarray],
    gt_counts: np.ndarray,
    pred_counts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Frames in which each pair of tracks is matched, (A,P) per threshold, and the pairs, (2,P).

    One assignment per frame serves all thresholds: a match counts for every threshold its similarity reaches.
    """
    alignment = _alignment(similarities, gt, pred, gt_counts, pred_counts)
    keys, levels = [np.zeros(0, int)], [np.zeros(0, int)]
    for similarity, rows, columns in zip(similarities, gt, pred):
        if not similarity.any():  # reaches no threshold
            continue
        first, second = linear_sum_assignment(-(alignment[rows[:, None], columns[None]] * similarity))
        keys.append(rows[first] * len(pred_counts) + columns[second])
        reached = np.searchsorted(THRESHOLDS - EPSILON, similarity[first, second], side='right')
        levels.append(reached)
    pairs, index = np.unique(np.concatenate(keys), return_inverse=True)
    steps = len(THRESHOLDS) + 1
    histogram = np.bincount(index.reshape(-1) * steps + np.concatenate(levels), minlength=len(pairs) * steps)
    reached = histogram.reshape(-1, steps)[:, :0:-1].cumsum(1)[:, ::-1].T
    return reached.astype(float), np.stack(np.divmod(pairs, max(len(pred_counts), 1)))


def hota_numbers(counts: HotaCounts) -> dict[str, np.ndarray]:
    """HOTA, DetA, AssA per threshold, each (A,); benchmarks report the mean over thresholds."""
    detection = counts.tp / np.maximum(1, counts.tp + counts.fn + counts.fp)
    association = counts.association / np.maximum(1, counts.tp)
    return {'HOTA': np.sqrt(detection * association), 'DetA': detection, 'AssA': association}


def sum_counts(counts: Iterable[HotaCounts]) -> HotaCounts:
    """Counts of several videos."""
    return sum(counts, empty_counts())
