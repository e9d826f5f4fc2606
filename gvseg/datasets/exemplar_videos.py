"""Exemplar-guided video segmentation: YouTube-VOS and DAVIS.

Objects are class-agnostic: label 0, class "object". ``exemplar_ids`` of a frame
lists the objects that are prompts there at test time; None means all objects of
the frame's map.
"""

import os.path as osp
from collections.abc import Sequence
from typing import Any

from mmdet.registry import DATASETS

from gvseg.formats.errors import InputError
from gvseg.formats.files import list_files
from gvseg.formats.json_files import refuse_repeats
from gvseg.formats.object_maps import read_object_ids
from gvseg.formats.vos import VosVideo, first_frames, read_davis_list, read_vos_meta

from .base import ClipDataset
from .reading import warn_once

_IMAGES = ('.jpg', '.jpeg', '.png')


def _frames(video: str, image_folder: str, map_folder: str, map_format: str) -> list[dict]:
    """Frame dicts of a video, with the path of the map if there is one; no prompts are set yet.

    Raises:
        InputError: A folder is missing or empty, or no map matches a frame.
    """
    images, maps = list_files(image_folder, _IMAGES), set(list_files(map_folder, ('.png',)))
    frames = []
    for number, image in enumerate(images):
        png = f'{osp.splitext(image)[0]}.png'
        frames.append(
            dict(
                img_path=osp.join(image_folder, image),
                img_id=f'{video}/{image}',
                frame_id=number,
                video_id=video,
                seg_map_path=osp.join(map_folder, png) if png in maps else None,
                map_format=map_format,
                exemplar_ids=[],
            )
        )
        maps.discard(png)
    if all(frame['seg_map_path'] is None for frame in frames):
        raise InputError(
            f'{map_folder} has no map of a frame of {image_folder}: {min(maps)} has no frame of this '
            'name. A map must have the name of its frame.'
        )
    if maps:
        warn_once(f'{map_folder}: {len(maps)} maps belong to no frame of {image_folder} and are not used: {min(maps)}.')
    return frames


@DATASETS.register_module()
class YouTubeVOSDataset(ClipDataset):
    """``JPEGImages``, ``Annotations`` (palette PNG) and ``meta.json``.

    An object's prompt is in the first frame that meta.json lists for it, which
    may be later than the first frame of the video. Maps may be missing in other frames
    (the public validation set).
    """

    METAINFO = dict(classes=('object',))

    def read_videos(self) -> list[dict]:
        """Read meta.json and list the frames; no map is opened."""
        return [self._video(name, objects) for name, objects in read_vos_meta(self.ann_file).items()]

    def is_trainable(self, video: dict) -> bool:
        """Whether meta.json lists an object of the video."""
        return bool(video['objects'])

    def _video(self, name: str, objects: VosVideo) -> dict:
        frames = _frames(
            name,
            osp.join(self.data_prefix['img_path'], name),
            osp.join(self.data_prefix['seg_map_path'], name),
            'objects',
        )
        stems = [osp.splitext(osp.basename(frame['img_path']))[0] for frame in frames]
        starts = first_frames(objects, stems, f'{self.ann_file}, video {name}')
        for stem, frame in zip(stems, frames):
            frame['exemplar_ids'] = starts.get(stem, [])
        return dict(
            video_id=name,
            video_length=len(frames),
            images=frames,
            objects={
                number: dict(category=entry.category, frames=list(entry.frames)) for number, entry in objects.items()
            },
        )


@DATASETS.register_module()
class DAVISDataset(ClipDataset):
    """``JPEGImages/<res>``, ``Annotations/<res>`` and a list of sequences.

    All objects of the first map are prompts in its frame, usually the first of the video.

    Args:
        single_object: Every value above 0 is object 1, as in DAVIS-2016
            (maps of 0 and 255). False: values are object ids, 255 is void.
        sequences: Names to use instead of the list file.
    """

    METAINFO = dict(classes=('object',))

    def __init__(
        self, *args: Any, single_object: bool = False, sequences: Sequence[str] | None = None, **kwargs: Any
    ) -> None:
        self.map_format = 'binary' if single_object else 'objects'
        self.sequences = sequences
        super().__init__(*args, **kwargs)

    def read_videos(self) -> list[dict]:
        """List the frames; only the first map of each sequence is opened."""
        names = self.sequences or read_davis_list(self.ann_file)
        refuse_repeats(names, 'sequence', self.ann_file or 'sequences')
        return [self._video(name) for name in names]

    def _video(self, name: str) -> dict:
        frames = _frames(
            name,
            osp.join(self.data_prefix['img_path'], name),
            osp.join(self.data_prefix['seg_map_path'], name),
            self.map_format,
        )
        first = next(frame for frame in frames if frame['seg_map_path'] is not None)
        first['exemplar_ids'] = None
        if self.map_format == 'objects':
            read_object_ids(first['seg_map_path'])  # refuses maps of 0 and 255
        return dict(video_id=name, video_length=len(frames), images=frames)
