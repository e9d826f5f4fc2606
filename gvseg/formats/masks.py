"""COCO masks, run lengths and polygons: checked here before C code reads them, since pycocotools decodes damaged run
lengths to random pixels and crashes on polygon corners far outside the frame.

Shapes:
    H W: size of the frame. S: run-length strings. R: runs of all strings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from .errors import InputError
from .frame_fields import is_frame_size

# An RLE character encodes BITS bits and a continuation flag; BITS * MAX_PIECES bits suffice for any run of a frame.
FIRST_CHARACTER, CONTINUES, SIGN, BITS, MAX_PIECES = 48, 32, 16, 5, 7
# Largest outline in pixels: pycocotools needs about 120 bytes for each.
MAX_OUTLINE = 2**21


def decode_runs(texts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Run lengths of S compressed strings.

    Each number is written in groups of five bits, lowest first; from a string's fourth number on it is the difference
    to the one two places before. A string begins with a run of background.

    Returns:
        lengths: (R,) int64, may be negative in a damaged string.
        firsts: (S + 1,) index of every string's first run, and R.

    Raises:
        ValueError: a string is damaged; the reason.
    """
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    ends_of_texts = np.cumsum(sizes)
    pieces = np.frombuffer(b''.join(texts), np.uint8) - np.uint8(FIRST_CHARACTER)
    if pieces.max(initial=0) > 63:
        raise ValueError('a character is out of range')
    more = pieces >= CONTINUES
    if more[ends_of_texts[sizes > 0] - 1].any():
        raise ValueError('the string is cut')
    ends = np.flatnonzero(~more)
    firsts = np.append(np.searchsorted(ends, ends_of_texts - sizes), len(ends))
    return _undo_differences(_join_pieces(pieces, more, ends), firsts), firsts


