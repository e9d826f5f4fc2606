"""Still images with instance masks, as pseudo videos of any length."""

import os.path as osp
from collections.abc import Mapping
from typing import Any

from mmdet.registry import DATASETS
from PIL import Image

from gvseg.formats.class_lists import COCO_RENAMES, matching_class
from gvseg.formats.coco import CocoImage, read_coco
from gvseg.formats.errors import InputError
from gvseg.formats.files import list_files
from gvseg.formats.frame_fields import corners
from gvseg.formats.yolo import read_yolo

from .base import ClipDataset

_IMAGES = ('.jpg', '.jpeg', '.png')


@DATASETS.register_module()
class COCOPseudoVideoDataset(ClipDataset):
    """Images to make pseudo videos of (paper section 4.1): each is a video
    of one frame, which ``CameraPseudoVideo`` or ``PseudoVideo`` animates.

    Annotations are either a COCO JSON (``ann_file``) or, without one, text
    files in YOLO form (``data_prefix.label_path``): one line per instance,
    class index and polygon x y x y ... as fractions of width and height.

    Args:
        class_agnostic: Give every object label 0, class "object".
        renames: For training on the classes of another dataset (``metainfo.classes``): dict COCO class -> class
            there, or the name of a dict in ``COCO_RENAMES`` ('ovis', ...). Classes of the same name always match;
            objects of other classes are excluded.
    """

    def __init__(
        self, *args: Any, class_agnostic: bool = True, renames: str | Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.class_agnostic = class_agnostic
        if isinstance(renames, str) and renames not in COCO_RENAMES:
            raise ValueError(f'renames must be a dict or one of {sorted(COCO_RENAMES)}, not {renames!r}')
        self.renames = COCO_RENAMES[renames] if isinstance(renames, str) else renames
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """Read the annotations; no image is decoded."""
        if self.class_agnostic:
            self.set_metainfo(classes=('object',))
        frames = self._from_json() if self.ann_file else self._from_text()
        return [dict(video_id=frame['video_id'], video_length=1, images=[frame]) for frame in frames]

    def _frame(self, name: str, height: int, width: int) -> dict:
        return dict(
            img_path=osp.join(self.data_prefix['img_path'], name),
            img_id=name,
            frame_id=0,
            video_id=name,
            height=height,
            width=width,
            instances=[],
        )

    def _from_json(self) -> list[dict]:
        content = read_coco(self.ann_file)
        labels = self._labels(content.categories)
        return [self._json_frame(image, labels) for image in content.images]

    def _labels(self, categories: Mapping[int, str]) -> dict[int, int]:
        """Category id -> label, -1 for excluded classes."""
        if self.class_agnostic:
            return dict.fromkeys(categories, 0)
        categories = dict(sorted(categories.items()))
        self.set_metainfo(classes=tuple(categories.values()))
        labels = {
            number: matching_class(name, tuple(self._metainfo['classes']), self.renames or {})
            for number, name in categories.items()
        }
        if max(labels.values()) < 0:
            raise InputError(f'{self.ann_file} has no category of metainfo.classes {self._metainfo["classes"]}.')
        return labels

    def _json_frame(self, image: CocoImage, labels: Mapping[int, int]) -> dict:
        frame = self._frame(image.file_name, image.height, image.width)
        wanted = [
            entry
            for entry in image.annotations
            if labels[entry['category_id']] >= 0 and entry.get('segmentation') and not entry.get('iscrowd')
        ]
        for number, entry in enumerate(wanted, 1):
            self._add(
                frame,
                number,
                labels[entry['category_id']],
                entry['segmentation'],
                corners(entry.get('bbox') or [0, 0, 0, 0]),
            )
        return frame

    def _add(self, frame: dict, number: int, label: int, mask: Any, box: list[float]) -> None:
        frame['instances'].append(
            dict(instance_id=number, bbox=box, mask=mask, ignore_flag=0, bbox_label=0 if self.class_agnostic else label)
        )

    def _from_text(self) -> list[dict]:
        classes = self._metainfo.get('classes')
        if not self.class_agnostic and not classes:
            raise InputError(
                'YOLO label files hold no class names: give metainfo=dict(classes=...) or class_agnostic=True.'
            )
        folder = self.data_prefix['img_path']
        frames = []
        for name in list_files(folder, _IMAGES):
            labels = osp.join(self.data_prefix['label_path'], f'{osp.splitext(name)[0]}.txt')
            if osp.isfile(labels):  # YOLO: a missing file means no instances
                frames.append(self._text_frame(name, labels))
        if not frames:
            raise InputError(f'{self.data_prefix["label_path"]} has no label file for any image in {folder}.')
        return frames

    def _text_frame(self, name: str, labels: str) -> dict:
        width, height = self._image_size(name)
        frame = self._frame(name, height, width)
        for number, (label, polygon) in enumerate(read_yolo(labels, height, width), 1):
            if not self.class_agnostic and label >= len(self._metainfo['classes']):
                raise InputError(f'{labels}: class {label}, but metainfo.classes has {len(self._metainfo["classes"])}.')
            self._add(
                frame,
                number,
                label,
                [polygon],
                [min(polygon[0::2]), min(polygon[1::2]), max(polygon[0::2]), max(polygon[1::2])],
            )
        return frame

    def _image_size(self, name: str) -> tuple[int, int]:
        path = osp.join(self.data_prefix['img_path'], name)
        try:
            with Image.open(path) as image:
                return image.size
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise InputError(f'Frame {path} is not a readable image: {error}.') from error
