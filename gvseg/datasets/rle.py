"""Checks of COCO run lengths; pycocotools decodes wrong ones to random pixels.

Letters: H W frame size.
"""
from typing import Any

import numpy as np
import pycocotools.mask as coco_mask


def run_lengths(counts: bytes) -> np.ndarray:
    """Decode COCO's compressed counts.

    Each number is written in groups of five bits, lowest first, with a flag "more follows"; from the fourth number on
    it is the difference to the one two places before.

    Args:
        counts: ASCII, as in the files.

    Returns:
        np.ndarray: int64 lengths of the runs, the first one of zeros.
    """
    groups = np.frombuffer(counts, np.uint8).astype(np.int64) - 48
    last = np.flatnonzero((groups & 32) == 0)
    if not len(last) or last[-1] != len(groups) - 1 or (groups < 0).any() or (groups > 63).any():
        raise ValueError('its counts are no run-length code')
    first = np.concatenate([[0], last[:-1] + 1])
    bits = 5 * (np.arange(len(groups)) - np.repeat(first, last - first + 1))
    values = np.add.reduceat((groups & 31) << bits, first)
    values -= ((groups[last] & 16) > 0) * (np.int64(1) << (bits[last] + 5))
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def rle_fault(mask: Any, height: int, width: int) -> str:
    """What is wrong with an RLE, '' where nothing is.

    Args:
        mask: dict(size, counts) with text, bytes or a list as counts.
        height, width: Size of the frame.
    """
    try:
        size, counts = list(mask['size']), mask['counts']
    except (TypeError, KeyError):
        return 'it is no RLE (dict of size and counts)'
    if size != [height, width]:
        return f'its size is {"x".join(map(str, size))}'
    try:
        if isinstance(counts, list):
            runs = np.asarray(counts, np.int64).reshape(-1)
        else:
            runs = run_lengths(counts.encode('ascii') if isinstance(counts, str) else counts)
    except (ValueError, TypeError, UnicodeEncodeError):
        return 'its counts are no run-length code'
    if (runs < 0).any() or runs.sum() != height * width:
        return f'its runs add up to {int(runs.sum())} instead of {height * width} pixels'
    return ''


def compressed(mask: dict) -> dict:
    """The RLE with its counts as text; lists of counts take ten times the room."""
    counts = mask['counts']
    if isinstance(counts, list):
        counts = coco_mask.frPyObjects(mask, *mask['size'])['counts']
    return dict(size=list(mask['size']), counts=counts if isinstance(counts, str) else counts.decode('ascii'))


def rle_area(mask: dict) -> int:
    """Pixels of a mask, from its runs alone."""
    counts = mask['counts']
    if isinstance(counts, list):
        return int(sum(counts[1::2]))
    return int(run_lengths(counts.encode('ascii') if isinstance(counts, str) else counts)[1::2].sum())
