"""Counts of one video of a panoptic benchmark, and the scores of many videos."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .panoptic_quality import mean_of_windows, mean_quality, video_statistics
from .panoptic_rules import PanopticClasses, PanopticRule
from .segment_counts import FrameTable
from .stq import TrackingCounts, track_video, tracking_numbers


@dataclass(frozen=True)
class PanopticCounts:
    """Counts of one video: sparse VPQ statistics and STQ's counts; a few kB for any number and size of frames.

    Attributes:
        video: name.
        labels: labels with any statistics, (n,).
        statistics: (windows, n, 4), see panoptic_quality.
        tracking: STQ's counts.
    """

    video: str
    labels: np.ndarray
    statistics: np.ndarray
    tracking: TrackingCounts


def count_video(
    video: str, frames: Sequence[FrameTable], rule: PanopticRule, classes: PanopticClasses
) -> PanopticCounts:
    """Counts of a video from the tables of its frames, at least one."""
    statistics = video_statistics(frames, rule, len(classes))
    labels = np.flatnonzero(statistics.any(axis=(0, 2)))
    return PanopticCounts(video, labels, statistics[:, labels], track_video(frames, classes))


def sum_statistics(videos: Sequence[PanopticCounts], rule: PanopticRule, classes: PanopticClasses) -> np.ndarray:
    """(windows, L, 4) statistics of all videos."""
    total = np.zeros((len(rule.windows), len(classes) + rule.extra_labels, 4))
    for video in videos:
        total[:, video.labels] += video.statistics
    return total


def quality_numbers(
    videos: Sequence[PanopticCounts], rule: PanopticRule, classes: PanopticClasses
) -> list[tuple[int, dict[str, float]]]:
    """(window, {all, thing, stuff}) of every window, in percent."""
    statistics = sum_statistics(videos, rule, classes)
    return [(length, mean_quality(part, classes, rule.mean_over)) for length, part in zip(rule.windows, statistics)]


def stq_numbers(videos: Sequence[PanopticCounts], classes: PanopticClasses) -> dict[str, object]:
    """STQ, AQ, SQ_IoU, 0..1, with lists per video."""
    return tracking_numbers([video.tracking for video in videos], classes)


def paper_mean(numbers: Sequence[tuple[int, dict[str, float]]], windows: Sequence[int]) -> dict[str, float]:
    """Mean of some windows of `quality_numbers`."""
    return mean_of_windows([number for length, number in numbers if length in windows])
