"""Metric of video panoptic segmentation: VPQ, STQ, AQ, SQ.

Shapes: H W size of a map.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from mmdet.registry import METRICS
from PIL import Image

from gvseg.formats.constants import PANOPTIC_DIVISOR
from gvseg.formats.errors import InputError
from gvseg.formats.files import write_with
from gvseg.formats.json_files import write_json
from gvseg.formats.panoptic_json import PanopticFile, read_panoptic_file, require_maps
from gvseg.formats.png_maps import panoptic_colours, read_panoptic_ids

from ..functional.io.frame_tables import match_lists, packed_segments
from ..functional.io.vipseg import PanopticTruth, TrueVideo, with_labels
from ..functional.measures.panoptic_counts import PanopticCounts, count_video, quality_numbers, stq_numbers
from ..functional.measures.panoptic_quality import mean_of_windows
from ..functional.measures.panoptic_rules import PanopticClasses, PanopticRule
from ..functional.measures.segment_counts import FrameTable, count_pairs, sum_by
from ..functional.protocols.panoptic import PAPER_WINDOWS
from .frame_access import describe, names_of, required_map
from .video_wise_metric import VideoWiseMetric


@dataclass
class OpenVideo:
    """State of the current video: frame tables so far, ids of written segments and JSON entries of written frames."""

    name: str
    truth: TrueVideo | None
    tables: list[FrameTable] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    written: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class PanopticResult:
    """Result of a finished video: counts, and its entry of pred.json if that is written."""

    video: str
    counts: PanopticCounts | None
    written: tuple[dict[str, Any], ...]


def check_packed(packed: np.ndarray, shape: tuple[int, ...], num_classes: int, where: str) -> None:
    """Check that a packed map has the size of the ground truth and ids of known classes.

    Raises:
        InputError: naming `where`.
    """
    if packed.shape != shape:
        raise InputError(f'{where}: prediction has size {packed.shape}, ground truth {shape} (height, width)')
    lowest, highest = packed.min(initial=-1), packed.max(initial=-1)
    if lowest < -1 or highest >= num_classes * PANOPTIC_DIVISOR:
        raise InputError(f'{where}: predicted ids {lowest}..{highest} are out of range for {num_classes} classes')


@METRICS.register_module()
class VideoPanopticMetric(VideoWiseMetric):
    """VPQ (mean over windows, and each), VPQ of things and stuff, STQ, AQ, SQ of `pred_panoptic_seg`, values 0..1.

    Ground truth is in VIPSeg's layout, read and checked when the metric is built; its rules are VIPSeg's. Stores
    frame tables, no maps. Videos of `ann_file` that are not in the test dataset are left out.

    Args:
        ann_file: panoptic JSON; may be None with format_only.
        seg_prefix: folder of `<video>/<frame>.png`.
        windows: window lengths in frames; papers on VIPSeg take the mean of 1, 2, 4, 6.
        mean_over: 'seen' or 'all' classes, see PanopticRule.
        format_only: write the result files and compute nothing.
        outfile_prefix: folder; if set, pan_pred/<video>/<frame>.png and pred.json are written in either mode.
        prefix: as in mmengine's BaseMetric.
    """

    default_prefix: str | None = 'vps'

    def __init__(
        self,
        ann_file: str | None = None,
        seg_prefix: str | None = None,
        windows: Sequence[int] = PAPER_WINDOWS,
        mean_over: str = 'seen',
        format_only: bool = False,
        outfile_prefix: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(format_only, outfile_prefix, prefix)
        if not format_only and (ann_file is None or seg_prefix is None):
            raise ValueError('VideoPanopticMetric: ann_file and seg_prefix are needed, except with format_only')
        self.ann_file, self.seg_prefix = ann_file, seg_prefix
        self.rule = PanopticRule(tuple(windows), mean_over)
        self._order: tuple[int, ...] = ()
        self._truth: PanopticTruth | None = None
        self._file: PanopticFile | None = read_panoptic_file(ann_file, not format_only) if ann_file else None
        if self._file is not None and not format_only:
            require_maps(self._file, ann_file, seg_prefix)

    @property
    def truth(self) -> PanopticTruth:
        """Ground truth in the dataset's order of labels."""
        if self._truth is None:
            self._truth = with_labels(self._file, self.ann_file, self._label_order())
        return self._truth

    def _label_order(self) -> tuple[int, ...]:
        """Category id of every label: the dataset's, else things first, each group by id."""
        known = (self.dataset_meta or {}).get('category_ids')
        if not self._order and not known:
            if self._file is None:
                raise InputError(
                    'VideoPanopticMetric: category ids are unknown; give ann_file or a dataset '
                    'whose metainfo has category_ids'
                )
            known = [
                category.id
                for category in sorted(self._file.categories, key=lambda category: (not category.is_thing, category.id))
            ]
        self._order = self._order or tuple(known)
        return self._order

    @property
    def classes(self) -> PanopticClasses:
        """The evaluated classes."""
        return self.truth.classes

    def open_video(self, frame: Any) -> OpenVideo:
        """Create the state of a new video.

        Raises:
            InputError: the video is not in ann_file.
        """
        name = str(frame.get('video_id', None))
        if self.format_only:
            return OpenVideo(name, None)
        return OpenVideo(name, self._find(name, frame))

    def _find(self, name: str, frame: Any) -> TrueVideo:
        """Find a video of the ground truth."""
        for video in self.truth.videos:
            if video.name == name:
                return video
        raise InputError(f'{describe(frame)}: {self.ann_file} has no video {name!r}')

    def add_frame(self, state: OpenVideo, frame: Any) -> None:
        """Count and write one frame."""
        packed = required_map(frame, 'pred_panoptic_seg')
        _, name = names_of(frame)
        if self.outfile_prefix:
            self._write(state, name, packed)
        if not self.format_only:
            state.tables.append(self._table(state, name, packed, frame))

    def _table(self, state: OpenVideo, name: str, packed: np.ndarray, frame: Any) -> FrameTable:
        """Count a (H,W) packed map against its ground truth."""
        index = len(state.tables)
        known = state.truth.frames[index] if index < len(state.truth.frames) else None
        if known is None or known.name != name:
            raise InputError(
                f'{describe(frame)}: {self.ann_file} has frame {known and known.name!r} at place {index} of this video'
            )
        path = Path(self.seg_prefix) / state.name / known.file_name
        target = read_panoptic_ids(path)
        check_packed(packed, target.shape, len(self.classes), f'{describe(frame)}: {path}')
        pairs = count_pairs(target, packed + 1)
        own = match_lists(pairs.per_target(), known.segments, str(path), state.truth.first_id)
        return FrameTable(own, packed_segments(pairs, PANOPTIC_DIVISOR), pairs)

    def close_video(self, state: OpenVideo) -> PanopticResult:
        """Counts of the video."""
        counts = None if self.format_only else count_video(state.name, state.tables, self.rule, self.classes)
        return PanopticResult(state.name, counts, tuple(state.written))

    def aggregate(self, payloads: Sequence[PanopticResult]) -> dict[str, float]:
        """Write pred.json and return the scores."""
        payloads = sorted(payloads, key=lambda payload: payload.video)
        if self.outfile_prefix:
            self._write_json(payloads)
        if self.format_only:
            return {}
        self._check_complete(len(payloads))
        counts, classes = [payload.counts for payload in payloads], self.classes
        windows = quality_numbers(counts, self.rule, classes)
        mean = mean_of_windows([values for _, values in windows])
        stq = stq_numbers(counts, classes)
        numbers = {'VPQ': mean['all'], 'VPQ_th': mean['thing'], 'VPQ_st': mean['stuff']}
        numbers.update({f'VPQ{length}': values['all'] for length, values in windows})
        return {
            **{name: value / 100 for name, value in numbers.items()},
            'STQ': stq['STQ'],
            'AQ': stq['AQ'],
            'SQ': stq['SQ_IoU'],
        }

    def _check_complete(self, count: int) -> None:
        """Warn if only a part of the ground truth is scored."""
        if count < len(self.truth.videos):
            warnings.warn(
                f'VideoPanopticMetric: scores {count} of the {len(self.truth.videos)} videos of '
                f'{self.ann_file}, those in the test dataset'
            )

    def _write(self, state: OpenVideo, name: str, packed: np.ndarray) -> None:
        """Write a map; segments get the ids 1, 2, ... in order of appearance in the video, void is 0."""
        values, inverse = np.unique(packed, return_inverse=True)
        ids = np.array(
            [state.numbers.setdefault(int(value), len(state.numbers) + 1) if value >= 0 else 0 for value in values],
            np.int64,
        )
        path = Path(self.outfile_prefix) / 'pan_pred' / state.name / f'{name}.png'
        image = Image.fromarray(panoptic_colours(ids[inverse.reshape(packed.shape)]))
        write_with(path, lambda file: image.save(file, 'PNG'))
        _, areas = sum_by(inverse.ravel(), np.ones(packed.size))
        order = self._label_order()
        segments = [
            {'id': int(identity), 'category_id': int(order[value // PANOPTIC_DIVISOR]), 'iscrowd': 0, 'area': int(area)}
            for value, identity, area in zip(values, ids, areas)
            if value >= 0
        ]
        state.written.append({'image_id': name, 'file_name': f'{name}.png', 'segments_info': segments})

    def _write_json(self, payloads: Sequence[PanopticResult]) -> None:
        """Write pred.json."""
        annotations = [{'video_id': payload.video, 'annotations': list(payload.written)} for payload in payloads]
        write_json(Path(self.outfile_prefix) / 'pred.json', {'annotations': annotations})
