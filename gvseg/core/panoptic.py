"""Packing of class and identity into one number per pixel."""
PANOPTIC_DIVISOR = 2**16
VOID = -1


def pack(category, instance):
    """category * divisor + instance."""
    return category * PANOPTIC_DIVISOR + instance


def unpack(packed):
    """(category, instance)."""
    return packed // PANOPTIC_DIVISOR, packed % PANOPTIC_DIVISOR
