"""COCO masks, run lengths and polygons: checked here before C code reads them, since pycocotools decodes damaged run
lengths to random pixels and dies on polygon corners far outside the frame.

Shapes:
    H W: size of the frame. S: run-length strings. R: runs of all strings.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from .errors import InputError
from .frame_fields import is_frame_size

# A run-length character carries BITS bits and a flag that more follow; BITS * MAX_PIECES bits hold any run of a frame.
FIRST_CHARACTER, CONTINUES, SIGN, BITS, MAX_PIECES = 48, 32, 16, 5, 7
# Pixels of outline: pycocotools keeps about 120 bytes for each.
MAX_OUTLINE = 2**21


def decode_runs(texts: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run lengths of S compressed strings.

    Each number is written in groups of five bits, lowest first; from a string's fourth number on it is the difference
    to the one two places before.

    Returns:
        lengths: (R,) int64.
        owners: (R,) string of every run.
        places: (R,) place of every run in its string; even places are background.

    Raises:
        ValueError: (index of the string, reason).
    """
    sizes = np.array([len(text) for text in texts], np.int64)
    pieces = np.frombuffer(b''.join(texts), np.uint8).astype(np.int64) - FIRST_CHARACTER
    owner = np.repeat(np.arange(len(texts)), sizes)
    wrong = (pieces < 0) | (pieces > 63)
    if wrong.any():
        raise ValueError(int(owner[wrong.argmax()]), 'a character is out of range')
    last = np.cumsum(sizes)[sizes > 0] - 1
    cut = (pieces[last] & CONTINUES) > 0
    if cut.any():
        raise ValueError(int(owner[last[cut.argmax()]]), 'the string is cut')
    ends = np.flatnonzero((pieces & CONTINUES) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    if len(ends) and (ends - starts).max() >= MAX_PIECES:
        raise ValueError(int(owner[ends[(ends - starts).argmax()]]), 'a run is too long')
    place = np.arange(len(pieces)) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((pieces & 31) << (BITS * place), starts) if len(starts) else np.zeros(0, np.int64)
    values -= np.where(pieces[ends] & SIGN, 1 << (BITS * (ends - starts + 1)), 0)
    owners = owner[ends]
    places = np.arange(len(ends)) - _first_of_owner(owners)
    return _undo_differences(values, owners, places), owners, places


def _first_of_owner(owners: np.ndarray) -> np.ndarray:
    """Index of the first entry of the same owner, for every entry; owners are sorted."""
    starts = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]])) if len(owners) else owners
    return np.repeat(starts, np.diff(np.append(starts, len(owners))))


