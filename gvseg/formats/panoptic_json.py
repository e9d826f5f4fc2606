"""Panoptic JSON in VIPSeg's layout: categories, videos, and the segments of every frame.

``{categories: [{id, name, isthing, color}], videos: [{video_id, images: [{file_name, height, width}]}],
annotations: [{video_id, annotations: [{file_name, segments_info: [{id, category_id, area, iscrowd}]}]}]}``; the maps
are ``<video>/<frame>.png`` with the ids R + 256 G + 65536 B, 0 is void. A result file has ``annotations`` only.

Shapes: n segments of a frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError, MissingInputError, one_line
from .files import PathLike, check_name, list_files
from .json_files import read_json, whole_field
from .panoptic_segments import Category, SegmentList, frame_name, parse_segments, read_categories


@dataclass(frozen=True)
class PanopticFrame:
    """One frame: its name (the file name without ending), its size (H, W) if listed, and its segments if annotated."""

    name: str
    size: tuple[int, int] | None
    segments: SegmentList | None

    @property
    def map_name(self) -> str:
        """File name of its map."""
        return f'{self.name}.png'


@dataclass(frozen=True)
class PanopticVideo:
    """One video and its frames in order."""

    name: str
    frames: tuple[PanopticFrame, ...]


@dataclass(frozen=True)
class PanopticFile:
    """Contents of a panoptic JSON file."""

    categories: tuple[Category, ...]
    videos: tuple[PanopticVideo, ...]


def frames_by_video(content: Any, path: PathLike) -> dict[str, dict[str, Any]]:
    """``annotations`` of a panoptic JSON as {video: {frame: segments_info}}, segments not checked yet.

    Raises:
        InputError: invalid layout, or a duplicate video or frame.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get('annotations'), list):
        raise InputError(
            'is not in VIPSeg layout: it has no list "annotations"', path, cure="VIPSeg's panoptic JSON is needed"
        )
    videos: dict[str, dict[str, Any]] = {}
    for entry in content['annotations']:
        if not isinstance(entry, Mapping) or 'video_id' not in entry or not isinstance(entry.get('annotations'), list):
            raise InputError('every entry of annotations needs video_id and a list annotations', path)
        name = _video_name(entry, path)
        if name in videos:
            raise InputError(f'duplicate video id {name!r}', path)
        frames = videos[name] = {}
        for frame in entry['annotations']:
            key = frame_name(frame, f'{path}: video {name}')
            if key in frames:
                raise InputError(f'duplicate frame {key!r}', path, f'video {name}')
            frames[key] = frame.get('segments_info')
    return videos


def _video_name(entry: Mapping[str, Any], path: PathLike) -> str:
    value = entry['video_id']
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(f'video_id {one_line(repr(value), 40)} is neither text nor a number', path)
    return check_name(str(value), path, 'videos')


def read_panoptic_file(path: PathLike, needs_annotations: bool = True) -> PanopticFile:
    """Read a ground-truth file.

    Args:
        path: the JSON file.
        needs_annotations: False: a file without "annotations" (hidden ground truth) is read too; its frames have no
            segments.

    Raises:
        InputError: not VIPSeg's layout; a duplicate video, frame or segment; a frame without an annotation, or an
            annotation without a frame.
    """
    content = read_json(path)
    if not isinstance(content, Mapping) or not isinstance(content.get('videos'), list):
        raise InputError(
            'is not in VIPSeg layout: it has no lists "categories" and "videos"',
            path,
            cure="VIPSeg's panoptic JSON is needed",
        )
    hidden = not needs_annotations and not content.get('annotations')
    annotated = {} if hidden else frames_by_video(content, path)
    categories = read_categories(content.get('categories'), path)
    known = {category.id: category for category in categories}
    videos: dict[str, PanopticVideo] = {}
    for entry in content['videos']:
        if not isinstance(entry, Mapping) or 'video_id' not in entry or not isinstance(entry.get('images'), list):
            raise InputError('every entry of videos needs video_id and a list images', path)
        name = _video_name(entry, path)
        if name in videos:
            raise InputError(f'duplicate video id {name!r}', path)
        if not hidden and name not in annotated:
            raise InputError(f'video {name!r} has no annotations', path)
        videos[name] = _read_video(name, entry['images'], annotated.get(name), known, path)
    alone = next((name for name in annotated if name not in videos), None)
    if alone is not None:
        raise InputError(f'the annotations name the video {alone!r}, which is not in the list "videos"', path)
    return PanopticFile(categories, tuple(videos.values()))


