"""Video panoptic segmentation: KITTI-STEP."""

import os.path as osp
from typing import Any

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import KITTI_STEP_CLASSES, KITTI_STEP_SEQUENCES, KITTI_STEP_THINGS
from gvseg.formats.files import check_name, read_names
from gvseg.formats.vspw import pair_frames

from .base import ClipDataset
from .reading import video_of_pairs

SEQUENCES = KITTI_STEP_SEQUENCES
_STUFF = tuple(name for name in KITTI_STEP_CLASSES if name not in KITTI_STEP_THINGS)


@DATASETS.register_module()
class KITTISTEPDataset(ClipDataset):
    """``<img_path>/<sequence>/*.png`` and ``<seg_map_path>/<sequence>/*.png``.

    The 19 classes of Cityscapes; only persons and cars are things, all others
    stuff. Labels start with the things; ``metainfo.category_ids`` maps them to the
    class in the files. Sequences are those listed in ``ann_file``, by
    default those of ``split``.

    Args:
        split: 'train' or 'val'.
    """

    METAINFO = dict(classes=KITTI_STEP_THINGS + _STUFF, thing_classes=KITTI_STEP_THINGS, stuff_classes=_STUFF)

    def __init__(self, *args: Any, split: str = 'train', **kwargs: Any) -> None:
        if split not in SEQUENCES:
            raise ValueError(f"split must be 'train' or 'val', not {split!r}")
        self.split = split
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """List the frames; no map is opened."""
        classes = self._metainfo['classes']
        self.set_metainfo(category_ids=[KITTI_STEP_CLASSES.index(c) for c in classes])
        names = read_names(self.ann_file, 'List of videos') if self.ann_file else SEQUENCES[self.split]
        return [
            self._video(check_name(name, self.ann_file), [classes.index(c) for c in KITTI_STEP_CLASSES])
            for name in names
        ]

    def _video(self, name: str, labels: list[int]) -> dict:
        pairs = pair_frames(
            osp.join(self.data_prefix['img_path'], name), osp.join(self.data_prefix.get('seg_map_path') or '', name)
        )
        return video_of_pairs(
            name, pairs, map_format='kitti_step', class_labels=labels, num_things=len(KITTI_STEP_THINGS)
        )
