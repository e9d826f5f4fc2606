"""Panoptic metric that keeps the counts of every video, for intervals over videos and paired comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmdet.registry import METRICS

from gvseg.core.panoptic import PANOPTIC_DIVISOR

from ..functional.measures.panoptic_resampling import VideoCounts, interval, kept_identities, numbers, resampled
from .video_panoptic_metric import OpenVideo, PanopticResult, VideoPanopticMetric


@dataclass(frozen=True)
class CountedResult(PanopticResult):
    """Also how many identities of things were kept, and of how many pairs of frames."""

    kept: tuple[int, int] = (0, 0)


@METRICS.register_module()
class VideoPanopticCountsMetric(VideoPanopticMetric):
    """:class:`VideoPanopticMetric` whose numbers come with an interval, and which writes the counts behind them.

    Args:
        counts_file: ``.npz`` to write, see :class:`VideoCounts`.
        gap: distance in frames of the two in which an identity is to be the same: that of neighbouring clips' starts.
        samples: resamplings of the videos.
        kwargs: as :class:`VideoPanopticMetric`.
    """

    def __init__(self, counts_file: str, gap: int = 3, samples: int = 1000, **kwargs) -> None:
        super().__init__(**kwargs)
        self.counts_file, self.gap, self.samples = Path(counts_file), gap, samples

    def close_video(self, state: OpenVideo) -> CountedResult:
        """The video's counts, and its kept identities."""
        result = super().close_video(state)
        kept = kept_identities(state.tables, sorted(self.classes.things), self.gap, PANOPTIC_DIVISOR)
        return CountedResult(**vars(result), kept=kept)

    def aggregate(self, payloads: Sequence[CountedResult]) -> dict[str, float]:
        """The numbers, with ``NAME_low`` and ``NAME_high`` of those that have an interval; writes the counts."""
        values = super().aggregate(payloads)
        counts = VideoCounts.of(
            [payload.counts for payload in payloads], [payload.kept for payload in payloads], self.rule, self.classes
        )
        counts.save(self.counts_file)
        drawn = numbers(counts, resampled(len(payloads), self.samples), sorted(self.classes.things), self.rule.windows)
        for name, resamplings in drawn.items():
            value, low, high = interval(resamplings)
            values.update({name: value / 100, f'{name}_low': low / 100, f'{name}_high': high / 100})
        return values
