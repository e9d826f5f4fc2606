"""YouTube-VIS and OVIS JSON: {videos, categories, annotations}, one annotation per tube; and result files.

Shapes:
    T: frames of a video. H W: size of a frame.
"""

import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import InputError, one_line
from .files import PathLike, atomic_file, check_path
from .frame_fields import MAX_FRAMES, check_box, frame_names, frame_size, parse_categories
from .json_files import (
    MAX_JSON_BYTES,
    field,
    flag_field,
    list_field,
    number_field,
    read_json,
    read_json_bytes,
    refuse_repeats,
    whole,
    whole_field,
)
from .masks import mask_fault
from .repeated_json import parse_entries

VideoId = int | str


@dataclass(frozen=True)
class TubeVideo:
    """One video.

    Attributes:
        id: integer or string, as in the file.
        height, width: H W.
        length: T.
        annotations: its entries of the file, checked except for their masks; ids are unique in the file.
        file_names: T paths of the frames; empty if not given.
    """

    id: VideoId
    height: int
    width: int
    length: int
    annotations: tuple[Mapping[str, Any], ...] = ()
    file_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class TubeFile:
    """Contents of an annotation file: videos and categories (id -> name) in file order, and the parsed JSON."""

    path: str
    videos: tuple[TubeVideo, ...]
    categories: Mapping[int, str]
    content: Mapping[str, Any]


def read_tubes(path: PathLike, needs_annotations: bool = True, needs_frames: bool = True) -> TubeFile:
    """Read an annotation file; masks are checked by :func:`check_masks` or where they are decoded.

    Args:
        path: the file.
        needs_annotations: False: the list may be missing or null (hidden ground truth).
        needs_frames: False: videos may have a ``length`` instead of ``file_names``.

    Raises:
        InputError: invalid layout; a duplicate id, name or frame; a reference to an unknown video or category;
            segmentations or boxes that do not fit.
    """
    return parse_tubes(read_json(path), path, needs_annotations, needs_frames)


def parse_tubes(content: Any, path: PathLike, needs_annotations: bool = True, needs_frames: bool = True) -> TubeFile:
    """As :func:`read_tubes`, from parsed JSON."""
    if not isinstance(content, dict) or not isinstance(content.get('videos'), list):
        raise InputError(
            f'{path} is not in YouTube-VIS layout: it has no list "videos" beside "categories" and "annotations"'
        )
    videos = [_parse_video(entry, str(path), place, needs_frames) for place, entry in enumerate(content['videos'])]
    refuse_repeats([video.id for video in videos], 'video id', str(path))
    if len({type(video.id) for video in videos}) > 1:
        raise InputError(f'{path}: some video ids are integers and others strings; use one type')
    categories = parse_categories(content, str(path))
    annotations = content.get('annotations')
    if annotations is None and not needs_annotations:
        annotations = []
    elif not isinstance(annotations, list):
        raise InputError(f'{path}: has no list "annotations" (the official val files have none: use a split that has)')
    by_id = {video.id: video for video in videos}
    tubes: dict[VideoId, list[Mapping[str, Any]]] = {video.id: [] for video in videos}
    for place, entry in enumerate(annotations):
        _check_annotation(entry, by_id, categories, str(path), place)
        tubes[entry['video_id']].append(entry)
    refuse_repeats([entry['id'] for entry in annotations], 'annotation id', str(path))
    rows = [
        TubeVideo(video.id, video.height, video.width, video.length, tuple(tubes[video.id]), video.file_names)
        for video in videos
    ]
    return TubeFile(str(path), tuple(rows), categories, content)


def _video_id(entry: Any, key: str, where: str) -> VideoId:
    """Video id: an integer or a string."""
    value = field(entry, key, where)
    return value if isinstance(value, str) and value else whole(value, f'{where}: "{key}"')


def _parse_video(entry: Any, path: str, place: int, needs_frames: bool) -> TubeVideo:
    """Parse an entry of ``videos``."""
    identity = _video_id(entry, 'id', f'{path}: video number {place}')
    where = f'{path}: video {one_line(identity)}'
    height, width = frame_size(entry, where)
    names: list[str] = []
    if needs_frames or isinstance(entry.get('file_names'), list):
        names = frame_names(entry, 'file_names', where)
    length = entry.get('length')
    length = len(names) if length is None else whole(length, f'{where}: "length"', 0, MAX_FRAMES)
    if names and length != len(names):
        raise InputError(f'{where}: "length" is {length} but there are {len(names)} file names')
    return TubeVideo(identity, height, width, length, (), tuple(names))