def _undo_differences(values: np.ndarray, owners: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Running sums over the odd and over the even places (from 2 on) of every string."""
    lengths = values.copy()
    for parity in (0, 1):
        chain = np.flatnonzero((places % 2 == parity) & (places > 0))
        steps = values[chain]
        sums, first = np.cumsum(steps), _first_of_owner(owners[chain])
        lengths[chain] = sums - sums[first] + steps[first]
    return lengths


def validate_and_area(texts: Sequence[bytes], pixels: Sequence[int], places: Sequence[str]) -> list[int]:
    """Areas of S masks, after checking that each string is whole and covers its frame.

    Args:
        texts: compressed strings.
        pixels: H*W of each mask's frame.
        places: file and id of each, for errors.

    Raises:
        InputError: a damaged string, or one for another size.
    """
    if not texts:
        return []
    try:
        lengths, owners, order = decode_runs(texts)
    except ValueError as error:
        index, reason = error.args
        raise InputError(f'{places[index]}: damaged RLE string ({reason})') from None
    if (lengths < 0).any():
        raise InputError(f'{places[owners[(lengths < 0).argmax()]]}: damaged RLE string (a negative run)')
    totals = np.bincount(owners, weights=lengths, minlength=len(texts)).astype(np.int64)
    wrong = totals != np.asarray(pixels)
    if wrong.any():
        index = int(wrong.argmax())
        raise InputError(f'{places[index]}: RLE covers {totals[index]} pixels, its size has {pixels[index]}')
    return np.bincount(owners, weights=lengths * (order % 2), minlength=len(texts)).astype(np.int64).tolist()


def polygon_fault(polygons: Any, height: int, width: int) -> str:
    """What is wrong with a list of polygons, '' where nothing is.

    A corner may lie outside its frame, as annotation tools leave them, by at most the frame's longer side.

    Args:
        polygons: list of [x1, y1, x2, y2, ...] in pixels.
        height, width: size of the frame.
    """
    if not isinstance(polygons, list) or not polygons:
        return 'it is no list of polygons'
    longest, outline = max(height, width), 0.0
    for polygon in polygons:
        try:
            corners = np.array(polygon) if isinstance(polygon, list) else np.zeros(0)
        except (ValueError, OverflowError):  # nested lists of different lengths
            corners = np.zeros(0)
        if corners.dtype.kind not in 'iuf' or corners.ndim != 1 or len(corners) < 6 or len(corners) % 2:
            return 'a polygon of it is no list of three or more x, y'
        points = corners.astype(np.float64).reshape(-1, 2)
        outside = ~((points >= -longest) & (points <= (width + longest, height + longest))).all(1)
        if outside.any():
            x, y = points[outside.argmax()].tolist()
            return f'a polygon of it has the corner ({x:.6g}, {y:.6g}), far outside the frame'
        outline += float(np.abs(points - np.roll(points, 1, 0)).max(1).sum()) + len(points)
    if outline > MAX_OUTLINE:
        return f'its outline is {outline:.0f} pixels long, more than {MAX_OUTLINE}'
    return ''


def rle_fault(mask: Any, height: int, width: int) -> str:
    """What is wrong with a run-length mask, '' where nothing is.

    Args:
        mask: dict(size, counts) with text, bytes or a list as counts.
        height, width: size of the frame.
    """
    if not isinstance(mask, Mapping) or 'counts' not in mask or not isinstance(mask.get('size'), (list, tuple)):
        return 'it is no RLE (dict of size and counts)'
    size, counts = mask['size'], mask['counts']
    if len(size) != 2 or not all(type(side) is int or isinstance(side, np.integer) for side in size):
        return 'its size is no pair of whole numbers (height, width)'
    if list(size) != [height, width]:
        return f'its size is {"x".join(f"{side:.9g}" for side in size)}'
    if not is_frame_size(height, width):
        return 'its size is that of no image'
    if isinstance(counts, list):
        return _run_list_fault(counts, height * width)
    try:
        text = counts.encode('ascii') if isinstance(counts, str) else bytes(memoryview(counts))
        validate_and_area([text], [height * width], [''])
    except (UnicodeEncodeError, TypeError):
        return 'its counts are no run-length code'
    except InputError as error:
        return str(error).removeprefix(': ')
    return ''


def _run_list_fault(counts: list, pixels: int) -> str:
    """What is wrong with a list of run lengths."""
    if not all(type(run) is int and 0 <= run <= pixels for run in counts):
        return 'its counts are no run lengths'
    return '' if sum(counts) == pixels else f'its runs add up to {sum(counts)} instead of {pixels} pixels'


def mask_fault(mask: Any, height: int, width: int) -> str:
    """What is wrong with a COCO mask, polygons or RLE; '' where nothing is."""
    return (polygon_fault if isinstance(mask, list) else rle_fault)(mask, height, width)


def to_rle(mask: Any, height: int, width: int) -> dict[str, Any]:
    """A mask without a fault as compressed RLE, counts as text.

    Args:
        mask: RLE with counts as text, bytes or list, or a list of polygons.
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
    """A mask of a file as compressed RLE.

    Raises:
        InputError: begins with ``where``.
    """
    fault = mask_fault(mask, height, width)
    if fault:
        raise InputError(f'{where}: {fault}')
    return to_rle(mask, height, width)


def decode_mask(mask: Any, height: int, width: int) -> np.ndarray:
    """(H, W) uint8 pixels of a mask without a fault."""
    return coco_mask.decode(to_rle(mask, height, width))


def rle_area(mask: Mapping[str, Any]) -> int:
    """Pixels of an RLE without a fault, from its runs alone."""
    counts = mask['counts']
    if isinstance(counts, list):
        return int(sum(counts[1::2]))
    height, width = mask['size']
    text = counts.encode('ascii') if isinstance(counts, str) else bytes(counts)
    return validate_and_area([text], [height * width], [''])[0]
