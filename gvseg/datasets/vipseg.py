"""Video panoptic segmentation: VIPSeg."""

import os.path as osp
from typing import Any

from mmdet.registry import DATASETS

from gvseg.formats.constants import STUFF_ID_OFFSET
from gvseg.formats.errors import InputError
from gvseg.formats.panoptic_json import PanopticFrame, PanopticVideo, read_panoptic_file
from gvseg.formats.panoptic_segments import Category, SegmentList

from .base import ClipDataset


@DATASETS.register_module()
class VIPSegDataset(ClipDataset):
    """Panoptic JSON, ``imgs/<video>/*.jpg``, ``panomasksRGB/<video>/*.png``.

    Labels are contiguous, things first, each group in order of category id.
    ``metainfo`` has classes, thing_classes, stuff_classes, category_ids
    (label -> id in the file), categories (as in the file) and palette.
    Crowds (``iscrowd``) are not training targets.

    Args:
        image_suffix: Suffix of the frames; the JSON names the maps.
    """

    def __init__(self, *args: Any, image_suffix: str = '.jpg', **kwargs: Any) -> None:
        self.image_suffix = image_suffix
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """Read the JSON; no map is opened."""
        content = read_panoptic_file(self.ann_file, needs_annotations=False)
        labels = self._read_classes(content.categories)
        return [self._video(video, labels) for video in content.videos]

    def is_trainable(self, video: dict) -> bool:
        """Whether a frame has a segment that is not a crowd."""
        return any(not segment['crowd'] for frame in video['images'] for segment in frame['segments'].values())

    def _read_classes(self, categories: list[Category]) -> dict[int, int]:
        """Category id -> label, things first."""
        ordered = sorted(categories, key=lambda category: (not category.is_thing, category.id))
        things = tuple(category.name for category in ordered if category.is_thing)
        stuff = tuple(category.name for category in ordered if not category.is_thing)
        self.set_metainfo(
            classes=things + stuff,
            thing_classes=things,
            stuff_classes=stuff,
            category_ids=[category.id for category in ordered],
            categories=[
                dict(id=category.id, name=category.name, isthing=int(category.is_thing), color=list(category.colour))
                for category in categories
            ],
            palette=[list(category.colour) for category in ordered],
        )
        self._num_things = len(things)
        return {category.id: label for label, category in enumerate(ordered)}

    def _video(self, video: PanopticVideo, labels: dict[int, int]) -> dict:
        frames = [self._frame(video.name, number, frame, labels) for number, frame in enumerate(video.frames)]
        return dict(video_id=video.name, video_length=len(frames), images=frames)

    def _frame(self, video: str, number: int, frame: PanopticFrame, labels: dict[int, int]) -> dict:
        if frame.size is None:
            raise InputError(f'{self.ann_file}: video {video}, frame {frame.name}: has no height and width')
        annotated = frame.segments is not None
        return dict(
            img_path=osp.join(self.data_prefix.get('img_path') or '', video, frame.name + self.image_suffix),
            img_id=f'{video}/{frame.name}',
            frame_id=number,
            video_id=video,
            height=frame.size[0],
            width=frame.size[1],
            map_format='panoptic',
            seg_map_path=osp.join(self.data_prefix.get('seg_map_path') or '', video, frame.map_name)
            if annotated
            else None,
            segments=self._segments(frame.segments, labels) if annotated else {},
        )

    def _segments(self, segments: SegmentList, labels: dict[int, int]) -> dict[int, dict]:
        """Segment id -> label, instance id and crowd flag."""
        found = {}
        for identity, category, crowd in zip(
            *(part.tolist() for part in (segments.ids, segments.categories, segments.crowd))
        ):
            label = labels[category]
            # Several stuff ids of a class in a frame are one segment.
            own = identity if label < self._num_things else STUFF_ID_OFFSET + label
            found[identity] = dict(label=label, instance_id=own, crowd=crowd)
        return found
