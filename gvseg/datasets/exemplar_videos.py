"""Exemplar-guided video segmentation: YouTube-VOS and DAVIS.

Objects have no class: label 0, class "object". A frame's ``exemplar_ids``
tells which objects are shown to the model there at test time: a list of ids,
or None for all objects of the frame's map.
"""
import os.path as osp
from typing import Any, Dict, List, Optional

from mmdet.registry import DATASETS

from .base import ClipDataset
from .reading import DataError, list_frames, read_json, read_lines

_IMAGES = ('.jpg', '.jpeg', '.png')


def _frame(number: int, video: str, image: str, image_folder: str,
           map_folder: str, known: set, map_format: str,
           exemplar_ids: Optional[List[int]]) -> dict:
    png = f'{osp.splitext(image)[0]}.png'
    return dict(
        img_path=osp.join(image_folder, image),
        img_id=f'{video}/{image}',
        frame_id=number,
        video_id=video,
        seg_map_path=osp.join(map_folder, png) if png in known else None,
        map_format=map_format,
        exemplar_ids=exemplar_ids)


@DATASETS.register_module()
class YouTubeVOSDataset(ClipDataset):
    """``JPEGImages``, ``Annotations`` (palette PNG) and ``meta.json``.

    An object is shown in the first frame that meta.json lists for it, which
    may be later than the video's first. Maps may be missing in other frames
    (the public validation set).
    """
    METAINFO = dict(classes=('object', ))

    def read_videos(self) -> List[dict]:
        """Read meta.json and list the frames; no map is opened."""
        content = read_json(self.ann_file)
        if not isinstance(content.get('videos'), dict):
            raise DataError(f'{self.ann_file} is not a YouTube-VOS meta.json: '
                            'it has no "videos".')
        return [self._video(name, entry.get('objects', {}))
                for name, entry in content['videos'].items()]

    def is_trainable(self, video: dict) -> bool:
        """Whether meta.json lists an object."""
        return bool(video['objects'])

    def _video(self, name: str, objects: Dict[str, dict]) -> dict:
        image_folder = osp.join(self.data_prefix['img_path'], name)
        map_folder = osp.join(self.data_prefix['seg_map_path'], name)
        images = list_frames(image_folder, _IMAGES)
        stems = [osp.splitext(image)[0] for image in images]
        starts: Dict[str, List[int]] = {}
        for number, entry in objects.items():
            first = min(entry.get('frames') or stems[:1])
            if first not in stems:
                raise DataError(
                    f'{self.ann_file}: object {number} of video {name} '
                    f'starts at frame {first}, but {image_folder} has no '
                    'such frame.')
            starts.setdefault(first, []).append(int(number))
        known = set(list_frames(map_folder, ('.png', )))
        frames = [
            _frame(i, name, image, image_folder, map_folder, known, 'objects',
                   sorted(starts.get(stem, [])))
            for i, (image, stem) in enumerate(zip(images, stems))]
        return dict(video_id=name, video_length=len(frames), images=frames,
                    objects=objects)


@DATASETS.register_module()
class DAVISDataset(ClipDataset):
    """``JPEGImages/<res>``, ``Annotations/<res>`` and a list of sequences.

    All objects of the first frame's map are shown there.

    Args:
        single_object: Every value above 0 is object 1, as in DAVIS-2016
            (maps of 0 and 255). False: values are object ids, 255 is void.
        sequences: Names to use instead of the list file.
    """
    METAINFO = dict(classes=('object', ))

    def __init__(self, *args: Any, single_object: bool = False,
                 sequences: Optional[List[str]] = None,
                 **kwargs: Any) -> None:
        self.map_format = 'binary' if single_object else 'objects'
        self.sequences = sequences
        super().__init__(*args, **kwargs)

    def read_videos(self) -> List[dict]:
        """List the frames; no map is opened."""
        names = self.sequences or read_lines(self.ann_file)
        return [self._video(name) for name in names]

    def _video(self, name: str) -> dict:
        image_folder = osp.join(self.data_prefix['img_path'], name)
        map_folder = osp.join(self.data_prefix['seg_map_path'], name)
        known = set(list_frames(map_folder, ('.png', )))
        frames = [
            _frame(i, name, image, image_folder, map_folder, known,
                   self.map_format, [] if i else None)
            for i, image in enumerate(list_frames(image_folder, _IMAGES))]
        return dict(video_id=name, video_length=len(frames), images=frames)
