"""BURST JSON, ground truth and predictions: {split, categories, sequences}.

A sequence has {id, dataset, seq_name, width, height, all_image_paths, annotated_image_paths, track_category_ids,
segmentations: one {track id: {rle, ...}} per annotated frame}; ground truth also has neg_category_ids and
not_exhaustive_category_ids, ``first_frame_annotations.json`` a box and a point per mask.

Shapes:
    H W: size of a frame.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InputError, one_line
from .files import PathLike, check_name
from .frame_fields import check_box, frame_names, frame_size, is_number, parse_categories
from .json_files import field, list_field, object_field, object_of, read_json, refuse_repeats, text_field, whole
from .masks import validate_and_area

SequenceKey = tuple[str, str]
_WHOLE = re.compile('-?[0-9]{1,15}')


@dataclass(frozen=True)
class BurstSequence:
    """One sequence.

    Attributes:
        id: as a string.
        key: (dataset, seq_name).
        height, width: H W.
        frames: names of the annotated frames.
        all_frames: names of all frames, () where the file has none.
        tracks: track id -> category id.
        masks: for every annotated frame its track id -> entry {rle, ...}; strings are checked by :func:`check_masks`.
        entry: the JSON object.
    """

    id: str
    key: SequenceKey
    height: int
    width: int
    frames: tuple[str, ...]
    all_frames: tuple[str, ...]
    tracks: Mapping[int, int]
    masks: tuple[Mapping[int, Mapping[str, Any]], ...]
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        """dataset/seq_name, as in its folder and in messages."""
        return '/'.join(self.key)


@dataclass(frozen=True)
class BurstFile:
    """Contents of a file: sequences, categories (id -> name, empty if missing) and split ('' if missing)."""

    path: str
    split: str
    categories: Mapping[int, str]
    sequences: tuple[BurstSequence, ...]
    content: Mapping[str, Any]


def read_burst(path: PathLike, needs_categories: bool = True) -> BurstFile:
    """Read an annotation file.

    Args:
        path: the file.
        needs_categories: whether the list of categories is required.

    Raises:
        InputError: invalid layout; a duplicate sequence, frame or track; a track without a category; an unknown
            category; lists of different lengths; a malformed mask, box or point.
    """
    content = read_json(path)
    where = str(path)
    if not isinstance(content, dict) or not isinstance(content.get('sequences'), list):
        raise InputError(f'{where} is not in BURST layout: it has no list "sequences" beside "categories"')
    categories: Mapping[int, str] = {}
    if needs_categories or content.get('categories') is not None:
        categories = parse_categories(content, where)
    sequences = tuple(
        _parse_sequence(entry, where, place, categories) for place, entry in enumerate(content['sequences'])
    )
    for what, values in (('name', [item.name for item in sequences]), ('id', [item.id for item in sequences])):
        refuse_repeats(values, f'sequence {what}', where)
    split = '' if content.get('split') is None else text_field(content, 'split', where)
    return BurstFile(where, split, categories, sequences, content)


def sequence_key(entry: Any, path: PathLike, place: int) -> tuple[SequenceKey, str]:
    """(dataset, seq_name) of a sequence, and the prefix of its error messages."""
    where = f'{path}, sequence number {place}'
    dataset, name = (check_name(text_field(entry, key, where), where) for key in ('dataset', 'seq_name'))
    return (dataset, name), f'{path}, sequence {one_line(f"{dataset}/{name}")}'


def _parse_sequence(entry: Any, path: str, place: int, categories: Mapping[int, str]) -> BurstSequence:
    key, where = sequence_key(entry, path, place)
    height, width = frame_size(entry, where)
    tracks = track_categories(entry, where)
    names, masks = [], []
    for name, items in frame_entries(entry, where):
        here = f'{where}, frame {one_line(name)}'
        found = track_items(items, here)
        for track, item in found.items():
            if track < 1:
                raise InputError(f'{here}: track id {track}; ids begin at 1, 0 is background')
            _check_item(item, f'{here}, track {track}')
            category = tracks.get(track)
            if category is None:
                raise InputError(f'{here}: track {track} has no category: it is not in track_category_ids')
            if categories and category not in categories:
                raise InputError(
                    f'{here}: track {track} has the category {category}, which is not in the list "categories"'
                )
        names.append(name)
        masks.append(found)
    whole_list = frame_names(entry, 'all_image_paths', where) if entry.get('all_image_paths') is not None else []
    return BurstSequence(
        str(_sequence_id(entry, where)),
        key,
        height,
        width,
        tuple(names),
        tuple(whole_list),
        tracks,
        tuple(masks),
        entry,
    )


def _sequence_id(entry: Any, where: str) -> int | str:
    value = field(entry, 'id', where)
    return value if isinstance(value, str) else whole(value, f'{where}: "id"')


def number_of(value: Any, what: str) -> int:
    """Parse an integer that may be given as a string, as in keys of JSON objects.

    Raises:
        InputError: not an integer.
    """
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise InputError(f'{what} {one_line(repr(value), 60)} is not an integer')
        return int(value)
    return whole(value, what)


def frame_entries(entry: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the annotated file names of a sequence with their masks.

    Raises:
        InputError: a name is repeated, or the two lists have different lengths.
    """
    names = frame_names(entry, 'annotated_image_paths', where)
    masks = list_field(entry, 'segmentations', where)
    if len(names) != len(masks):
        raise InputError(f'{where} has {len(masks)} segmentations for {len(names)} annotated frames')
    for name, found in zip(names, masks):
        yield name, object_of(found, f'{where}, frame {one_line(name)}')