def _join_pieces(pieces: np.ndarray, more: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(R,) int64 signed numbers of their five-bit pieces.

    Args:
        pieces: values of the characters.
        more: where a further piece follows.
        ends: last piece of every number, which is its highest.
    """
    low, more8 = pieces & np.uint8(CONTINUES - 1), more.view(np.uint8)
    # Nearly all numbers have one or two pieces: all of them at once.
    values = np.empty(len(pieces), np.int16)
    values[:] = (low ^ np.uint8(SIGN)).view(np.int8) - np.int8(SIGN)
    values[1:] *= more8[:-1] * np.uint8((1 << BITS) - 1) + np.uint8(1)
    values[1:] += low[:-1] * more8[:-1]
    numbers = values[ends].astype(np.int64)
    longer = np.flatnonzero((more[:-2] & more[1:-1]) > more[2:]) + 2
    owners, places, count = np.searchsorted(ends, longer), longer - 2, 2
    while len(owners):
        count += 1
        if count > MAX_PIECES:
            raise ValueError('a run is too long')
        numbers[owners] = numbers[owners] << BITS | low[places]
        places -= 1
        kept = more[places]  # more[-1] is False, so nothing precedes the first character
        owners, places = owners[kept], places[kept]
    return numbers


def _undo_differences(values: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Running sums of every second number of each string; the first of a string is not summed."""
    third = firsts[:-1][np.diff(firsts) > 2] + 2
    values[third] -= values[third - 2]
    lengths = np.empty_like(values)
    for parity in (0, 1):
        sums, bounds = _half_sums(values, firsts, parity)
        np.subtract(sums[1:], np.repeat(sums[bounds[:-1]], np.diff(bounds)), out=lengths[parity::2])
    return lengths


def _half_sums(values: np.ndarray, firsts: np.ndarray, parity: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the values at even or odd places, from 0 on, and how many of those places come before each string."""
    half = values[parity::2]
    sums = np.zeros(len(half) + 1, np.int64)
    np.cumsum(half, out=sums[1:])
    return sums, (firsts + 1 - parity) // 2


def _areas(texts: Sequence[bytes], pixels: np.ndarray) -> np.ndarray:
    """(S,) areas.

    Raises:
        ValueError: a string is damaged, or does not cover its pixels; the reason.
    """
    try:
        lengths, firsts = decode_runs(texts)
        if lengths.min(initial=0) < 0:
            raise ValueError('a negative run')
    except ValueError as error:
        raise ValueError(f'damaged RLE string ({error})') from None
    halves = []
    for parity in (0, 1):
        sums, bounds = _half_sums(lengths, firsts, parity)
        halves.append(np.diff(sums[bounds]))
    totals = halves[0] + halves[1]
    # A sum of very long runs could wrap around; no run may be longer than the frame.
    wrong = (totals != pixels) | (lengths.max(initial=0) > pixels.max(initial=0))
    if wrong.any():
        index = int(wrong.argmax())
        raise ValueError(f'RLE covers {totals[index]} pixels, its size has {pixels[index]}')
    return np.where(firsts[:-1] % 2, halves[0], halves[1])


def validate_and_area(texts: Sequence[bytes], pixels: Sequence[int], places: Sequence[str]) -> list[int]:
    """Areas of S masks, after checking that each string is complete and covers its frame.

    Args:
        texts: compressed strings.
        pixels: H*W of each mask's frame.
        places: file and id of each, for errors.

    Raises:
        InputError: a damaged string, or one of another size.
    """
    sizes = np.asarray(pixels, np.int64)
    try:
        return _areas(texts, sizes).tolist()
    except ValueError:
        for index, place in enumerate(places):  # one by one, to name the first damaged one
            try:
                _areas(texts[index : index + 1], sizes[index : index + 1])
            except ValueError as error:
                raise InputError(f'{place}: {error}') from None
        raise


def polygon_fault(polygons: Any, height: int, width: int) -> str:
    """Fault of a list of polygons, '' if valid.

    Corners may lie outside the frame, as annotation tools place them, by at most the frame's longer side.

    Args:
        polygons: list of [x1, y1, x2, y2, ...] in pixels.
        height, width: size of the frame.
    """
    if not isinstance(polygons, list) or not polygons:
        return 'it is not a list of polygons'
    longest, outline = max(height, width), 0.0
    for polygon in polygons:
        try:
            corners = np.array(polygon) if isinstance(polygon, list) else np.zeros(0)
        except (ValueError, OverflowError):  # nested lists of different lengths
            corners = np.zeros(0)
        if corners.dtype.kind not in 'iuf' or corners.ndim != 1 or len(corners) < 6 or len(corners) % 2:
            return 'one of its polygons is not a list of three or more x, y'
        points = corners.astype(np.float64).reshape(-1, 2)
        outside = ~((points >= -longest) & (points <= (width + longest, height + longest))).all(1)
        if outside.any():
            x, y = points[outside.argmax()].tolist()
            return f'one of its polygons has the corner ({x:.6g}, {y:.6g}), far outside the frame'
        outline += float(np.abs(points - np.roll(points, 1, 0)).max(1).sum()) + len(points)
    if outline > MAX_OUTLINE:
        return f'its outline is {outline:.0f} pixels long, more than {MAX_OUTLINE}'
    return ''


def rle_fault(mask: Any, height: int, width: int) -> str:
    """Fault of an RLE mask, '' if valid.

    Args:
        mask: dict(size, counts) with a string, bytes or a list as counts.
        height, width: size of the frame.
    """
    if not isinstance(mask, Mapping) or 'counts' not in mask or not isinstance(mask.get('size'), (list, tuple)):
        return 'it is not an RLE (dict of size and counts)'
    size, counts = mask['size'], mask['counts']
    if len(size) != 2 or not all(type(side) is int or isinstance(side, np.integer) for side in size):
        return 'its size is not a pair of integers (height, width)'
    if list(size) != [height, width]:
        return f'its size is {"x".join(f"{side:.9g}" for side in size)}'
    if not is_frame_size(height, width):
        return 'its size is not a valid image size'
    if isinstance(counts, list):
        return _run_list_fault(counts, height * width)
    try:
        text = counts.encode('ascii') if isinstance(counts, str) else bytes(memoryview(counts))
        validate_and_area([text], [height * width], [''])
    except (UnicodeEncodeError, TypeError):
        return 'its counts are not run-length encoded'
    except InputError as error:
        return str(error).removeprefix(': ')
    return ''


def _run_list_fault(counts: list, pixels: int) -> str:
    """Fault of a list of run lengths, '' if valid."""
    if not all(type(run) is int and 0 <= run <= pixels for run in counts):
        return 'its counts are not run lengths'
    return '' if sum(counts) == pixels else f'its runs add up to {sum(counts)} instead of {pixels} pixels'


def mask_fault(mask: Any, height: int, width: int) -> str:
    """Fault of a COCO mask, polygons or RLE; '' if valid."""
    return (polygon_fault if isinstance(mask, list) else rle_fault)(mask, height, width)


def to_rle(mask: Any, height: int, width: int) -> dict[str, Any]:
    """Convert a valid mask to compressed RLE, counts as a string.

    Args:
        mask: RLE with counts as string, bytes or list, or a list of polygons.
        height, width: size of the frame.
    """
    if isinstance(mask, list):
        polygons = [[float(value) for value in polygon] for polygon in mask]
        mask = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    elif isinstance(mask['counts'], list):
        mask = coco_mask.frPyObjects({'size': [height, width], 'counts': mask['counts']}, height, width)
    counts = mask['counts']
    return {'size': [height, width], 'counts': counts if isinstance(counts, str) else bytes(counts).decode('ascii')}


def checked_rle(mask: Any, height: int, width: int, where: str) -> dict[str, Any]:
    """Check a mask of a file and convert it to compressed RLE.

    Raises:
        InputError: the mask is invalid; the message begins with ``where``.
    """
    fault = mask_fault(mask, height, width)
    if fault:
        raise InputError(f'{where}: {fault}')
    return to_rle(mask, height, width)


def decode_mask(mask: Any, height: int, width: int) -> np.ndarray:
    """(H, W) uint8 pixels of a valid mask."""
    return coco_mask.decode(to_rle(mask, height, width))


def rle_area(mask: Mapping[str, Any]) -> int:
    """Area of a valid RLE in pixels, without decoding it."""
    counts = mask['counts']
    if isinstance(counts, list):
        return int(sum(counts[1::2]))
    height, width = mask['size']
    text = counts.encode('ascii') if isinstance(counts, str) else bytes(counts)
    return validate_and_area([text], [height * width], [''])[0]
