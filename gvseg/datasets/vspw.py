"""Video semantic segmentation: VSPW."""
import os.path as osp
from typing import List

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import VSPW_CLASSES

from .base import ClipDataset
from .reading import list_frames, read_lines


@DATASETS.register_module()
class VSPWDataset(ClipDataset):
    """``<split>.txt`` and ``data/<video>/{origin/*.jpg, mask/*.png}``.

    Map values: 0 and 255 are void, class c is c + 1. Every class of a frame
    is one segment. For data of your own in this layout name its classes in
    ``metainfo.classes``, in order.
    Frames without a mask file have no annotation (test split).
    """
    METAINFO = dict(classes=VSPW_CLASSES)

    def read_videos(self) -> List[dict]:
        """List the frames; no map is opened."""
        classes = self._metainfo['classes']
        self.set_metainfo(thing_classes=(), stuff_classes=tuple(classes))
        root = self.data_prefix.get('img_path') or self.data_root
        return [self._video(root, name, len(classes))
                for name in read_lines(self.ann_file)]

    @staticmethod
    def _video(root: str, name: str, classes: int) -> dict:
        folder = osp.join(root, name)
        images = list_frames(osp.join(folder, 'origin'), ('.jpg', '.png'))
        masks = osp.join(folder, 'mask')
        known = set(list_frames(masks, ('.png', ))
                    if osp.isdir(masks) else [])
        frames = []
        for number, image in enumerate(images):
            png = f'{osp.splitext(image)[0]}.png'
            frames.append(
                dict(img_path=osp.join(folder, 'origin', image),
                     img_id=f'{name}/{image}',
                     frame_id=number,
                     video_id=name,
                     seg_map_path=osp.join(masks, png)
                     if png in known else None,
                     map_format='semantic',
                     num_classes=classes))
        return dict(video_id=name, video_length=len(frames), images=frames)
