"""What tube AP and AR count: groups of objects, numbers, thresholds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ENDLESS = 1e5**2  # pixels
Range = tuple[float, float]


@dataclass(frozen=True)
class TubeGroup:
    """Ground truth that a number is about; bounds are inclusive.

    Attributes:
        name: short name.
        area: mean pixels over frames; outside, ground truth and unmatched detections are ignored.
        occlusion: degree of occlusion; outside, only ground truth is ignored. None: any.
    """

    name: str
    area: Range = (0.0, ENDLESS)
    occlusion: Range | None = None


@dataclass(frozen=True)
class TubeStatistic:
    """One number: mean precision (AP) or recall (AR) of a group.

    Attributes:
        key: its name in the results.
        precision: AP, else AR.
        group: name of the group.
        detections: at most so many detections per video and category.
        threshold: one IoU threshold; None: the mean over all.
    """

    key: str
    precision: bool
    group: str = 'all'
    detections: int = 100
    threshold: float | None = None


@dataclass(frozen=True)
class TubeRule:
    """How a benchmark counts tubes.

    Attributes:
        groups: what the statistics refer to.
        statistics: the numbers, in order.
        occlusion_levels: degree of occlusion of each word in `occlusion`; None: the file needs no such field.
        truncate: sequences of different length are cut to the shorter one (the public scorer's zip) instead of being
            an error.
        iou_thresholds, recall_points: of the precision-recall curves.
    """

    groups: tuple[TubeGroup, ...]
    statistics: tuple[TubeStatistic, ...]
    occlusion_levels: Mapping[str, float] | None = None
    truncate: bool = False
    iou_thresholds: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
    recall_points: tuple[float, ...] = tuple(np.linspace(0.0, 1.0, 101).tolist())

    @property
    def most_detections(self) -> int:
        """Detections of a video and category that are matched."""
        return max(statistic.detections for statistic in self.statistics)


def occlusion_degree(levels: Sequence[float]) -> float:
    """OVIS' degree of a tube: the mean of the larger half (rounded up) of its frames' levels; 0 without frames."""
    half = sorted(levels, reverse=True)[: math.ceil(len(levels) / 2)]
    return sum(half) / len(half) if half else 0.0
