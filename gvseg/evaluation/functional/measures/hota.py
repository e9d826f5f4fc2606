"""HOTA, DetA, AssA from per-frame similarities (Luiten et al. 2021).

Letters: N ground-truth and M predicted detections of one frame, A localisation thresholds, P matched pairs of tracks.
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
    """Sums over frames, each (A,) float64: matches, misses, false alarms, and association scores of the matches.

    Counts of several videos add up; that is also how videos and processes are merged.
    """

    hits: np.ndarray
    misses: np.ndarray
    alarms: np.ndarray
    association: np.ndarray

    def __add__(self, other: 'HotaCounts') -> 'HotaCounts':
        return HotaCounts(
            self.hits + other.hits,
            self.misses + other.misses,
            self.alarms + other.alarms,
            self.association + other.association,
        )


def empty_counts() -> HotaCounts:
    """Counts of no frame."""
    return HotaCounts(*(np.zeros(len(THRESHOLDS)) for _ in range(4)))


def _relabel(frames: Sequence[FrameData], side: int) -> tuple[Sequence[np.ndarray], np.ndarray]:
    """Track ids of one side as 0..n-1 per frame, and how many frames each track has, (n,)."""
    lengths = [len(frame[side]) for frame in frames]
    joined = np.concatenate([frame[side] for frame in frames]) if frames else np.zeros(0, int)
    _, index, counts = np.unique(joined, return_inverse=True, return_counts=True)
    return np.split(index.reshape(-1), np.cumsum(lengths)[:-1]), counts


def _alignment(
    similarities: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    found: Sequence[np.ndarray],
    truth_counts: np.ndarray,
    found_counts: np.ndarray,
) -> np.ndarray:
    """Jaccard alignment of every pair of tracks over the video, similarities normalised per frame."""
    potential = np.zeros((len(truth_counts), len(found_counts)))
    for similarity, rows, columns in zip(similarities, truth, found):
        if not similarity.size:
            continue
        union = similarity.sum(0)[None] + similarity.sum(1)[:, None] - similarity
        share = np.divide(similarity, union, out=np.zeros_like(similarity), where=union > EPSILON)
        potential[rows[:, None], columns[None]] += share
    return potential / (truth_counts[:, None] + found_counts[None] - potential)


def hota_counts(frames: Sequence[FrameData]) -> HotaCounts:
    """Counts of one class in one video.

    Args:
        frames: per frame the track ids (N,) and (M,), unique in the frame, and the similarity (N,M) in 0..1.

    Returns:
        The sums from which `hota_numbers` computes.
    """
    truth, truth_counts = _relabel(frames, 0)
    found, found_counts = _relabel(frames, 1)
    total_truth, total_found = int(truth_counts.sum()), int(found_counts.sum())
    counts, pairs = np.zeros((len(THRESHOLDS), 0)), np.zeros((2, 0), int)
    if total_truth and total_found:
        counts, pairs = _matches([frame[2] for frame in frames], truth, found, truth_counts, found_counts)
    hits = counts.sum(1)
    union = truth_counts[pairs[0]] + found_counts[pairs[1]] - counts
    association = (counts * counts / np.maximum(1, union)).sum(1)
    return HotaCounts(hits, total_truth - hits, total_found - hits, association)


def _matches(
    similarities: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    found: Sequence[np.ndarray],
    truth_counts: np.ndarray,
    found_counts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Frames in which each pair of tracks is matched, (A,P) per threshold, and the pairs, (2,P).

    One assignment per frame serves all thresholds: a match counts for every threshold its similarity reaches.
    """
    alignment = _alignment(similarities, truth, found, truth_counts, found_counts)
    keys, levels = [np.zeros(0, int)], [np.zeros(0, int)]
    for similarity, rows, columns in zip(similarities, truth, found):
        if not similarity.size:
            continue
        first, second = linear_sum_assignment(-(alignment[rows[:, None], columns[None]] * similarity))
        keys.append(rows[first] * len(found_counts) + columns[second])
        reached = np.searchsorted(THRESHOLDS - EPSILON, similarity[first, second], side='right')
        levels.append(reached)
    pairs, index = np.unique(np.concatenate(keys), return_inverse=True)
    steps = len(THRESHOLDS) + 1
    histogram = np.bincount(index.reshape(-1) * steps + np.concatenate(levels), minlength=len(pairs) * steps)
    reached = histogram.reshape(-1, steps)[:, :0:-1].cumsum(1)[:, ::-1].T
    return reached.astype(float), np.stack(np.divmod(pairs, max(len(found_counts), 1)))


def hota_numbers(counts: HotaCounts) -> dict[str, np.ndarray]:
    """HOTA, DetA, AssA per threshold, each (A,); their mean over thresholds is what benchmarks report."""
    detection = counts.hits / np.maximum(1, counts.hits + counts.misses + counts.alarms)
    association = counts.association / np.maximum(1, counts.hits)
    return {'HOTA': np.sqrt(detection * association), 'DetA': detection, 'AssA': association}


def sum_counts(counts: Iterable[HotaCounts]) -> HotaCounts:
    """Counts of several videos."""
    return sum(counts, empty_counts())
