"""Video semantic segmentation: VSPW."""

import os.path as osp

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import VSPW_CLASSES
from gvseg.formats.files import check_name, read_names
from gvseg.formats.vspw import check_num_classes, pair_frames

from .base import ClipDataset
from .reading import video_of_pairs


@DATASETS.register_module()
class VSPWDataset(ClipDataset):
    """``<split>.txt`` and ``data/<video>/{origin/*.jpg, mask/*.png}``.

    Map values: 0 and 255 are void, class c is c + 1. Every class of a frame
    is one segment. For custom data in this layout set
    ``metainfo.classes``, in order.
    Frames without a mask file have no annotation (test split).
    """

    METAINFO = dict(classes=VSPW_CLASSES)

    def read_videos(self) -> list[dict]:
        """List the frames; no map is opened."""
        classes = self._metainfo['classes']
        check_num_classes(len(classes), 'metainfo.classes')
        self.set_metainfo(thing_classes=(), stuff_classes=tuple(classes))
        root = self.data_prefix.get('img_path') or self.data_root
        return [
            self._video(root, check_name(name, self.ann_file), len(classes))
            for name in read_names(self.ann_file, 'List of videos')
        ]

    @staticmethod
    def _video(root: str, name: str, classes: int) -> dict:
        folder = osp.join(root, name)
        pairs = pair_frames(osp.join(folder, 'origin'), osp.join(folder, 'mask'))
        return video_of_pairs(name, pairs, map_format='semantic', num_classes=classes)
