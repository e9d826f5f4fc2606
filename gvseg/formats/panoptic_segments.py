"""Categories and segments of the panoptic JSON that VIPSeg uses; :mod:`gvseg.formats.panoptic_json` has the files.

Shapes:
    n: segments of a frame.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from .constants import PANOPTIC_ID_LIMIT
from .errors import InputError, one_line
from .files import PathLike, check_name
from .json_files import WHOLE_LIMIT, flag_field, object_of, refuse_repeats, whole, whole_field


@dataclass(frozen=True)
class Category:
    """One class: its id in the file, name, whether it is a thing, and its colour (R, G, B)."""

    id: int
    name: str
    is_thing: bool
    colour: tuple[int, ...]


@dataclass(frozen=True)
class SegmentList:
    """The segments that the file lists for one frame, in its order.

    Attributes:
        ids: unique segment ids, (n,) int64.
        categories: category ids, (n,) int64.
        areas: listed areas in pixels, -1 if not listed, (n,) int64.
        crowd: iscrowd, (n,) bool.
    """

    ids: np.ndarray
    categories: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray


def read_categories(content: Any, path: PathLike) -> tuple[Category, ...]:
    """The classes of a list of categories, in its order.

    Raises:
        InputError: not a list, a duplicate id or name, a missing field or one of the wrong type.
    """
    if not isinstance(content, list) or not content:
        raise InputError('has no list "categories"', path, cure="VIPSeg's panoptic JSON is needed")
    found = []
    for number, entry in enumerate(content):
        where = f'{path}: category {number}'
        if 'isthing' not in object_of(entry, where) or 'id' not in entry:
            raise InputError(f'{where}: every category needs id and isthing')
        identity = whole_field(entry, 'id', where, 0)
        colour = entry.get('color') or [0, 0, 0]
        if not isinstance(colour, list) or len(colour) != 3:
            raise InputError(f'{where}: "color" is not a list of red, green and blue')
        found.append(
            Category(
                identity,
                str(entry.get('name', identity)),
                flag_field(entry, 'isthing', where),
                tuple(whole(value, f'{where}: "color"', 0, 255) for value in colour),
            )
        )
    refuse_repeats((category.id for category in found), 'category id', str(path))
    refuse_repeats((category.name for category in found), 'category name', str(path))
    return tuple(found)


def parse_segments(entries: Any, known: Mapping[int, Any], where: str) -> SegmentList:
    """Check ``segments_info`` of one frame.

    Args:
        entries: list of {id, category_id, area?, iscrowd?}.
        known: category ids of the file.
        where: file, video and frame, for messages.

    Raises:
        InputError: not a list, a duplicate or invalid id, an unknown category, an invalid area or flag.
    """
    rows, seen = [], set()
    if not isinstance(entries, (list, tuple)):
        raise InputError(f'{where}: segments_info is {one_line(repr(entries), 40)}; it must be a list')
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise InputError(f'{where}: a segment is {one_line(repr(entry), 40)}; it must be an object')
        identity, category = _whole(entry, 'id', where), _whole(entry, 'category_id', where)
        if identity in seen:
            raise InputError(f'{where}: duplicate segment id {identity}')
        if not 0 < identity < PANOPTIC_ID_LIMIT:
            raise InputError(f'{where}: segment id {identity} is out of range 1..{PANOPTIC_ID_LIMIT - 1} (0 is void)')
        if category not in known:
            raise InputError(
                f'{where}: segment id {identity} has category_id {category}, which is not in the list '
                '"categories" of the ground truth'
            )
        seen.add(identity)
        area = -1 if entry.get('area') is None else _whole(entry, 'area', where)
        if area < 0 and entry.get('area') is not None:
            raise InputError(f'{where}: segment id {identity} has area {area}')
        rows.append((identity, category, area, flag_field(entry, 'iscrowd', f'{where}, segment id {identity}')))
    ids, categories, areas, crowd = np.array(rows, np.int64).reshape(-1, 4).T
    return SegmentList(ids, categories, areas, crowd.astype(bool))


def _whole(entry: Mapping[str, Any], key: str, where: str) -> int:
    """An integer of a segment; 3.0 counts as 3."""
    value = entry.get(key)
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.inf
    if not abs(number) < WHOLE_LIMIT or number % 1:
        raise InputError(
            f'{where}: {key} of segment {one_line(repr(entry.get("id")), 40)} is '
            f'{one_line(repr(value), 40)}; it must be an integer'
        )
    return int(number)


def frame_name(entry: Any, where: str) -> str:
    """Name of a frame: its file name without ending, else its id.

    Raises:
        InputError: it has none, or one that would lie in another folder.
    """
    name = entry.get('file_name') or entry.get('image_id') or entry.get('id') if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or not name:
        raise InputError(f'{where}: a frame without file_name and image_id')
    if '/' in check_name(name, entry=where):
        raise InputError(
            f'{where}: the file name {one_line(name)!r} contains a folder; frames belong in the folder of their video'
        )
    return PurePosixPath(name).stem