def track_items(items: Mapping[str, Any], where: str) -> dict[int, Mapping[str, Any]]:
    """Track id -> entry of one frame.

    Raises:
        InputError: an id that is not an integer, or a duplicate id ("1" and "01").
    """
    found: dict[int, Mapping[str, Any]] = {}
    for text, item in items.items():
        track = number_of(text, f'{where}: track id')
        if track in found:
            raise InputError(f'{where}: duplicate track id {track}')
        found[track] = item
    return found


def track_categories(entry: Any, where: str) -> dict[int, int]:
    """Track id -> category id of a sequence.

    Raises:
        InputError: not an object, a duplicate id ("1" and "01"), or an id that is not an integer.
    """
    found: dict[int, int] = {}
    for text, category in object_field(entry, 'track_category_ids', where).items():
        track = number_of(text, f'{where}: track id')
        if track in found:
            raise InputError(f'{where}: duplicate track id {track} in track_category_ids')
        found[track] = number_of(category, f'{where}, track {track}: category id')
    return found


def _check_item(item: Any, where: str) -> None:
    """Check the entry of one mask: its RLE string and, if present, its box and its point."""
    mask_text(item, where)
    if item.get('bbox') is not None:
        check_box(item['bbox'], where)
    point = item.get('point')
    if point is not None and not (isinstance(point, list) and len(point) == 2 and all(map(is_number, point))):
        raise InputError(f'{where}: the point is {one_line(repr(point), 60)}; it must be two numbers x, y')


def mask_text(item: Any, where: str) -> bytes:
    """RLE string of a mask {rle: ...}.

    Raises:
        InputError: not an object, or its string is null, not a string, or not ASCII.
    """
    text = object_of(item, where).get('rle')
    if not isinstance(text, str) or not text.isascii():
        raise InputError(
            f"{where}: mask is {one_line(repr(text), 40)}; give COCO's compressed RLE string, leave out empty masks"
        )
    return text.encode('ascii')


class MaskReader:
    """Collects the RLE strings of one sequence and checks them in one batch.

    Args:
        size: (H, W) of the frames.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.texts: list[bytes] = []
        self.places: list[str] = []

    def take(self, item: Any, where: str) -> dict[str, Any]:
        """Mask of a JSON entry in pycocotools' format; call `check` before using it."""
        self.texts.append(mask_text(item, where))
        self.places.append(where)
        return {'size': list(self.size), 'counts': self.texts[-1]}

    def check(self) -> None:
        """Check all strings.

        Raises:
            InputError: a damaged string, or one that does not cover its frame.
        """
        validate_and_area(self.texts, [self.size[0] * self.size[1]] * len(self.texts), self.places)


def check_masks(file: BurstFile) -> None:
    """Check every mask of a file.

    Raises:
        InputError: names the first mask that is damaged or has the wrong size.
    """
    for sequence in file.sequences:
        reader = MaskReader((sequence.height, sequence.width))
        for name, masks in zip(sequence.frames, sequence.masks):
            for track, item in masks.items():
                reader.take(item, f'{file.path}, sequence {sequence.name}, frame {name}, track {track}')
        reader.check()
