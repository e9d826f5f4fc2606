"""YOLO label files with polygons: one instance per line, its class index and x y x y ... relative to the image's width
and height."""

import numpy as np

from .errors import InputError, one_line
from .files import PathLike, read_bytes
from .masks import polygon_fault

MAX_CLASS = 2**31


def read_yolo(path: PathLike, height: int, width: int) -> list[tuple[int, list[float]]]:
    """Read a label file.

    Args:
        path: the file.
        height, width: size of its image.

    Returns:
        (class, polygon [x1, y1, x2, y2, ...] in pixels) of every instance.

    Raises:
        InputError: names the line that is not a polygon of three or more corners in or near the image.
    """
    try:
        lines = read_bytes(path, 'Label file').decode('utf-8-sig').splitlines()
    except UnicodeDecodeError:
        raise InputError('not a text file in UTF-8', path, cure='write one line per instance: class x y ...') from None
    return [
        _parse_line(line, f'{path}, line {number}', height, width)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]


def _parse_line(line: str, where: str, height: int, width: int) -> tuple[int, list[float]]:
    try:
        label, *shares = (float(word) for word in line.split())
        corners = np.reshape(shares, (-1, 2)) * (width, height)
    except ValueError as error:
        raise InputError(f'{where} is not "class x y x y ...": {one_line(error)}.') from None
    if not 0 <= label < MAX_CLASS or label % 1:
        raise InputError(f'{where}: the class is {label:g}; it must be an integer of at least 0')
    if len(corners) < 3:
        raise InputError(f'{where} has fewer than 3 corners; boxes are not masks.')
    polygon = corners.reshape(-1).tolist()
    fault = polygon_fault([polygon], height, width)
    if fault:
        raise InputError(f'{where}: {fault}; corners are relative to width and height, 0..1')
    return int(label), polygon
