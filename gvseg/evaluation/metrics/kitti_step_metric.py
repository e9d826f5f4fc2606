"""Metric of video panoptic segmentation on KITTI-STEP.

Shapes: H W size of a map.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmdet.registry import METRICS
from PIL import Image

from gvseg.formats.constants import PANOPTIC_DIVISOR, VOID_VALUE
from gvseg.formats.errors import InputError
from gvseg.formats.files import write_with
from gvseg.formats.kitti_step import colours_of, read_codes

from ..functional.io.frame_tables import map_segments, packed_segments
from ..functional.measures.panoptic_rules import PanopticClasses, PanopticRule
from ..functional.measures.segment_counts import FrameTable, count_pairs
from ..functional.protocols.panoptic import KITTI_STEP, KITTI_STEP_CLASSES
from .frame_access import describe
from .video_panoptic_metric import OpenVideo, PanopticResult, VideoPanopticMetric, check_packed


@METRICS.register_module()
class KITTIStepMetric(VideoPanopticMetric):
    """VPQ, STQ, AQ, SQ of `pred_panoptic_seg` by KITTI-STEP's rules, values 0..1.

    Ground truth is the frame's file `seg_map_path`: R class, 256 G + B instance. Pixels may be predicted as void,
    which counts as an error.

    Args:
        windows: window lengths in frames.
        mean_over: 'all' (19 classes) or 'seen', see PanopticRule.
        format_only: write the PNGs and compute nothing.
        outfile_prefix: folder; if set, `<sequence>/<frame>.png` are written in either mode.
        prefix: as in mmengine's BaseMetric.
    """

    def __init__(
        self,
        windows: Sequence[int] = KITTI_STEP.windows,
        mean_over: str = KITTI_STEP.mean_over,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__('', '', windows, mean_over, format_only, outfile_prefix, prefix)
        self.rule = PanopticRule(tuple(windows), mean_over, extra_labels=KITTI_STEP.extra_labels)

    @property
    def truth(self) -> None:
        """None: ground truth is read from the frames' maps, which the dataset checks."""
        return None

    @property
    def classes(self) -> PanopticClasses:
        """The 19 classes; labels are the values in the files."""
        return KITTI_STEP_CLASSES

    def open_video(self, frame: Any) -> OpenVideo:
        """State of an empty video."""
        return OpenVideo(str(frame.get('video_id', None)), None)

    def _recoded(self, packed: np.ndarray) -> np.ndarray:
        """Packed ids with the file's classes instead of the dataset's labels."""
        classes = np.append((self.dataset_meta or {}).get('category_ids') or self.classes.ids, VOID_VALUE)
        labels = np.where(packed < 0, -1, packed // PANOPTIC_DIVISOR)
        return classes[labels] * PANOPTIC_DIVISOR + np.where(packed < 0, 0, packed % PANOPTIC_DIVISOR)

    def _table(self, state: OpenVideo, name: str, packed: np.ndarray, frame: Any) -> FrameTable:
        """Count a (H,W) packed map against its ground truth."""
        path = frame.get('seg_map_path', None)
        if not path:
            raise InputError(f'{describe(frame)}: has no seg_map_path, so no ground truth; use format_only')
        target = read_codes(path)
        check_packed(packed, target.shape, len(self.classes), f'{describe(frame)}: {path}')
        codes = self._recoded(packed)
        pairs = count_pairs(target, np.where(packed < 0, 0, codes + 1))
        own = map_segments(pairs.per_target(), len(self.classes) + self.rule.extra_labels, True, str(path))
        return FrameTable(own, packed_segments(pairs, PANOPTIC_DIVISOR), pairs)

    def _check_complete(self, count: int) -> None:
        """Nothing to check: the sequences are those of the dataset."""

    def _write(self, state: OpenVideo, name: str, packed: np.ndarray) -> None:
        """Write a map in KITTI-STEP's colours."""
        image = Image.fromarray(colours_of(self._recoded(packed)))
        write_with(Path(self.outfile_prefix) / state.name / f'{name}.png', lambda file: image.save(file, 'PNG'))

    def _write_json(self, payloads: Sequence[PanopticResult]) -> None:
        """The benchmark has no JSON."""
