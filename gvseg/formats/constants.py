"""Special values of the file formats, and the palette of label maps."""

from functools import lru_cache

import numpy as np

VOID_VALUE = 255
"""Void in 8-bit label maps: VSPW, DAVIS, YouTube-VOS, and the class of KITTI-STEP."""
VOID_VALUE_16BIT = 65535
"""Void in 16-bit label maps, besides ``VOID_VALUE``."""
VSPW_VOID_VALUES = (0, 255)
VSPW_FIRST_CLASS = 1
"""VSPW stores class c as c + 1."""
PANOPTIC_ID_LIMIT = 2**24
"""Exclusive upper limit of segment ids, which are R + 256 G + 65536 B."""
KITTI_STEP_INSTANCE_BITS = 16
PANOPTIC_DIVISOR = 2**16
PACKED_VOID = -1
"""Packed ids (category * divisor + instance) of pixels without a segment."""
STUFF_ID_OFFSET = 1_000_000
"""Track id of a stuff segment: this + label, one per class."""


@lru_cache(maxsize=1)
def voc_palette() -> tuple[int, ...]:
    """The 256 PASCAL VOC colours (bits of the index spread over R, G, B) that DAVIS and YouTube-VOS files use.

    Returns:
        (768,) R, G, B of every index, for ``Image.putpalette``.
    """
    colours = np.zeros((256, 3), np.uint8)
    for index in range(256):
        for bit in range(8):
            for channel in range(3):
                colours[index, channel] |= (index >> (3 * bit + channel) & 1) << (7 - bit)
    return tuple(colours.ravel().tolist())
