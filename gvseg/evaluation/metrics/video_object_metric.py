"""Metric of exemplar-guided video segmentation: J, F and their means by DAVIS' or YouTube-VOS' rules.

Shapes: H W size of a map.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmdet.registry import METRICS

from gvseg.formats.errors import InputError

from ..functional.io.youtube_vos import GROUPS, read_spans, read_unseen, required_frames
from ..functional.protocols.video_objects import DAVIS, YOUTUBE_VOS, ObjectCounter, ObjectRule, ObjectScores
from .frame_access import describe, names_of, read_target, required_map, value_table
from .submission_files import write_label_png, zip_folder
from .video_wise_metric import VideoWiseMetric

PROTOCOLS: dict[str, ObjectRule] = {'davis': DAVIS, 'youtube_vos': YOUTUBE_VOS}


def object_means(objects: Sequence[ObjectScores]) -> dict[str, float]:
    """J, F, J&F over objects, and per group and G if groups are known; objects without scored frames are left out."""
    scored = [item for item in objects if len(item.region)]
    if not scored:
        raise InputError('no object has a scored frame; check that frames carry seg_map_path')
    numbers = {
        'J': float(np.mean([item.region.mean() for item in scored])),
        'F': float(np.mean([item.boundary.mean() for item in scored])),
    }
    numbers['J&F'] = (numbers['J'] + numbers['F']) / 2
    groups = {group: [item for item in scored if item.group == group] for group in GROUPS}
    for group, members in groups.items():
        if members:
            numbers[f'J_{group}'] = float(np.mean([item.region.mean() for item in members]))
            numbers[f'F_{group}'] = float(np.mean([item.boundary.mean() for item in members]))
    if all(groups.values()):
        numbers['G'] = float(np.mean([numbers[f'{name}_{group}'] for group in GROUPS for name in 'JF']))
    return numbers


@METRICS.register_module()
class VideoObjectMetric(VideoWiseMetric):
    """J, F, J&F (and seen/unseen/G) of `pred_object_map`, values 0..1; stores two numbers per object and frame.

    Ground truth is the frame's file `seg_map_path`; frames without it are not annotated and not scored.

    Args:
        protocol: 'davis' or 'youtube_vos', or an ObjectRule.
        label_map: {value in seg_map_path: object id} for files that are not id maps, e.g. {255: 1} for binary masks;
            values that are not listed become background.
        meta_file: YouTube-VOS meta.json: objects, their frames and classes; None: objects are taken from the maps.
        unseen_file: names of the unseen classes, one per line.
        format_only: write palette PNGs under `outfile_prefix` and compute nothing.
        outfile_prefix: folder of the PNGs; if set, they are written in either mode, and for protocols with late objects
            (YouTube-VOS) also `<outfile_prefix>.zip` with the folder Annotations.
        video_depth: number of levels from the image file up to the video's folder.
        prefix: as in mmengine's BaseMetric.
    """

    default_prefix: str | None = 'evs'

    def __init__(
        self,
        protocol: Any = 'davis',
        label_map: Mapping[int, int] | None = None,
        meta_file: str | None = None,
        unseen_file: str | None = None,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        video_depth: int = 1,
        prefix: str | None = None,
    ) -> None:
        super().__init__(format_only, outfile_prefix, prefix)
        if not isinstance(protocol, ObjectRule) and protocol not in PROTOCOLS:
            raise ValueError(f'VideoObjectMetric: protocol {protocol!r} is not one of {sorted(PROTOCOLS)}')
        self.rule = protocol if isinstance(protocol, ObjectRule) else PROTOCOLS[protocol]
        self.table, self.video_depth = value_table(label_map, 0), video_depth
        self.spans = read_spans(meta_file, read_unseen(unseen_file)) if meta_file else None

    def open_video(self, frame: Any) -> ObjectCounter:
        """Create an empty counter.

        Raises:
            InputError: the video is not in meta_file.
        """
        video, _ = names_of(frame, self.video_depth)
        if self.spans is not None and video not in self.spans:
            raise InputError(f'VideoObjectMetric: video {video!r} is not in meta_file')
        return ObjectCounter(video, self.rule, None if self.spans is None else self.spans[video])

    def add_frame(self, state: ObjectCounter, frame: Any) -> None:
        """Score and write one frame."""
        _, name = names_of(frame, self.video_depth)
        prediction = required_map(frame, 'pred_object_map')
        if self.outfile_prefix and (state.spans is None or name in required_frames(state.spans)):
            write_label_png(self._folder() / state.video / f'{name}.png', prediction, palette=True)
        target = None if self.format_only else read_target(frame, self.table)
        if target is not None:
            state.add(name, target, prediction, describe(frame))

    def close_video(self, state: ObjectCounter) -> list[ObjectScores]:
        """The scores of the video's objects."""
        return state.finish()

    def aggregate(self, payloads: Sequence[list[ObjectScores]]) -> dict[str, float]:
        """Zip the files and return J, F, J&F and, if groups are known, those of seen and unseen classes and G."""
        if self.outfile_prefix and self.rule.late_objects:
            zip_folder(self._folder(), f'{self.outfile_prefix}.zip')
        if self.format_only:
            return {}
        return object_means([item for objects in payloads for item in objects])

    def _folder(self) -> Path:
        """Folder of the PNGs; named Annotations for YouTube-VOS."""
        return Path(self.outfile_prefix, *(('Annotations',) if self.rule.late_objects else ()))