def _check_annotation(
    entry: Any, videos: Mapping[VideoId, TubeVideo], categories: Mapping[int, str], path: str, place: int
) -> None:
    """Check an entry of ``annotations``: its ids, its per-frame lists, its boxes."""
    number = whole_field(entry, 'id', f'{path}: annotation number {place}')
    where = f'{path}: annotation {number}'
    category, video = whole_field(entry, 'category_id', where), _video_id(entry, 'video_id', where)
    if category not in categories:
        raise InputError(f'{where} has the category {category}, which is not in the list "categories"')
    if video not in videos:
        raise InputError(f'{where} belongs to video {one_line(video, 40)}, which is not in the list "videos"')
    flag_field(entry, 'iscrowd', where)
    masks = list_field(entry, 'segmentations', where)
    for frame, mask in enumerate(masks):
        if not (mask is None or isinstance(mask, (dict, list))):
            raise InputError(f'{where}, frame {frame}: {mask_fault(mask, 0, 0)}')
    for frame, box in enumerate(list_field(entry, 'bboxes', where) if entry.get('bboxes') is not None else ()):
        if box:
            check_box(box, f'{where}, frame {frame}')


def check_length(entry: Mapping[str, Any], video: TubeVideo, where: str) -> None:
    """Check that a tube has one segmentation per frame.

    Raises:
        InputError: more or fewer.
    """
    found = len(entry['segmentations'])
    if found != video.length:
        raise InputError(f'{where} has {found} segmentations but video {one_line(video.id)} has {video.length} frames')


def boxes_of(entry: Mapping[str, Any]) -> Sequence[list[float] | None]:
    """One box x, y, width, height or None for each segmentation; all None if the list of boxes has another length."""
    boxes, length = entry.get('bboxes') or (), len(entry['segmentations'])
    return [box or None for box in boxes] if len(boxes) == length else [None] * length


def read_tube_results(path: PathLike, truth: TubeFile) -> dict[VideoId, list[Mapping[str, Any]]]:
    """Read a result list (``results.json``, or a zip with it); entries by video, with their position in the file as
    ``index``.

    Raises:
        InputError: not a list, an unknown video or category, or a score that is not finite.
    """
    zipped = zipfile.is_zipfile(check_path(path))
    data = _read_zipped(path) if zipped else read_json_bytes(path, 'Result file')
    content = parse_entries(data, path, 'segmentations')
    if not isinstance(content, list):
        raise InputError(f'{path}: a result file is one list of objects, found {type(content).__name__}')
    by_video: dict[VideoId, list] = {video.id: [] for video in truth.videos}
    for index, entry in enumerate(content):
        where = f'{path}: entry {index}'
        video = _video_id(entry, 'video_id', where)
        category = whole_field(entry, 'category_id', where)
        if video not in by_video:
            raise InputError(f'{where}: video_id {one_line(video)} is not in the ground truth')
        where = f'{where} (video_id {one_line(video)})'
        if category not in truth.categories:
            raise InputError(f'{where}: category_id {category} is not in the ground truth')
        number_field(entry, 'score', where)
        list_field(entry, 'segmentations', where)
        by_video[video].append({**entry, 'category_id': category, 'index': index})
    return by_video


def _read_zipped(path: PathLike) -> bytes:
    """Bytes of the JSON file in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry for entry in archive.infolist() if entry.filename.endswith('.json')]
            if len(names) != 1:
                raise InputError(f'{path}: needs one JSON file inside, found {len(names)}')
            if names[0].file_size > MAX_JSON_BYTES:
                raise InputError(f'{path}: its JSON has more than {MAX_JSON_BYTES:,} bytes')
            return archive.read(names[0])
    # An encrypted member is a RuntimeError, an unknown compression NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise InputError(f'{path}: not a readable zip with JSON ({error})') from None


def write_tube_results(path: PathLike, entries: Iterable[Mapping[str, Any]]) -> PathLike:
    """Write `results.json` in a zip, as the evaluation servers expect it; entry by entry, with a fixed date."""
    with atomic_file(path) as target, zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo('results.json')
        member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with archive.open(member, 'w', force_zip64=True) as file:
            lead = b'['
            for entry in entries:
                file.write(lead + json.dumps(entry, allow_nan=False).encode('ascii'))
                lead = b',\n'
            file.write(b'[]' if lead == b'[' else b']')
    return path