def _read_video(
    name: str, images: list, annotated: Mapping[str, Any] | None, known: Mapping[int, Category], path: PathLike
) -> PanopticVideo:
    """Frames of one video in the order of ``images``."""
    frames: dict[str, PanopticFrame] = {}
    for image in images:
        key = frame_name(image, f'{path}: video {name}')
        where = f'{path}: video {name}, frame {key}'
        if key in frames:
            raise InputError(f'{where}: listed twice')
        if annotated is not None and key not in annotated:
            raise InputError(f'{where}: has no annotation')
        size = None
        if 'height' in image or 'width' in image:
            size = whole_field(image, 'height', where, 1), whole_field(image, 'width', where, 1)
        frames[key] = PanopticFrame(
            key, size, None if annotated is None else parse_segments(annotated[key], known, where)
        )
    alone = next((key for key in annotated or () if key not in frames), None)
    if alone is not None:
        raise InputError(
            f'the annotation of frame {alone!r} has no frame of its name',
            path,
            f'video {name}',
            'file names of images and annotations must agree but for their ending',
        )
    return PanopticVideo(name, tuple(frames.values()))


def require_maps(file: PanopticFile, path: PathLike, folder: PathLike) -> None:
    """Check that every annotated frame has a map.

    Args:
        file: contents of ``path``.
        path: its file, for messages.
        folder: folder of ``<video>/<frame>.png``.

    Raises:
        MissingInputError: names the first map that is missing.
    """
    for video in file.videos:
        there = set(list_files(Path(folder) / video.name, ('.png',), 'map'))
        lacking = next((frame.map_name for frame in video.frames if frame.map_name not in there), None)
        if lacking is not None:
            raise MissingInputError(
                f'{Path(folder) / video.name / lacking} does not exist, but {path} lists its '
                'frame. Fetch the map, or check seg_prefix.'
            )


def read_results(path: PathLike, truth: PanopticFile) -> dict[str, dict[str, SegmentList]]:
    """Read a result file: {video: {frame: segments}} of the ground truth's videos; other videos are left out.

    Raises:
        InputError: a video or frame is missing, a frame is not in the ground truth, or a segment is invalid.
    """
    annotated = frames_by_video(read_json(path, 'Result file'), path)
    known = {category.id: category for category in truth.categories}
    results = {}
    for video in truth.videos:
        if video.name not in annotated:
            raise InputError(f'video {video.name!r} is missing', path)
        names = [frame.name for frame in video.frames]
        missing, extra = set(names) - set(annotated[video.name]), set(annotated[video.name]) - set(names)
        if missing or extra:
            what = 'is missing' if missing else 'is not in the ground truth'
            raise InputError(f'frame {sorted(missing or extra)[0]!r} {what}', path, f'video {video.name}')
        results[video.name] = {
            name: parse_segments(annotated[video.name][name], known, f'{path}: video {video.name}, frame {name}')
            for name in names
        }
    return results


def find_truth(root: PathLike, split: str = 'val') -> Path:
    """The ground-truth JSON below a folder: that of the split, else the only one.

    Raises:
        MissingInputError: no such file, or several and none of the split.
    """
    files = sorted(Path(root).glob('panoptic_gt*.json'))
    named = [file for file in files if file.stem.endswith(f'_{split}')]
    chosen = named or files
    if len(chosen) != 1:
        raise MissingInputError(
            f'{root}: needs one panoptic_gt*.json of split {split!r}, found {[file.name for file in files] or "none"}'
        )
    return chosen[0]
