"""COCO masks, run lengths and polygons: checked here before C code reads them, since pycocotools decodes damaged run
lengths to random pixels and crashes on polygon corners far outside the frame.

Shapes:
    H W: size of the frame. S: run-length strings. R: runs of all strings.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from .errors import InputError
from .frame_fields import is_frame_size

# An RLE character encodes BITS bits and a continuation flag; BITS * MAX_PIECES bits suffice for any run of a frame.
FIRST_CHARACTER, CONTINUES, SIGN, BITS, MAX_PIECES = 48, 32, 16, 5, 7
# Characters that are decoded at once: their arrays stay in the processor's cache, which takes half the time.
BLOCK_CHARACTERS = 2**16
# Largest outline in pixels: pycocotools needs about 120 bytes for each.
MAX_OUTLINE = 2**21


def _decode_numbers(texts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of S strings such that every second one adds up to run lengths, (R,) int64; and firsts, (S + 1,)."""
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    # A leading zero, so that every character has one before it.
    pieces = np.frombuffer(b'0' + b''.join(texts), np.uint8) - np.uint8(FIRST_CHARACTER)
    if pieces.max() >= 2 * CONTINUES:
        raise ValueError('a character is out of range')
    more = pieces >= CONTINUES  # another character of the same number follows
    pieces &= np.uint8(CONTINUES - 1)
    stops = np.cumsum(sizes)
    if more[stops[sizes > 0]].any():
        raise ValueError('the string is cut')
    ends = np.flatnonzero(~more[1:])
    values = _last_pairs(pieces, more).take(ends).astype(np.int64)
    _add_pieces(values, pieces, more, ends)
    firsts = np.append(np.searchsorted(ends, stops - sizes), len(ends))
    third = firsts[:-1][np.diff(firsts) > 2] + 2  # the first number with one two places before is no difference
    values[third] -= values[third - 2]
    return values, firsts


def _last_pairs(pieces: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Value of each character and the one before it as the last two of a number, int16, one shorter than ``pieces``.

    If the character before ends another number, the last one is the whole number. Small integers for all characters,
    which a processor computes many at once, are quicker than a table of pairs looked up where numbers end.
    """
    signed = (pieces[1:] ^ np.uint8(SIGN)).view(np.int8) - np.int8(SIGN)
    continued = more[:-1].view(np.uint8)
    values = signed.astype(np.int16)
    values *= continued * np.uint8((1 << BITS) - 1) + np.uint8(1)
    values += pieces[:-1] * continued
    return values


def _add_pieces(values: np.ndarray, pieces: np.ndarray, more: np.ndarray, ends: np.ndarray) -> None:
    """Append the lower bits of numbers of more than two characters to ``values``.

    Args:
        values: (R,) of their last two characters.
        pieces: the bits of each character of all strings, after one that ends a number.
        more: characters that another one of the same number follows.
        ends: (R,) place before the last character of each number.
    """
    longer = np.zeros_like(more[1:])
    np.logical_and(more[:-2], more[1:-1], out=longer[1:])
    owners, count = np.flatnonzero(longer.take(ends)), 2
    places = ends[owners] - 1  # of the next lower character
    while len(owners):
        count += 1
        if count > MAX_PIECES:
            raise ValueError('a run is too long')
        values[owners] = values[owners] << BITS | pieces[places]
        places -= 1
        kept = more[places]  # the first character ends a number, so nothing precedes it
        owners, places = owners[kept], places[kept]


def _half_sums(values: np.ndarray, firsts: np.ndarray, parity: int) -> tuple[np.ndarray, np.ndarray]:
    """Running sums of the values at even or odd places, and how many of those places come before each string.

    The sums end with a further 0, which is also what item -1, the one before the first, gives.
    """
    half = values[parity::2]
    sums = np.zeros(len(half) + 1, np.int64)
    np.cumsum(half, out=sums[:-1])
    return sums, (firsts + 1 - parity) // 2


def _half_areas(values: np.ndarray, firsts: np.ndarray, parity: int, pixels: int) -> np.ndarray:
    """(S,) sums of the runs at even or odd places.

    Raises:
        ValueError: a negative run, or one of more than ``pixels``, whose sum could wrap around.
    """
    sums, bounds = _half_sums(values, firsts, parity)
    counts, before = np.diff(bounds), sums[bounds[:-1] - 1]
    lowest, highest, total = (part.reduceat(sums, bounds)[:-1] for part in (np.minimum, np.maximum, np.add))
    if ((lowest < before) & (counts > 0)).any():
        raise ValueError('a negative run')
    if ((highest - before > pixels) & (counts > 0)).any():
        raise ValueError(f'a run of more than {pixels} pixels')
    return np.where(counts, total - before * counts, 0)


def _areas(texts: Sequence[bytes], pixels: np.ndarray) -> np.ndarray:
    """(S,) areas, block by block.

    Raises:
        ValueError: as :func:`_block_areas`.
    """
    blocks = np.cumsum([len(text) for text in texts], dtype=np.int64) // BLOCK_CHARACTERS
    starts = np.flatnonzero(np.diff(blocks, prepend=-1)).tolist()
    slices = [slice(*ends) for ends in zip(starts, [*starts[1:], len(texts)])]
    return np.concatenate([np.zeros(0, np.int64), *(_block_areas(texts[part], pixels[part]) for part in slices)])


def _block_areas(texts: Sequence[bytes], pixels: np.ndarray) -> np.ndarray:
    """(S,) areas.

    Raises:
        ValueError: a string is damaged, or does not cover its pixels; the reason.
    """
    try:
        values, firsts = _decode_numbers(texts)
        halves = [_half_areas(values, firsts, parity, int(pixels.max(initial=0))) for parity in (0, 1)]
    except ValueError as error:
        raise ValueError(f'damaged RLE string ({error})') from None
    # A string begins with a run of background, at an even or odd place of all numbers.
    totals = halves[0] + halves[1]
    if (totals != pixels).any():
        index = int((totals != pixels).argmax())
        raise ValueError(f'RLE covers {totals[index]} pixels, its size has {pixels[index]}')
    return np.where(firsts[:-1] % 2, halves[0], halves[1])


def validate_and_area(texts: Sequence[bytes], pixels: Sequence[int], places: Iterable[str]) -> list[int]:
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


def compressed_areas(masks: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """(S,) int64 areas of valid compressed RLE; in parts, since pycocotools takes no more than 255 with numpy 2."""
    parts = [coco_mask.area(list(masks[start : start + 255])) for start in range(0, len(masks), 255)]
    return np.concatenate(parts, dtype=np.int64) if parts else np.zeros(0, np.int64)


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


def decode_mask(mask: Any, height: int, width: int) -> np.ndarray:
    """(H, W) uint8 pixels of a valid mask."""
    return coco_mask.decode(to_rle(mask, height, width))
