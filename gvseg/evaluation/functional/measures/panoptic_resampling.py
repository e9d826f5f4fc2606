"""Panoptic scores with bootstrap intervals over videos, from the counts of every video.

Segmentation and association are measured separately: VPQ of things in windows of one frame does not depend on track
ids, longer windows do; ``kept`` and AQ measure track ids only.

Shapes: V videos, W window lengths, L labels, C classes, R resamplings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from gvseg.formats.files import write_with

from .panoptic_counts import PanopticCounts
from .panoptic_quality import FALSE_NEGATIVES, FALSE_POSITIVES, SUM_IOU, TRUE_POSITIVES
from .panoptic_rules import PanopticClasses, PanopticRule
from .segment_counts import FrameTable

MATCH_ABOVE = 0.5


@dataclass(frozen=True)
class VideoCounts:
    """Counts of V videos, in the order of their names.

    Attributes:
        names: (V,) str.
        quality: sum of IoU, true positives, false positives, false negatives, (V, W, L, 4).
        confusion: pixels by ground-truth and predicted label, void last, (V, C+1, C+1).
        association, tracks: sum of the ground-truth tracks' association terms, and their number, (V,).
        kept, transitions: :func:`kept_identities` of each video, (V,).
    """

    names: np.ndarray
    quality: np.ndarray
    confusion: np.ndarray
    association: np.ndarray
    tracks: np.ndarray
    kept: np.ndarray
    transitions: np.ndarray

    @classmethod
    def of(
        cls,
        counts: Sequence[PanopticCounts],
        kept: Sequence[tuple[int, int]],
        rule: PanopticRule,
        classes: PanopticClasses,
    ) -> 'VideoCounts':
        """Collect the counts of videos, sorted by name.

        Args:
            counts: of every video.
            kept: :func:`kept_identities` of every video.
            rule, classes: those used for counting.
        """
        order = sorted(range(len(counts)), key=lambda index: counts[index].video)
        size = len(classes) + 1
        quality = np.zeros((len(order), len(rule.windows), len(classes) + rule.extra_labels, 4), np.float32)
        confusion = np.zeros((len(order), size * size), np.int32)
        for place, index in enumerate(order):
            quality[place][:, counts[index].labels] = counts[index].statistics
            confusion[place][counts[index].tracking.cells] = counts[index].tracking.pixels
        tracking = [counts[index].tracking for index in order]
        same, pairs = np.array([kept[index] for index in order], np.int32).reshape(-1, 2).T
        return cls(
            np.array([counts[index].video for index in order]),
            quality,
            confusion.reshape(-1, size, size),
            np.array([video.association for video in tracking], np.float32),
            np.array([video.tracks for video in tracking], np.int32),
            same,
            pairs,
        )

    def save(self, path: Path) -> None:
        """Write a compressed ``.npz`` atomically."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        write_with(path, lambda file: np.savez_compressed(file, **arrays))

    @classmethod
    def load(cls, path: Path) -> 'VideoCounts':
        """Read a file written by :meth:`save`."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})


def kept_identities(frames: Sequence[FrameTable], things: Sequence[int], gap: int, divisor: int) -> tuple[int, int]:
    """Count how often a ground-truth thing found in two frames has the same predicted track id in both.

    Args:
        frames: tables of a video; a predicted code is 1 + label * divisor + track id, 0 for void.
        things: labels of things.
        gap: distance of the two frames.
        divisor: see ``frames``.

    Returns:
        Number of frame pairs in which the thing keeps its track id, whatever its class, and number of frame pairs in
        which it is found in both frames, i.e. a predicted thing has IoU > 0.5 with it.
    """
    found = [_identities(frame, things, divisor) for frame in frames]
    pairs = [
        (first[code], second[code]) for first, second in zip(found, found[gap:]) for code in first if code in second
    ]
    return sum(first == second for first, second in pairs), len(pairs)


def _identities(frame: FrameTable, things: Sequence[int], divisor: int) -> dict[int, int]:
    """Code of every ground-truth thing found in a frame -> its predicted track id."""
    target, prediction, pairs = frame.target, frame.prediction, frame.pairs
    rows = np.searchsorted(target.codes, pairs.targets)
    columns = np.searchsorted(prediction.codes, pairs.predictions)
    union = target.areas[rows] + prediction.areas[columns] - pairs.pixels
    hit = (pairs.pixels > MATCH_ABOVE * union) & np.isin(target.labels[rows], things) & ~target.crowd[rows]
    hit &= np.isin(prediction.labels[columns], things)
    return dict(zip(pairs.targets[hit].tolist(), ((pairs.predictions[hit] - 1) % divisor).tolist()))


def resampled(videos: int, samples: int, seed: int = 0) -> np.ndarray:
    """Bootstrap weights of the videos, (1 + R, V): ones in the first row, draws with replacement in the others."""
    draws = np.random.default_rng(seed).multinomial(videos, np.full(videos, 1 / videos), size=samples)
    return np.concatenate((np.ones((1, videos), np.int64), draws))


def numbers(
    counts: VideoCounts, weights: np.ndarray, things: Sequence[int], windows: Sequence[int]
) -> dict[str, np.ndarray]:
    """Scores in percent under bootstrap weights.

    Args:
        counts: of V videos.
        weights: (R, V).
        things: labels of things.
        windows: window lengths of ``counts.quality``; the first is 1.

    Returns:
        (R,) each: ``VPQ``; ``VPQ_st``; of things ``VPQ_th``, its value for windows of one frame (``th_window1``) and
        for longer ones (``th_longer``); ``STQ``, ``AQ``, ``SQ``; ``kept``, the fraction of track ids kept.
    """
    classes = counts.confusion.shape[-1] - 1
    quality = np.tensordot(weights, counts.quality[:, :, :classes].astype(float), 1)
    thing = np.isin(np.arange(classes), list(things))
    every, of_things, of_stuff = (_mean_quality(quality[:, :, chosen]) for chosen in (thing | True, thing, ~thing))
    aq = _share(weights @ counts.association, weights @ counts.tracks)
    sq = _mean_iou(np.tensordot(weights, counts.confusion.astype(float), 1))
    values = dict(
        VPQ=every.mean(1),
        VPQ_th=of_things.mean(1),
        VPQ_st=of_stuff.mean(1),
        th_window1=of_things[:, 0],
        th_longer=of_things[:, 1:].mean(1) if len(windows) > 1 else of_things[:, 0],
        STQ=np.sqrt(aq * sq),
        AQ=aq,
        SQ=sq,
        kept=_share(weights @ counts.kept, weights @ counts.transitions),
    )
    return {name: 100 * value for name, value in values.items()}


def _mean_quality(statistics: np.ndarray) -> np.ndarray:
    """PQ, the mean over classes that occur, (R, W, C, 4) -> (R, W)."""
    wrong = statistics[..., FALSE_POSITIVES] + statistics[..., FALSE_NEGATIVES]
    quality = _share(statistics[..., SUM_IOU], statistics[..., TRUE_POSITIVES] + wrong / 2)
    seen = statistics[..., TRUE_POSITIVES:].sum(-1) > 0
    return _share((quality * seen).sum(-1), seen.sum(-1))


def _mean_iou(confusion: np.ndarray) -> np.ndarray:
    """SQ of STEP: mean over the classes that occur on either side; predictions on void are not false positives."""
    confusion = confusion.copy()
    confusion[:, -1] = 0
    hits = np.einsum('rcc->rc', confusion)
    union = confusion.sum(1) + confusion.sum(2) - hits
    return _share(_share(hits, union).sum(1), (union > 0).sum(1))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)


def interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    """Value on the original videos and its percentile interval over the resampled ones; values (1 + R,)."""
    low, high = np.quantile(values[1:], [(1 - level) / 2, (1 + level) / 2])
    return float(values[0]), float(low), float(high)
