"""KITTI-STEP: RGB maps; R is the class and 256 G + B the instance.

Class 255 is void; instance 0 of a thing is a crowd. Codes are class * 65536 + instance.
"""

import numpy as np

from .class_lists import KITTI_STEP_CLASSES
from .constants import KITTI_STEP_INSTANCE_BITS, VOID_VALUE
from .errors import InputError
from .files import PathLike
from .png_maps import panoptic_colours, read_panoptic_ids

NUM_CLASSES = len(KITTI_STEP_CLASSES)


def read_codes(path: PathLike) -> np.ndarray:
    """Read a map as codes, (H, W) uint32; classes are not checked, see :func:`split_codes`.

    Raises:
        InputError: as :func:`~gvseg.formats.png_maps.read_panoptic_ids`.
    """
    return read_panoptic_ids(path, red_is_high=True)


def split_codes(
    codes: np.ndarray, path: PathLike, num_classes: int = NUM_CLASSES, void: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Class and instance of codes.

    Args:
        codes: (n,) integers, such as those that occur in a map.
        path: the file, for messages.
        num_classes: classes are 0..num_classes-1.
        void: whether class 255 is legal.

    Returns:
        (n,) classes and (n,) instances, int64.

    Raises:
        InputError: a class out of range.
    """
    codes = np.asarray(codes, np.int64)
    classes = codes >> KITTI_STEP_INSTANCE_BITS
    wrong = (classes >= num_classes) & ~((classes == VOID_VALUE) & void)
    if wrong.any():
        reason = f'and {VOID_VALUE} for void' if void else 'in predictions; fill every pixel with a class'
        raise InputError(
            f'class {classes[wrong][0]} (id {codes[wrong][0]}) is out of range; classes are '
            f'0..{num_classes - 1} {reason}',
            path,
        )
    return classes, codes & (1 << KITTI_STEP_INSTANCE_BITS) - 1


def colours_of(codes: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 colours of codes (H, W)."""
    return panoptic_colours(codes, red_is_high=True)
