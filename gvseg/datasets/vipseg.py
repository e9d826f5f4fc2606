"""Video panoptic segmentation: VIPSeg."""
import os.path as osp
from typing import Any, Dict, List, Optional

from mmdet.registry import DATASETS

from .base import ClipDataset
from .reading import DataError, read_json
from .segments import STUFF_ID_OFFSET


@DATASETS.register_module()
class VIPSegDataset(ClipDataset):
    """Panoptic JSON, ``imgs/<video>/*.jpg``, ``panomasksRGB/<video>/*.png``.

    Labels are contiguous, things first, each group in order of category id.
    ``metainfo`` tells classes, thing_classes, stuff_classes, category_ids
    (label -> id in the file), categories (as in the file) and palette.

    Args:
        image_suffix: Suffix of the frames; the JSON names the maps.
    """

    def __init__(self, *args: Any, image_suffix: str = '.jpg',
                 **kwargs: Any) -> None:
        self.image_suffix = image_suffix
        super().__init__(*args, **kwargs)

    def read_videos(self) -> List[dict]:
        """Read the JSON; no map is opened."""
        content = read_json(self.ann_file)
        try:
            labels = self._read_classes(content['categories'])
            known = {entry['video_id']: entry['annotations']
                     for entry in content.get('annotations') or []}
            return [self._video(video, known.get(video['video_id']), labels)
                    for video in content['videos']]
        except (KeyError, TypeError) as error:
            raise DataError(f'{self.ann_file} is not in VIPSeg layout '
                            f'(videos, annotations, categories): {error!r}'
                            ) from error

    def _read_classes(self, categories: List[dict]) -> Dict[int, int]:
        """Category id -> label, things first."""
        ordered = sorted(categories, key=lambda c: (-c['isthing'], c['id']))
        things = tuple(c['name'] for c in ordered if c['isthing'])
        stuff = tuple(c['name'] for c in ordered if not c['isthing'])
        self.set_metainfo(
            classes=things + stuff,
            thing_classes=things,
            stuff_classes=stuff,
            category_ids=[c['id'] for c in ordered],
            categories=[dict(c) for c in categories],
            palette=[c.get('color', [0, 0, 0]) for c in ordered])
        self._num_things = len(things)
        return {c['id']: label for label, c in enumerate(ordered)}

    def _video(self, video: dict, entries: Optional[List[dict]],
               labels: Dict[int, int]) -> dict:
        name = video['video_id']
        by_file = {osp.splitext(e['file_name'])[0]: e for e in entries or []}
        frames = []
        for number, image in enumerate(video['images']):
            stem = osp.splitext(image['file_name'])[0]
            frame = dict(
                img_path=osp.join(self.data_prefix.get('img_path') or '', name,
                                  stem + self.image_suffix),
                img_id=f'{name}/{stem}', frame_id=number, video_id=name,
                height=image['height'], width=image['width'],
                seg_map_path=None, map_format='panoptic', segments={})
            if stem in by_file:
                frame['seg_map_path'] = osp.join(
                    self.data_prefix.get('seg_map_path') or '', name,
                    by_file[stem]['file_name'])
                frame['segments'] = {
                    segment['id']: self._segment(segment, labels, frame)
                    for segment in by_file[stem]['segments_info']}
            frames.append(frame)
        return dict(video_id=name, video_length=len(frames), images=frames)

    def _segment(self, segment: dict, labels: Dict[int, int],
                 frame: dict) -> dict:
        label = labels.get(segment['category_id'])
        if label is None:
            raise DataError(f'{self.ann_file}: segment {segment["id"]} of '
                            f'{frame["seg_map_path"]} has the category '
                            f'{segment["category_id"]}, which is not in the '
                            'list "categories".')
        thing = label < self._num_things
        # Several stuff ids of a class in a frame are one segment.
        identity = segment['id'] if thing else STUFF_ID_OFFSET + label
        return dict(label=label, instance_id=identity)
