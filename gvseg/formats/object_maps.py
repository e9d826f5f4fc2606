"""Object maps: ids, black-and-white masks, and masks with soft edges.

Shapes: H W size of a map.
"""

import numpy as np

from .constants import VOID_VALUE, VOID_VALUE_16BIT
from .errors import InputError
from .files import PathLike
from .png_maps import read_label_map

WHITE = 255
SOFT_THRESHOLD = 128
"""Threshold of masks with soft edges: pixels of at least this value belong to the object."""
FLAT_TAIL = 8
SMALL_IDS = 32
"""Maps without a value between this and white have no soft edges: thin objects have small ids."""
_MAX_ID = VOID_VALUE_16BIT


def read_object_ids(path: PathLike, void_alone: bool = False) -> np.ndarray:
    """Read a map of object ids: 0 is background, 255 void.

    Args:
        path: PNG file.
        void_alone: accept a map of 0 and 255 only as a frame without objects, as may occur later in a video; False:
            refuse it as a mask.

    Returns:
        np.ndarray: (H, W) uint8 or uint16 ids; void (255, also 65535) is ``VOID_VALUE``.

    Raises:
        InputError: as :func:`~gvseg.formats.png_maps.read_label_map`; a black-and-white mask, with hard or soft edges,
            where ids are expected.
    """
    values = read_label_map(path, _MAX_ID)
    plain = is_black_and_white(values)
    if (plain and not void_alone) or is_soft_mask(values):
        kind = 'black-and-white mask' if plain else 'black-and-white mask with soft edges'
        raise InputError(
            f'is a {kind} where object ids are expected (255 alone would be void)',
            path,
            cure='for masks of one object set single_object=True, or save ids 1, 2, ... as a single-channel PNG',
        )
    return _without_void(values)


def read_binary_mask(path: PathLike) -> np.ndarray:
    """Read the mask of one object: every value above 0, or from middle grey on if its edges are soft.

    Returns:
        np.ndarray: (H, W) bool.

    Raises:
        InputError: as :func:`~gvseg.formats.png_maps.read_label_map`.
    """
    return binary_mask(read_label_map(path, _MAX_ID))


def read_objects(path: PathLike) -> dict[int, np.ndarray]:
    """Read object prompts: a map of ids, or a black-and-white mask of one object with hard or soft edges.

    Returns:
        dict: id -> (H, W) bool mask, in order of ids; one object 1 from a black-and-white mask.

    Raises:
        InputError: as :func:`~gvseg.formats.png_maps.read_label_map`, or no object in it.
    """
    values = read_label_map(path, _MAX_ID)
    if is_black_and_white(values) or is_soft_mask(values):
        return {1: binary_mask(values)}
    values = _without_void(values)
    found = [int(value) for value in np.unique(values) if value not in (0, VOID_VALUE)]
    if not found:
        raise InputError(
            'contains no object: every pixel is background or void', path, cure='draw the object with a value above 0'
        )
    return {value: values == value for value in found}


def binary_mask(values: np.ndarray) -> np.ndarray:
    """(H, W) bool mask of a map of one object, see :func:`read_binary_mask`."""
    return _eight_bits(values) >= SOFT_THRESHOLD if is_soft_mask(values) else values > 0


def is_black_and_white(values: np.ndarray) -> bool:
    """Whether a map (H, W) has white (255, or 65535 in 16 bits) and nothing else but 0."""
    white = values == np.iinfo(values.dtype).max
    return bool(white.any()) and bool((white | (values == 0)).all())


def is_soft_mask(values: np.ndarray) -> bool:
    """Whether a map (H, W) is a black-and-white mask whose edges have values in between.

    Values vary along soft edges, so almost no edge pixel lies in a constant 3 x 3 block, while the objects of an id
    map, and the white of a mask, consist of such blocks.
    """
    values = _eight_bits(values)
    between = (values > 0) & (values < WHITE)
    if values.max(initial=0) < WHITE - FLAT_TAIL or values[between].max(initial=0) <= SMALL_IDS:
        return False
    inner = _in_blocks(values)
    # The tails of a wide blur are flat as well, but nearly black or nearly white.
    edge = between & (values > FLAT_TAIL) & (values < WHITE - FLAT_TAIL)
    white = inner & (values >= WHITE - FLAT_TAIL)
    return bool(white.any()) and int((inner & edge).sum()) * 10 <= int(edge.sum())


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Convert 16-bit grey values to 8 bits."""
    return (values >> 8).astype(np.uint8) if values.dtype == np.uint16 else values


def _in_blocks(values: np.ndarray) -> np.ndarray:
    """(H, W) bool: whether the 3 x 3 neighbourhood is constant; false at the border."""
    inner = np.zeros(values.shape, bool)
    if min(values.shape) < 3:
        return inner
    rows = (values[:, 1:-1] == values[:, :-2]) & (values[:, 1:-1] == values[:, 2:])
    centre = values[1:-1, 1:-1]
    inner[1:-1, 1:-1] = rows[1:-1] & rows[:-2] & rows[2:] & (centre == values[:-2, 1:-1]) & (centre == values[2:, 1:-1])
    return inner


def _without_void(values: np.ndarray) -> np.ndarray:
    """Replace 16-bit void (white) by 8-bit void."""
    if values.dtype == np.uint16:
        values = np.where(values == VOID_VALUE_16BIT, VOID_VALUE, values).astype(np.uint16)
    return values
