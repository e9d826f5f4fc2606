"""Masks of the tubes of a YouTube-VIS file: checked and measured in one batch per video.

Shapes:
    T: frames of a video. H W: size of a frame.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import InputError
from .masks import mask_fault, to_rle, validate_and_area
from .youtube_vis import TubeVideo


def encode_masks(masks: Sequence[Any], video: TubeVideo, where: str) -> list[dict[str, Any] | None]:
    """Masks of a tube as compressed RLE, None where absent; strings are checked later, in one batch per video.

    Raises:
        InputError: neither null, RLE nor polygons, or of another size than the video.
    """
    return [_encode_mask(mask, video, where, frame) if mask else None for frame, mask in enumerate(masks)]


def _frame_place(where: str, frame: int, video: TubeVideo) -> str:
    name = f' ({video.file_names[frame]})' if frame < len(video.file_names) else ''
    return f'{where}, frame {frame}{name}'


def _encode_mask(mask: Any, video: TubeVideo, where: str, frame: int) -> dict[str, Any]:
    size = [video.height, video.width]
    if isinstance(mask, dict) and mask.get('size') == size:
        counts, (height, width) = mask.get('counts'), mask['size']
        # 720.0 equals 720, but is not a valid size.
        if isinstance(counts, str) and counts.isascii() and isinstance(height, int) and isinstance(width, int):
            return {'size': size, 'counts': counts}
    fault = mask_fault(mask, *size)
    if fault:
        where = _frame_place(where, frame, video)
        raise InputError(f'{where}: {fault}; the video is {video.height}x{video.width} (height x width)')
    return to_rle(mask, *size)


def tube_masks(
    entries: Sequence[Mapping[str, Any]], video: TubeVideo, place: Callable[[Mapping[str, Any]], str]
) -> list[tuple[tuple[dict[str, Any] | None, ...], list[int]]]:
    """Masks and areas of the tubes of one video, checked together.

    Args:
        entries: annotations or results.
        video: their video.
        place: names an entry, for messages.

    Returns:
        For each entry its masks (compressed RLE, None where absent) and their areas in pixels (0 where absent).

    Raises:
        InputError: a damaged mask, or one of another size.
    """
    distinct = _distinct_tubes([entry['segmentations'] for entry in entries])
    rows, texts, places = {}, [], []
    for index in dict.fromkeys(distinct):
        where = place(entries[index])
        rows[index] = encode_masks(entries[index]['segmentations'], video, where)
        for frame, mask in enumerate(rows[index]):
            if mask:
                texts.append(mask['counts'].encode('ascii'))
                places.append((where, frame))
    names = (_frame_place(where, frame, video) for where, frame in places)  # built for an error alone
    areas = iter(validate_and_area(texts, [video.height * video.width] * len(texts), names))
    tubes = {index: (tuple(row), [next(areas) if mask else 0 for mask in row]) for index, row in rows.items()}
    return [tubes[index] for index in distinct]


def _distinct_tubes(tubes: Sequence[Sequence[Any]]) -> list[int]:
    """Index of the first equal tube of every tube: models may report one tube under several categories."""
    known: dict[Any, list[int]] = {}
    first = []
    for index, masks in enumerate(tubes):
        shown = next((mask for mask in masks if mask), None)
        key = shown['counts'] if isinstance(shown, dict) and isinstance(shown.get('counts'), str) else None
        equal = known.setdefault((len(masks), key), [])
        first.append(next((other for other in equal if tubes[other] == masks), index))
        if first[-1] == index:
            equal.append(index)
    return first
