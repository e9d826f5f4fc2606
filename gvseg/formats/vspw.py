"""VSPW: ``<split>.txt``, ``data/<video>/origin/*.jpg`` and ``data/<video>/mask/*.png``.

Map values: 0 and 255 are void, class c is stored as c + 1. Results are maps of plain classes, ``<video>/<frame>.png``.

Shapes: H W size of a map.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .class_lists import VSPW_CLASSES
from .constants import VOID_VALUE, VSPW_FIRST_CLASS, VSPW_VOID_VALUES
from .errors import InputError
from .files import PathLike, list_files, natural_order
from .png_maps import read_label_map

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png')
MAX_CLASSES = VOID_VALUE - VSPW_FIRST_CLASS


class FramePair(NamedTuple):
    """Files of one frame; ``map`` is ``None`` if it has no annotation."""

    image: Path
    map: Path | None


def pair_frames(images: PathLike, maps: PathLike) -> list[FramePair]:
    """The frames of a folder in natural order, each with the map of its name.

    Args:
        images: folder of the frames.
        maps: folder of the maps; it may be missing (hidden ground truth).

    Raises:
        InputError: no frames; a map whose name matches no frame.
    """
    names = list_files(images, IMAGE_SUFFIXES, 'frame')
    known = (
        {os.path.splitext(name)[0]: name for name in list_files(maps, ('.png',), 'map')} if os.path.isdir(maps) else {}
    )
    alone = set(known) - {os.path.splitext(name)[0] for name in names}
    if alone:
        raise InputError(
            f'the map {natural_order([known[stem] for stem in alone])[0]} has no frame of its name in '
            f'{images} ({len(alone)} have none)',
            maps,
            cure='give frames and maps the same names',
        )
    return [
        FramePair(Path(images, name), Path(maps, known[stem]) if stem in known else None)
        for name in names
        for stem in [os.path.splitext(name)[0]]
    ]


def check_num_classes(num_classes: int, where: str) -> None:
    """Check that the classes fit 8-bit maps.

    Raises:
        InputError: they do not.
    """
    if not 0 < num_classes <= MAX_CLASSES:
        raise InputError(f'{where}: {num_classes} classes; maps of 8 bits hold 1..{MAX_CLASSES}')


def to_labels(raw: np.ndarray, path: PathLike, num_classes: int = len(VSPW_CLASSES)) -> np.ndarray:
    """Stored values (H, W) uint8 as labels 0..C-1, void 255.

    Raises:
        InputError: a value that is neither void nor a class.
    """
    labels = raw - np.uint8(VSPW_FIRST_CLASS)  # void 0 becomes 255
    labels |= (raw == VOID_VALUE).view(np.uint8)  # and void 255, which became 254, is 255 again
    classes = labels + np.uint8(VSPW_FIRST_CLASS)  # 1..C, 0 for void
    if classes.max(initial=0) >= VSPW_FIRST_CLASS + num_classes:
        wrong = raw[classes >= VSPW_FIRST_CLASS + num_classes][0]
        raise InputError(
            f'label {wrong} is out of range; values are {VSPW_FIRST_CLASS}..'
            f'{VSPW_FIRST_CLASS + num_classes - 1} and {VSPW_VOID_VALUES} for void',
            path,
        )
    return labels


def read_labels(path: PathLike, num_classes: int = len(VSPW_CLASSES)) -> np.ndarray:
    """Read a map of the dataset.

    Returns:
        np.ndarray: (H, W) uint8 labels 0..C-1, void 255.

    Raises:
        InputError: as :func:`~gvseg.formats.png_maps.read_label_map` and :func:`to_labels`.
    """
    return to_labels(read_label_map(path), path, num_classes)
