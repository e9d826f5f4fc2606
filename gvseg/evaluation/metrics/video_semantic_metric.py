"""Metrics of video semantic segmentation: mIoU and VC_n, and mmseg's IoUMetric on unrolled clips.

Shapes: H W size of a map, C classes, n window length.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmdet.registry import METRICS
from mmseg.evaluation.metrics import IoUMetric

from gvseg.formats.constants import VOID_VALUE
from gvseg.formats.errors import InputError

from ..functional.measures.semantic import SemanticRule, VideoCounter, VideoCounts, semantic_numbers
from .frame_access import describe, frame_map, frames_of, names_of, read_target, required_map, value_table
from .submission_files import write_label_png
from .video_wise_metric import VideoWiseMetric


@METRICS.register_module()
class VideoSemanticMetric(VideoWiseMetric):
    """mIoU, pixel accuracies and mVC_n of `pred_sem_seg` (VSPW's rules), values 0..1.

    Stores confusion counts and two maps of the current video. Ground truth is the frame's `gt_sem_seg` if it has the
    prediction's size, else the file `seg_map_path` mapped by `label_map`.

    Args:
        windows: the n of VC_n.
        num_classes: C; None: number of classes in dataset_meta.
        label_map: {value in seg_map_path: label}, others are void; None: dataset_meta['label_map'], if any.
        format_only: write VSPW PNGs under `outfile_prefix` and compute nothing.
        outfile_prefix: folder of the PNGs; if set, they are written in either mode.
        video_depth: number of levels from the image file up to the video's folder.
        prefix, collect_device: as in mmengine's BaseMetric.
    """

    default_prefix: str | None = 'vss'

    def __init__(
        self,
        windows: Sequence[int] = (8, 16),
        num_classes: int | None = None,
        label_map: Mapping[int, int] | None = None,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        video_depth: int = 2,
        prefix: str | None = None,
        collect_device: str = 'cpu',
    ) -> None:
        super().__init__(format_only, outfile_prefix, prefix, collect_device)
        self.windows, self.num_classes = tuple(windows), num_classes
        self.label_map, self.video_depth = label_map, video_depth

    @property
    def rule(self) -> SemanticRule:
        """The counting rule; C from the argument or the dataset's classes."""
        count = self.num_classes or len((self.dataset_meta or {}).get('classes', ()))
        if not count:
            raise InputError('VideoSemanticMetric: num_classes is not given and dataset_meta has no classes')
        return SemanticRule(num_classes=count, windows=self.windows)

    def open_video(self, frame: Any) -> VideoCounter:
        """Create an empty counter."""
        return VideoCounter(str(frame.get('video_id', '')), self.rule)

    def add_frame(self, state: VideoCounter, frame: Any) -> None:
        """Count and write one frame."""
        prediction = required_map(frame, 'pred_sem_seg')
        if self.outfile_prefix:
            video, name = names_of(frame, self.video_depth)
            write_label_png(Path(self.outfile_prefix) / video / f'{name}.png', prediction, palette=False)
        if not self.format_only:
            state.add(self._target(frame, prediction.shape), prediction, describe(frame))

    def close_video(self, state: VideoCounter) -> VideoCounts:
        """Counts of the video."""
        return state.finish()

    def aggregate(self, payloads: Sequence[VideoCounts]) -> dict[str, float]:
        """Acc, Acc_class, mIoU, fwIoU and mVC<n>."""
        if self.format_only:
            return {}
        numbers = semantic_numbers(payloads, self.rule)
        return {name.replace('VC', 'mVC'): value for name, value in numbers.items()}

    def _target(self, frame: Any, shape: Sequence[int]) -> np.ndarray:
        """Ground truth of a frame at the prediction's size."""
        packed = frame_map(frame, 'gt_sem_seg')
        if packed is not None and packed.shape == tuple(shape):
            return packed
        mapping = self.label_map if self.label_map is not None else (self.dataset_meta or {}).get('label_map')
        if packed is not None and mapping is None:  # the file's values may not be labels
            raise InputError(
                f'{describe(frame)}: prediction has size {tuple(shape)}, gt_sem_seg {packed.shape}: '
                'put LoadClipAnnotations after ClipResize in the test pipeline, or set label_map'
            )
        stored = read_target(frame, value_table(mapping, VOID_VALUE))
        if stored is None:
            raise InputError(f'{describe(frame)}: there is neither gt_sem_seg nor seg_map_path')
        return stored


@METRICS.register_module()
class UnrolledIoUMetric(IoUMetric):
    """mmseg's IoUMetric on clips: frames are unrolled and `sem_seg` is renamed to mmseg's key `data`."""

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Count the new frames of a batch of clips."""
        super().process(data_batch, [self._unroll(frame) for frame in frames_of(data_samples)])

    def _unroll(self, frame: Any) -> dict[str, Any]:
        """Convert a frame to mmseg's format."""
        sample = {'img_path': frame.get('img_path', None)}
        for name in ('pred_sem_seg',) if self.format_only else ('pred_sem_seg', 'gt_sem_seg'):
            pixels = frame.get(name, None)
            if pixels is None:
                raise InputError(f'{describe(frame)}: has no {name}, which UnrolledIoUMetric needs')
            sample[name] = {'data': pixels.get('sem_seg')}
        return sample
