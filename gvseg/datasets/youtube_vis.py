"""Video instance segmentation in YouTube-VIS JSON (YouTube-VIS, OVIS)."""

import os.path as osp
from collections.abc import Mapping
from typing import Any

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES
from gvseg.formats.errors import InputError
from gvseg.formats.frame_fields import corners
from gvseg.formats.youtube_vis import TubeVideo, boxes_of, check_length, read_tubes

from .base import ClipDataset
from .reading import warn_once


@DATASETS.register_module()
class YouTubeVISVideoDataset(ClipDataset):
    """JSON of the benchmarks: {videos, annotations, categories}.

    Unlike mmdet's ``YouTubeVISDataset`` it needs no conversion to a COCO-like
    file. Classes are those of the file, in order of their ids; a
    config's ``metainfo.classes`` selects some of them by name. Files without
    annotations (hidden ground truth) work for testing.

    Args:
        class_agnostic: Give every object label 0, class "object".
    """

    def __init__(self, *args: Any, class_agnostic: bool = False, **kwargs: Any) -> None:
        self.class_agnostic = class_agnostic
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """Read the JSON; masks stay encoded."""
        content = read_tubes(self.ann_file, needs_annotations=False)
        labels = self._read_classes(content.categories)
        return [self._video(video, labels) for video in content.videos]

    def _read_classes(self, categories: Mapping[int, str]) -> dict[int, int]:
        """Category id -> label, of the selected classes."""
        if self.class_agnostic:
            self._metainfo['classes'] = ('object',)
            return dict.fromkeys(categories, 0)
        categories = dict(sorted(categories.items()))
        self.set_metainfo(classes=tuple(categories.values()))
        classes = tuple(self._metainfo['classes'])
        if len(set(classes)) != len(classes):
            raise InputError(f'metainfo.classes {classes} names a class twice.')
        unknown = set(classes) - set(categories.values())
        if unknown:
            raise InputError(
                f'{self.ann_file} has no category called {sorted(unknown)}; it has {list(categories.values())}.'
            )
        labels = {number: classes.index(name) for number, name in categories.items() if name in classes}
        self.set_metainfo(category_ids=sorted(labels, key=labels.__getitem__))
        return labels

    def _video(self, video: TubeVideo, labels: Mapping[int, int]) -> dict:
        folder = self.data_prefix.get('img_path') or ''
        frames = [
            dict(
                img_path=osp.join(folder, name),
                img_id=f'{video.id}_{number}',
                frame_id=number,
                video_id=video.id,
                height=video.height,
                width=video.width,
                instances=[],
            )
            for number, name in enumerate(video.file_names)
        ]
        for tube in video.annotations:
            if tube['category_id'] in labels:
                self._add_tube(frames, tube, labels[tube['category_id']], video)
        return dict(video_id=video.id, video_length=len(frames), images=frames)

    def _add_tube(self, frames: list[dict], tube: Mapping[str, Any], label: int, video: TubeVideo) -> None:
        where = f'{self.ann_file}: annotation {tube["id"]}'
        check_length(tube, video, where)
        if tube.get('bboxes') and len(tube['bboxes']) != len(frames):
            warn_once(
                f'{where} has {len(tube["bboxes"])} boxes for {len(frames)} segmentations; its boxes are not '
                'used, its masks are.'
            )
        for frame, mask, box in zip(frames, tube['segmentations'], boxes_of(tube), strict=True):
            if mask:
                frame['instances'].append(
                    dict(
                        instance_id=tube['id'],
                        bbox_label=label,
                        bbox=corners(box or [0, 0, 0, 0]),
                        mask=mask,
                        ignore_flag=int(tube.get('iscrowd') or 0),
                    )
                )


@DATASETS.register_module()
class YouTubeVIS2019Dataset(YouTubeVISVideoDataset):
    """YouTube-VIS 2019: the file must have its 40 classes."""

    METAINFO = dict(classes=YOUTUBE_VIS_2019_CLASSES)


@DATASETS.register_module()
class YouTubeVIS2021Dataset(YouTubeVISVideoDataset):
    """YouTube-VIS 2021: the file must have its 40 classes."""

    METAINFO = dict(classes=YOUTUBE_VIS_2021_CLASSES)


@DATASETS.register_module()
class OVISDataset(YouTubeVISVideoDataset):
    """OVIS: 25 classes, frames ``<video>/img_0000001.jpg``."""

    METAINFO = dict(classes=OVIS_CLASSES)
