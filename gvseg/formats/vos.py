"""Video object segmentation: meta.json of YouTube-VOS, lists of DAVIS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .constants import VOID_VALUE
from .errors import InputError, one_line
from .files import PathLike, natural_order, read_bytes
from .frame_fields import frame_names
from .json_files import object_field, object_of, read_json, text_field

MAX_OBJECT = VOID_VALUE - 1


@dataclass(frozen=True)
class VosObject:
    """One object of a video.

    Attributes:
        frames: names (without ending) of the frames it is in, in natural order; () if not given.
        category: its class, '' if not given.
    """

    frames: tuple[str, ...] = ()
    category: str = ''


VosVideo = Mapping[int, VosObject]


def read_vos_meta(path: PathLike) -> dict[str, VosVideo]:
    """Read a meta.json: {videos: {video: {objects: {id: {category, frames}}}}}.

    Returns:
        Video -> object id -> object, in the file's order.

    Raises:
        InputError: invalid layout, an object id that exceeds 8 bits, a duplicate object id ("1" and "01"), or a
            duplicate frame.
    """
    content = read_json(path)
    videos = content.get('videos') if isinstance(content, dict) else None
    if not isinstance(videos, dict) or not videos:
        raise InputError(f'{path} is not a YouTube-VOS meta.json: it has no "videos"')
    found: dict[str, VosVideo] = {}
    for video, entry in videos.items():
        where = f'{path}, video {one_line(video)}'
        if not video or '\0' in video:
            raise InputError(f'{path}: {one_line(repr(video))} is not a video name')
        found[video] = _parse_objects(object_field(entry, 'objects', where), where)
    return found


def _parse_objects(objects: Mapping[str, Any], where: str) -> VosVideo:
    found: dict[int, VosObject] = {}
    for text, entry in objects.items():
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or not 0 < int(text) <= MAX_OBJECT:
            raise InputError(f'{where}: object id {one_line(repr(text))} is not a number in 1..{MAX_OBJECT}')
        if int(text) in found:
            raise InputError(f'{where}: duplicate object id {int(text)}')
        here = f'{where}, object {text}'
        frames = object_of(entry, here).get('frames')
        names = [] if frames is None else frame_names(entry, 'frames', here)
        category = '' if entry.get('category') is None else text_field(entry, 'category', here)
        found[int(text)] = VosObject(tuple(natural_order(names)), category)
    return found


def read_davis_list(path: PathLike) -> list[str]:
    """Names of the sequences of a list; DAVIS 2016 lists "/JPEGImages/480p/<name>/00000.jpg ..." of every frame.

    Raises:
        InputError: missing, not text, empty, a duplicate name, or a path without a sequence.
    """
    try:
        text = read_bytes(path, 'List of videos').decode('utf-8-sig')
    except UnicodeDecodeError:
        raise InputError('not a text file in UTF-8', path, cure='write one name per line') from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError('List of videos is empty', path, cure='write one name per line')
    names: dict[str, bool] = {}
    for number, line in enumerate(lines, 1):
        by_path = line.startswith('/')
        name = Path(line.split()[0]).parent.name if by_path else line
        if not name or '\0' in name:
            raise InputError(f'{path}, line {number}: {one_line(repr(line))} is not a sequence name')
        if name in names and not (by_path and names[name]):
            raise InputError(f'{one_line(repr(name))} is listed more than once', path, cure='remove the duplicate')
        names[name] = by_path
    return list(names)


def first_frames(objects: VosVideo, stems: Sequence[str], where: str) -> dict[str, list[int]]:
    """Frame -> ids of the objects that first appear in it.

    Args:
        objects: of one video; an object without frames starts in the video's first.
        stems: names of the video's frames without ending.
        where: file and video, for messages.

    Raises:
        InputError: an object is in a frame that the video does not have.
    """
    known = set(stems)
    starts: dict[str, list[int]] = {}
    for number, entry in objects.items():
        missing = [frame for frame in entry.frames if frame not in known]
        if missing:
            raise InputError(f'{where}: object {number} is in frame {one_line(missing[0])}, which the video lacks')
        starts.setdefault(entry.frames[0] if entry.frames else stems[0], []).append(number)
    return {frame: sorted(numbers) for frame, numbers in starts.items()}
