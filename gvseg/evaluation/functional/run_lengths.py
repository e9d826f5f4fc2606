"""Checking COCO's compressed run-length strings before C code reads them.

Letters: H W size of a mask.
"""
from typing import Any, Dict

import numpy as np

from .input_errors import BadInputError

FIRST_CHARACTER, CONTINUES, SIGN, BITS = 48, 32, 16, 5
MAX_PIECES = 7


def decode_counts(text: bytes) -> np.ndarray:
    """Run lengths of a compressed string.

    Args:
        text: COCO's characters; each carries 5 bits and a continuation bit, from the third run on differences to the
            run before the last.

    Returns:
        (runs,) int64 lengths, the first one of background.

    Raises:
        ValueError: not a run-length string.
    """
    pieces = np.frombuffer(text, np.uint8).astype(np.int64) - FIRST_CHARACTER
    if not len(pieces):
        return np.zeros(0, np.int64)
    if pieces.min() < 0 or pieces.max() > 63 or pieces[-1] & CONTINUES:
        raise ValueError('a character is out of range or the string is cut')
    ends = np.flatnonzero(~pieces & CONTINUES)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (ends - starts).max() >= MAX_PIECES:
        raise ValueError('a run is too long')
    place = np.arange(len(pieces)) - np.repeat(starts, ends - starts + 1)
    values = np.add.reduceat((pieces & 31) << (BITS * place), starts)
    values -= np.where(pieces[ends] & SIGN, 1 << (BITS * (ends - starts + 1)), 0)
    runs = values.copy()
    runs[1::2] = np.cumsum(values[1::2])
    runs[2::2] = np.cumsum(values[2::2])
    return runs


def checked_mask(text: Any, height: int, width: int, where: str) -> Dict[str, Any]:
    """A run-length string as pycocotools takes it.

    Args:
        text: the string as it stands in the file.
        height, width: H, W of the frame.
        where: file and id for errors.

    Returns:
        {'size': [H,W], 'counts': bytes}.

    Raises:
        BadInputError: null, not a string, damaged, or of another size than the frame.
    """
    if not isinstance(text, str):
        raise BadInputError(f'{where}: mask is {text!r:.40}; give COCO\'s compressed RLE string, leave out empty masks')
    try:
        counts = text.encode('ascii')
        runs = decode_counts(counts)
    except ValueError as error:
        raise BadInputError(f'{where}: damaged RLE string ({error})') from None
    if (runs < 0).any() or runs.sum() != height * width:
        raise BadInputError(f'{where}: RLE covers {int(runs.sum())} pixels, the frame has {width}x{height} = '
                            f'{height * width}')
    return {'size': [height, width], 'counts': counts}
