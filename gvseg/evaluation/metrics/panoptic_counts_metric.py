"""Panoptic metric that saves the counts of every video, for intervals over videos and paired comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmdet.registry import METRICS

from gvseg.core.panoptic import PANOPTIC_DIVISOR

from ..functional.measures.panoptic_resampling import VideoCounts, interval, kept_identities, numbers, resampled
from .video_panoptic_metric import OpenVideo, PanopticResult, VideoPanopticMetric


@dataclass(frozen=True)
class CountedResult(PanopticResult):
    """Also the number of kept track ids of things, and the number of frame pairs."""

    kept: tuple[int, int] = (0, 0)


@METRICS.register_module()
class VideoPanopticCountsMetric(VideoPanopticMetric):
    """:class:`VideoPanopticMetric` with confidence intervals, which also writes the counts.

    Args:
        counts_file: ``.npz`` to write, see :class:`VideoCounts`.
        gap: distance in frames at which track ids are compared: that of the starts of neighbouring clips.
        samples: number of bootstrap samples of the videos.
        kwargs: as :class:`VideoPanopticMetric`.
    """

    def __init__(self, counts_file: str, gap: int = 3, samples: int = 1000, **kwargs) -> None:
        super().__init__(**kwargs)
        self.counts_file, self.gap, self.samples = Path(counts_file), gap, samples

    def close_video(self, state: OpenVideo) -> CountedResult:
        """Counts of the video, and its kept track ids."""
        result = super().close_video(state)
        kept = kept_identities(state.tables, sorted(self.classes.things), self.gap, PANOPTIC_DIVISOR)
        return CountedResult(**vars(result), kept=kept)

    def aggregate(self, payloads: Sequence[CountedResult]) -> dict[str, float]:
        """Write the counts and return the scores, with ``NAME_low`` and ``NAME_high`` for those with an interval."""
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
