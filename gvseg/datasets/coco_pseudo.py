"""Still images with instance masks, each an endless pseudo video."""
import os.path as osp
from collections import defaultdict
from typing import Any, Dict, List, Tuple, Union

import numpy as np
from mmdet.registry import DATASETS
from PIL import Image

from gvseg.formats.class_lists import COCO_RENAMES, matching_class

from .base import ClipDataset
from .reading import DataError, list_frames, read_json

_IMAGES = ('.jpg', '.jpeg', '.png')


@DATASETS.register_module()
class COCOPseudoVideoDataset(ClipDataset):
    """Images to make pseudo videos of (paper section 4.1): each is a video
    of one frame, which the transform ``PseudoVideo`` sets in motion.

    Annotations are either a COCO JSON (``ann_file``) or, without one, text
    files in YOLO form (``data_prefix.label_path``): one line an instance,
    class number and polygon x y x y ... as shares of width and height.

    Args:
        class_agnostic: Give every object label 0, class "object".
        renames: To train for another data set, whose classes ``metainfo.classes`` names: which class of COCO is
            which class there, or the name of a list in ``COCO_RENAMES`` ('ovis', ...). Classes of the same name go
            together anyway; objects of other classes are left out.
    """

    def __init__(self, *args: Any, class_agnostic: bool = True,
                 renames: Union[None, str, Dict[str, str]] = None,
                 **kwargs: Any) -> None:
        self.class_agnostic = class_agnostic
        if isinstance(renames, str) and renames not in COCO_RENAMES:
            raise ValueError(f'renames must be a dict or one of {sorted(COCO_RENAMES)}, not {renames!r}')
        self.renames = COCO_RENAMES[renames] if isinstance(renames, str) else renames
        super().__init__(*args, **kwargs)

    def read_videos(self) -> List[dict]:
        """Read the annotations; no image is decoded."""
        if self.class_agnostic:
            self.set_metainfo(classes=('object', ))
        frames = self._from_json() if self.ann_file else self._from_text()
        return [dict(video_id=frame['video_id'], video_length=1,
                     images=[frame]) for frame in frames]

    def _frame(self, name: str, height: int, width: int) -> dict:
        return dict(img_path=osp.join(self.data_prefix['img_path'], name),
                    img_id=name, frame_id=0, video_id=name, height=height,
                    width=width, instances=[])

    def _from_json(self) -> List[dict]:
        content = read_json(self.ann_file)
        try:
            labels = self._labels(content['categories'])
            by_image = defaultdict(list)
            for entry in content['annotations']:
                if entry['category_id'] not in labels:
                    raise DataError(f'{self.ann_file}: annotation {entry["id"]} has the category '
                                    f'{entry["category_id"]}, which is not in the list "categories".')
                known = labels[entry['category_id']] >= 0
                if known and entry.get('segmentation') and not entry.get('iscrowd'):
                    by_image[entry['image_id']].append(entry)
            return [self._json_frame(image, by_image[image['id']], labels)
                    for image in content['images']]
        except (KeyError, TypeError) as error:
            raise DataError(f'{self.ann_file} is not in COCO layout: '
                            f'{error!r}') from error

    def _labels(self, categories: List[dict]) -> Dict[int, int]:
        """Category id -> label, -1 for classes that are left out."""
        categories = sorted(categories, key=lambda c: c['id'])
        if self.class_agnostic:
            return {category['id']: 0 for category in categories}
        self.set_metainfo(classes=tuple(c['name'] for c in categories))
        labels = {c['id']: matching_class(c['name'], tuple(self._metainfo['classes']), self.renames or {})
                  for c in categories}
        if max(labels.values()) < 0:
            raise DataError(f'{self.ann_file} has no category of metainfo.classes {self._metainfo["classes"]}.')
        return labels

    def _json_frame(self, image: dict, entries: List[dict],
                    labels: dict) -> dict:
        frame = self._frame(image['file_name'], image['height'],
                            image['width'])
        for number, entry in enumerate(entries, 1):
            x, y, width, height = entry['bbox']
            self._add(frame, number, labels[entry['category_id']],
                      entry['segmentation'], [x, y, x + width, y + height])
        return frame

    def _add(self, frame: dict, number: int, label: int, mask: Any,
             box: List[float]) -> None:
        frame['instances'].append(
            dict(instance_id=number, bbox=box, mask=mask, ignore_flag=0,
                 bbox_label=0 if self.class_agnostic else label))

    def _from_text(self) -> List[dict]:
        if not self.class_agnostic and not self._metainfo.get('classes'):
            raise DataError('YOLO label files hold no class names: give '
                            'metainfo=dict(classes=...) or '
                            'class_agnostic=True.')
        folder = self.data_prefix['img_path']
        frames = []
        for name in list_frames(folder, _IMAGES):
            labels = osp.join(self.data_prefix['label_path'],
                              f'{osp.splitext(name)[0]}.txt')
            if osp.isfile(labels):  # YOLO: no file = no instance
                frames.append(self._text_frame(name, labels))
        if not frames:
            raise DataError(f'{self.data_prefix["label_path"]} has no label '
                            f'file for any image in {folder}.')
        return frames

    def _text_frame(self, name: str, labels: str) -> dict:
        width, height = self._image_size(name)
        frame = self._frame(name, height, width)
        with open(labels, encoding='utf-8') as file:
            lines = [line for line in file if line.strip()]
        for number, line in enumerate(lines, 1):
            try:
                values = [float(value) for value in line.split()]
                corners = np.reshape(values[1:], (-1, 2)) * (width, height)
            except ValueError as error:
                raise DataError(f'{labels}, line {number} is not "class x y '
                                f'x y ...": {error}.') from error
            if len(corners) < 3:
                raise DataError(f'{labels}, line {number} has fewer than 3 '
                                'corners; boxes are no masks.')
            self._add(frame, number, int(values[0]),
                      [corners.reshape(-1).tolist()],
                      [*corners.min(0).tolist(), *corners.max(0).tolist()])
        return frame

    def _image_size(self, name: str) -> Tuple[int, int]:
        path = osp.join(self.data_prefix['img_path'], name)
        try:
            with Image.open(path) as image:
                return image.size
        except OSError as error:
            raise DataError(f'Frame {path} is not a readable image: {error}.'
                            ) from error
