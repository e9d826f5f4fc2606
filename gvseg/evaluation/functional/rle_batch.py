"""Checking and measuring many COCO run-length strings at once, before C code reads them.

Letters: S strings, R runs of all strings, P characters.
"""
from typing import List, Sequence, Tuple

import numpy as np

from .input_errors import BadInputError

FIRST_CHARACTER, CONTINUES, SIGN, BITS, MAX_PIECES = 48, 32, 16, 5, 7


def decode_runs(texts: Sequence[bytes]) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run lengths of S compressed strings.

    A character carries five bits and a continuation bit; from a string's fourth number on each is the difference to the
    one two places before.

    Returns:
        lengths: (R,) int64.
        owners: string of every run, (R,).
        places: place of every run in its string, (R,); even places are background.

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
    places = np.arange(len(ends)) - np.searchsorted(owners, owners)
    return _undo_differences(values, owners, places), owners, places


def _undo_differences(values: np.ndarray, owners: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Running sums over the odd and over the even places (from 2 on) of every string."""
    chain = owners * 3 + np.where(places == 0, 0, 1 + places % 2)
    order = np.argsort(chain, kind='stable')
    sums = np.cumsum(values[order])
    chain = chain[order]
    first = np.searchsorted(chain, chain)
    lengths = np.empty_like(values)
    lengths[order] = sums - sums[first] + values[order][first]
    return lengths


def measure(texts: Sequence[bytes], pixels: Sequence[int], places: Sequence[str]) -> List[int]:
    """Areas of S masks, after checking that each string is whole and covers its frame.

    Args:
        texts: compressed strings.
        pixels: H*W of each mask's frame.
        places: file and id of each, for errors.

    Raises:
        BadInputError: a damaged string, or one for another size.
    """
    if not texts:
        return []
    try:
        lengths, owners, order = decode_runs(texts)
    except ValueError as error:
        index, reason = error.args
        raise BadInputError(f'{places[index]}: damaged RLE string ({reason})') from None
    if (lengths < 0).any():
        raise BadInputError(f'{places[owners[(lengths < 0).argmax()]]}: damaged RLE string (a negative run)')
    totals = np.bincount(owners, weights=lengths, minlength=len(texts)).astype(np.int64)
    wrong = totals != np.asarray(pixels)
    if wrong.any():
        index = int(wrong.argmax())
        raise BadInputError(f'{places[index]}: RLE covers {totals[index]} pixels, its size has {pixels[index]}')
    return np.bincount(owners, weights=lengths * (order % 2), minlength=len(texts)).astype(np.int64).tolist()
