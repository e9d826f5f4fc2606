"""Rules of tube AP and AR: object groups, statistics, thresholds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ENDLESS = 1e5**2  # pixels
Range = tuple[float, float]


@dataclass(frozen=True)
class TubeGroup:
    """Subset of the ground truth that a statistic refers to; bounds are inclusive.

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
    """One statistic: mean precision (AP) or recall (AR) of a group.

    Attributes:
        key: its name in the results.
        precision: True for AP, False for AR.
        group: name of the group.
        detections: maximum number of detections per video and category.
        threshold: one IoU threshold; None: the mean over all.
    """

    key: str
    precision: bool
    group: str = 'all'
    detections: int = 100
    threshold: float | None = None


@dataclass(frozen=True)
class TubeRule:
    """Counting rule of a benchmark for tubes.

    Attributes:
        groups: ground-truth groups of the statistics.
        statistics: in order of output.
        occlusion_levels: degree of occlusion of each value of `occlusion`; None: the field is not required.
        truncate: cut sequences of different lengths to the shorter one (as zip in the public scorer) instead of raising
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
        """Maximum number of detections matched per video and category."""
        return max(statistic.detections for statistic in self.statistics)


def occlusion_degree(levels: Sequence[float]) -> float:
    """OVIS' degree of occlusion: mean of the larger half (rounded up) of a tube's frame levels; 0 without frames."""
    half = sorted(levels, reverse=True)[: math.ceil(len(levels) / 2)]
    return sum(half) / len(half) if half else 0.0
