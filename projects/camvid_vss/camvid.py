"""CamVid in the version of SegNet's tutorial: 360 x 480, 11 classes, frames of all sequences in one folder.

Shapes: H W frame size.
"""

import os.path as osp
import re
from typing import Any

import numpy as np
from mmdet.registry import DATASETS

from gvseg.datasets import STUFF_ID_OFFSET, ClipDataset, DataError
from gvseg.datasets.segments import map_format
from gvseg.formats.files import list_files

CLASSES = ('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign', 'fence', 'car', 'pedestrian', 'cyclist')
UNLABELLED = len(CLASSES)


@map_format('camvid')
def classes_of_map(values: np.ndarray, frame: dict) -> list[tuple[int, int, int]]:
    """(value, label, id) of the values in a map: the value is the class, 11 is void."""
    if values.max() > UNLABELLED:
        raise DataError(f'{frame["seg_map_path"]} has the value {values.max()}, but there are {UNLABELLED} classes.')
    return [(int(value), int(value), STUFF_ID_OFFSET + int(value)) for value in values if value < UNLABELLED]


@DATASETS.register_module()
class CamVidDataset(ClipDataset):
    """``<split>/<sequence>_<number>.jpg`` and ``<split>annot/<same>.png``.

    A video is a part of a sequence without missing frames.

    Args:
        split: 'train' (1 frame per second) or 'val' (15 frames per second).
        longest_gap: Largest difference of the numbers of adjacent frames.
        longest: Largest number of frames of a video; longer parts are split.
    """

    METAINFO = dict(classes=CLASSES, thing_classes=(), stuff_classes=CLASSES)

    def __init__(
        self, *args: Any, split: str = 'train', longest_gap: int = 60, longest: int = 30, **kwargs: Any
    ) -> None:
        self.split = split
        self.longest_gap = longest_gap
        self.longest = longest
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """List the frames; no map is opened."""
        folder, maps = (osp.join(self.data_root, self.split + kind) for kind in ('', 'annot'))
        images = list_files(folder, ('.jpg', '.png'))
        known = {osp.splitext(name)[0] for name in list_files(maps, ('.png',))}
        missing = [name for name in images if osp.splitext(name)[0] not in known]
        if missing:
            raise DataError(f'{maps} has no map for frame {missing[0]} ({len(missing)} are missing).')
        videos: list[dict[str, Any]] = []
        before = ('', 0)
        for name in images:
            sequence, number = re.fullmatch(r'(\w+?)_f?(\d+)', osp.splitext(name)[0]).groups()
            follows = sequence == before[0] and int(number) - before[1] <= self.longest_gap
            if not follows or not self.test_mode and videos[-1]['video_length'] == self.longest:
                videos.append(dict(video_id=osp.splitext(name)[0], video_length=0, images=[]))
            before, video = (sequence, int(number)), videos[-1]
            video['images'].append(
                dict(
                    img_path=osp.join(folder, name),
                    img_id=name,
                    frame_id=video['video_length'],
                    video_id=video['video_id'],
                    seg_map_path=osp.join(maps, f'{osp.splitext(name)[0]}.png'),
                    map_format='camvid',
                )
            )
            video['video_length'] += 1
        return videos
