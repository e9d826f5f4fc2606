"""Video instance segmentation in YouTube-VIS JSON (YouTube-VIS, OVIS)."""
import os.path as osp
from collections import defaultdict
from typing import Any, Dict, List

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES

from .base import ClipDataset
from .reading import DataError, read_json


@DATASETS.register_module()
class YouTubeVISVideoDataset(ClipDataset):
    """The benchmarks' own JSON: {videos, annotations, categories}.

    Unlike mmdet's ``YouTubeVISDataset`` it needs no conversion to a COCO-like
    file before. Classes are those of the file, in order of their ids; a
    config's ``metainfo.classes`` chooses some of them by name. Files without
    annotations (hidden ground truth) work for testing.

    Args:
        class_agnostic: Give every object label 0, class "object".
    """

    def __init__(self, *args: Any, class_agnostic: bool = False,
                 **kwargs: Any) -> None:
        self.class_agnostic = class_agnostic
        super().__init__(*args, **kwargs)

    def read_videos(self) -> List[dict]:
        """Read the JSON; masks stay encoded."""
        content = read_json(self.ann_file)
        try:
            labels = self._read_classes(content['categories'])
            tubes = self._tubes_of_videos(content, labels)
            return [self._video(video, tubes[video['id']], labels)
                    for video in content['videos']]
        except (KeyError, TypeError) as error:
            raise DataError(f'{self.ann_file} is not in YouTube-VIS layout '
                            f'(videos, annotations, categories): {error!r}'
                            ) from error

    def _tubes_of_videos(self, content: dict, labels: Dict[int, int]) -> Dict[Any, List[dict]]:
        """Video id -> its annotations of the chosen classes."""
        categories = {category['id'] for category in content['categories']}
        videos = {video['id'] for video in content['videos']}
        tubes = defaultdict(list)
        for tube in content.get('annotations') or []:
            if tube['category_id'] not in categories:
                raise DataError(f'{self.ann_file}: annotation {tube["id"]} has the category {tube["category_id"]}, '
                                'which is not in the list "categories".')
            if tube['video_id'] not in videos:
                raise DataError(f'{self.ann_file}: annotation {tube["id"]} belongs to video {tube["video_id"]}, '
                                'which is not in the list "videos".')
            if tube['category_id'] in labels:
                tubes[tube['video_id']].append(tube)
        return tubes

    def _read_classes(self, categories: List[dict]) -> Dict[int, int]:
        """Category id -> label."""
        if self.class_agnostic:
            self._metainfo['classes'] = ('object', )
            return {category['id']: 0 for category in categories}
        categories = sorted(categories, key=lambda c: c['id'])
        names = tuple(category['name'] for category in categories)
        self.set_metainfo(classes=names)
        classes = self._metainfo['classes']
        unknown = set(classes) - set(names)
        if unknown:
            raise DataError(f'{self.ann_file} has no category called '
                            f'{sorted(unknown)}; it has {list(names)}.')
        chosen = [c for c in categories if c['name'] in classes]
        labels = {c['id']: classes.index(c['name']) for c in chosen}
        self.set_metainfo(category_ids=[
            c['id'] for c in sorted(chosen, key=lambda c: labels[c['id']])])
        return labels

    def _video(self, video: dict, tubes: List[dict],
               labels: Dict[int, int]) -> dict:
        folder = self.data_prefix.get('img_path') or ''
        frames = []
        for number, name in enumerate(video['file_names']):
            frames.append(
                dict(img_path=osp.join(folder, name),
                     img_id=f'{video["id"]}_{number}',
                     frame_id=number,
                     video_id=video['id'],
                     height=video['height'],
                     width=video['width'],
                     instances=[]))
        for tube in tubes:
            self._add_tube(frames, tube, labels[tube['category_id']])
        return dict(video_id=video['id'], video_length=len(frames),
                    images=frames)

    def _add_tube(self, frames: List[dict], tube: dict, label: int) -> None:
        if len(tube['segmentations']) != len(frames):
            raise DataError(
                f'{self.ann_file}: annotation {tube["id"]} has '
                f'{len(tube["segmentations"])} segmentations but video '
                f'{tube["video_id"]} has {len(frames)} frames.')
        boxes = tube.get('bboxes') or [None] * len(frames)
        for frame, mask, box in zip(frames, tube['segmentations'], boxes):
            if not mask:
                continue
            x, y, width, height = box or (0, 0, 0, 0)
            frame['instances'].append(
                dict(instance_id=tube['id'],
                     bbox_label=label,
                     bbox=[x, y, x + width, y + height],
                     mask=mask,
                     ignore_flag=int(tube.get('iscrowd', 0))))


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
