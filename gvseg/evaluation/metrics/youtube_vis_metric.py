"""Metric of video instance segmentation: AP and AR of tubes.

Shapes: n slots reported in a frame, C classes, H W size of a frame, T frames of a video.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmdet.registry import METRICS
from pycocotools import mask as coco_mask

from gvseg.formats.errors import InputError
from gvseg.formats.tube_masks import encode_masks as check_sizes
from gvseg.formats.youtube_vis import TubeVideo, check_length, read_tubes, write_tube_results

from ..functional.io.youtube_vis import check_truth, mean_area, truth_tubes
from ..functional.measures.tube_ap import Tube, VideoMatches, match_video, tube_numbers
from ..functional.measures.tube_rules import TubeRule
from ..functional.protocols.tubes import OVIS, YOUTUBE_VIS
from .frame_access import describe
from .video_wise_metric import VideoWiseMetric

BENCHMARKS: dict[str, TubeRule] = {'youtube_vis': YOUTUBE_VIS, 'ovis': OVIS}
SCORE_OVER = ('present', 'all')


@dataclass
class OpenTube:
    """One slot of the current video: masks and their areas by frame, the sum of its class scores and the number of
    frames with it.
    """

    masks: dict[int, dict[str, Any]] = field(default_factory=dict)
    areas: dict[int, int] = field(default_factory=dict)
    scores: Any = 0.0
    frames: int = 0


@dataclass
class OpenVideo:
    """State of the current video: its ground truth, its slots by id, its frames so far."""

    truth: TubeVideo
    tubes: dict[int, OpenTube] = field(default_factory=dict)
    frames: int = 0


@dataclass(frozen=True)
class TubeResults:
    """Result of a finished video: its matches, and its entries of the result file if that is written."""

    video: Any
    matches: VideoMatches
    entries: tuple[Mapping[str, Any], ...]


def encode_masks(masks: Any) -> list[dict[str, Any]]:
    """Compressed RLE dictionaries (counts as text) of (n,H,W) bool masks."""
    array = np.asarray(masks.detach().cpu() if hasattr(masks, 'detach') else masks, dtype=np.uint8)
    encoded = coco_mask.encode(np.asfortranarray(array.transpose(1, 2, 0))) if len(array) else []
    return [{'size': [int(side) for side in rle['size']], 'counts': rle['counts'].decode('ascii')} for rle in encoded]


@METRICS.register_module()
class YouTubeVISVideoMetric(VideoWiseMetric):
    """AP and AR of `pred_track_instances`, values 0..1 (-1: no ground truth); stores RLE of the current video only.

    A slot is a tube; its class scores are averaged over its frames, and the best (slot, class) pairs become detections.
    Ground truth is `ann_file`; videos that are not in the test dataset are left out.

    Args:
        ann_file: YouTube-VIS or OVIS JSON; annotations are not required with format_only.
        benchmark: 'youtube_vis' or 'ovis' (adds AP by occlusion), or a TubeRule.
        score_over: 'present': mean over the frames with the slot; 'all': over all frames, 0 where it is absent.
        max_per_video: (slot, class) pairs kept per video, by score.
        format_only: write the result file and compute nothing.
        outfile_prefix: if set, `<outfile_prefix>.zip` with results.json is written in either mode.
        prefix: as in mmengine's BaseMetric.
    """

    default_prefix: str | None = 'vis'

    def __init__(
        self,
        ann_file: str,
        benchmark: Any = 'youtube_vis',
        score_over: str = 'present',
        max_per_video: int = 100,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(format_only, outfile_prefix, prefix)
        if not isinstance(benchmark, TubeRule) and benchmark not in BENCHMARKS:
            raise ValueError(f'YouTubeVISVideoMetric: benchmark {benchmark!r} is not one of {sorted(BENCHMARKS)}')
        if score_over not in SCORE_OVER:
            raise ValueError(f'YouTubeVISVideoMetric: score_over {score_over!r} is not one of {SCORE_OVER}')
        self.ann_file, self.score_over, self.max_per_video = ann_file, score_over, max_per_video
        self.rule = benchmark if isinstance(benchmark, TubeRule) else BENCHMARKS[benchmark]
        self.truth = read_tubes(ann_file, needs_annotations=not format_only, needs_frames=False)
        self.videos = {video.id: video for video in self.truth.videos}
        if not format_only:
            check_truth(self.truth, self.rule)  # before a training's first iteration, not after its first epoch

    @property
    def category_ids(self) -> Sequence[int]:
        """Category id of every label: the dataset's, else those of the file in increasing order."""
        return (self.dataset_meta or {}).get('category_ids') or sorted(self.truth.categories)

    def open_video(self, frame: Any) -> OpenVideo:
        """Create the state of a new video.

        Raises:
            InputError: the video is not in ann_file.
        """
        identity = frame.get('video_id', None)
        if identity in self.videos:
            return OpenVideo(self.videos[identity])
        raise InputError(f'{describe(frame)}: {self.ann_file} has no video id {identity!r}')

    def add_frame(self, state: OpenVideo, frame: Any) -> None:
        """Encode the masks of a frame and add up the class scores.

        Raises:
            InputError: the model wrote no pred_track_instances, or class scores of another number of classes or not
                finite.
        """
        instances = frame.get('pred_track_instances', None)
        if instances is None:
            raise InputError(
                f'{describe(frame)}: the model wrote no pred_track_instances; use the metric that fits the task'
            )
        scores = np.asarray(instances['class_scores'].detach().cpu(), dtype=np.float64)
        if len(scores) and scores.shape[1] != len(self.category_ids):
            raise InputError(
                f'{describe(frame)}: class_scores of {scores.shape[1]} classes, {self.ann_file} has '
                f'{len(self.category_ids)} categories'
            )
        if not np.isfinite(scores).all():
            raise InputError(
                f'{describe(frame)}: class_scores are not finite; the weights diverged, use an earlier checkpoint'
            )
        slots = [int(slot) for slot in instances['instances_id']]
        for slot, rle, score in zip(slots, encode_masks(instances['masks']), scores):
            tube = state.tubes.setdefault(slot, OpenTube())
            tube.scores, tube.frames = tube.scores + score, tube.frames + 1
            area = int(coco_mask.area(rle))
            if area:
                tube.masks[state.frames], tube.areas[state.frames] = rle, area
        state.frames += 1

    def close_video(self, state: OpenVideo) -> TubeResults:
        """Match the detections of the video with its objects."""
        video, best = state.truth, self._best_pairs(state)
        entries = tuple(self._entries(state, best)) if self.format_only or self.outfile_prefix else ()
        if self.format_only:
            return TubeResults(video.id, {}, entries)
        truth = truth_tubes(video, self.rule, self.ann_file)
        return TubeResults(video.id, match_video(self._detections(state, best), truth, self.rule), entries)

    def aggregate(self, payloads: Sequence[TubeResults]) -> dict[str, float]:
        """Write the result file and return the scores of the rule."""
        payloads = sorted(payloads, key=lambda payload: payload.video)
        if self.outfile_prefix:
            write_tube_results(
                f'{self.outfile_prefix}.zip', (entry for payload in payloads for entry in payload.entries)
            )
        if self.format_only:
            return {}
        if len(payloads) < len(self.truth.videos):
            warnings.warn(
                f'YouTubeVISVideoMetric: scores {len(payloads)} of the {len(self.truth.videos)} videos of '
                f'{self.ann_file}, those in the test dataset'
            )
        return tube_numbers([payload.matches for payload in payloads], sorted(self.truth.categories), self.rule)

    def _best_pairs(self, state: OpenVideo) -> list[tuple[OpenTube, int, float]]:
        """The video's best (slot, class) pairs: tube, label, score."""
        tubes = [tube for tube in state.tubes.values() if tube.masks]
        if not tubes:
            return []
        divisors = [tube.frames if self.score_over == 'present' else state.frames for tube in tubes]
        scores = np.stack([tube.scores / divisor for tube, divisor in zip(tubes, divisors)])
        best = np.argsort(-scores, axis=None, kind='stable')[: self.max_per_video]
        rows, labels = np.unravel_index(best, scores.shape)
        return [(tubes[row], int(label), float(scores[row, label])) for row, label in zip(rows, labels)]

    def _entries(self, state: OpenVideo, best: Sequence[tuple[OpenTube, int, float]]) -> Iterator[dict[str, Any]]:
        """Entries of the result file."""
        for tube, label, score in best:
            yield {
                'video_id': state.truth.id,
                'category_id': int(self.category_ids[label]),
                'score': score,
                'segmentations': [tube.masks.get(index) for index in range(state.frames)],
            }

    def _detections(self, state: OpenVideo, best: Sequence[tuple[OpenTube, int, float]]) -> list[Tube]:
        """Tubes for matching; their masks were encoded here, so that only their number and size are checked.

        Raises:
            InputError: another number or size of frames than in ann_file.
        """
        found: dict[int, dict[str, Any]] = {}
        for index, (tube, _, _) in enumerate(best):
            if id(tube) in found:
                continue
            masks = [tube.masks.get(frame) for frame in range(state.frames)]
            where = f'prediction: entry {index} (video_id {state.truth.id})'
            if not self.rule.truncate:
                check_length({'segmentations': masks}, state.truth, where)
            areas = np.array([tube.areas.get(frame, 0) for frame in range(state.frames)], np.int64)
            kept = tuple(check_sizes(masks, state.truth, where))
            found[id(tube)] = {'masks': kept, 'areas': areas, 'size': mean_area(areas.tolist())}
        return [Tube(int(self.category_ids[label]), **found[id(tube)], score=score) for tube, label, score in best]
