"""Video panoptic segmentation: KITTI-STEP."""
import os.path as osp
from typing import Any, List

from mmdet.registry import DATASETS

from .base import ClipDataset
from .reading import list_frames, read_lines

_CLASSES = ('road', 'sidewalk', 'building', 'wall', 'fence', 'pole',
            'traffic light', 'traffic sign', 'vegetation', 'terrain', 'sky',
            'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle',
            'bicycle')
_THINGS = ('person', 'car')
SEQUENCES = dict(
    train=('0000', '0001', '0003', '0004', '0005', '0009', '0011', '0012',
           '0015', '0017', '0019', '0020'),
    val=('0002', '0006', '0007', '0008', '0010', '0013', '0014', '0016',
         '0018'))


@DATASETS.register_module()
class KITTISTEPDataset(ClipDataset):
    """``<img_path>/<sequence>/*.png`` and ``<seg_map_path>/<sequence>/*.png``.

    The 19 classes of Cityscapes; only persons and cars are things, all others
    stuff. Labels are things first; ``metainfo.category_ids`` maps them to the
    class in the files. Sequences: ``ann_file`` (a list), else those of
    ``split``.

    Args:
        split: 'train' or 'val'.
    """
    METAINFO = dict(
        classes=_THINGS + tuple(c for c in _CLASSES if c not in _THINGS),
        thing_classes=_THINGS,
        stuff_classes=tuple(c for c in _CLASSES if c not in _THINGS))

    def __init__(self, *args: Any, split: str = 'train',
                 **kwargs: Any) -> None:
        if split not in SEQUENCES:
            raise ValueError(f"split must be 'train' or 'val', not {split!r}")
        self.split = split
        super().__init__(*args, **kwargs)

    def read_videos(self) -> List[dict]:
        """List the frames; no map is opened."""
        classes = self._metainfo['classes']
        self.set_metainfo(category_ids=[_CLASSES.index(c) for c in classes])
        names = (read_lines(self.ann_file) if self.ann_file else
                 SEQUENCES[self.split])
        return [self._video(name, [classes.index(c) for c in _CLASSES])
                for name in names]

    def _video(self, name: str, labels: List[int]) -> dict:
        folder = osp.join(self.data_prefix['img_path'], name)
        maps = osp.join(self.data_prefix.get('seg_map_path') or '', name)
        known = set(list_frames(maps, ('.png', ))
                    if osp.isdir(maps) else [])
        frames = []
        for number, image in enumerate(list_frames(folder, ('.png', '.jpg'))):
            png = f'{osp.splitext(image)[0]}.png'
            frames.append(
                dict(img_path=osp.join(folder, image),
                     img_id=f'{name}/{image}', frame_id=number, video_id=name,
                     seg_map_path=osp.join(maps, png)
                     if png in known else None,
                     map_format='kitti_step', class_labels=labels,
                     num_things=len(_THINGS)))
        return dict(video_id=name, video_length=len(frames), images=frames)
