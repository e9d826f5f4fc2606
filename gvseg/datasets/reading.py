"""Read frames, maps and JSON files; every failure names the file.

Letters: H W frame size.
"""
import json
import os
import warnings
from pathlib import Path
from typing import Any, List, Set, Union

import cv2
import numpy as np
from PIL import Image

from gvseg.formats.errors import InputError

PathLike = Union[str, Path]
_warned: Set[str] = set()
DataError = InputError
"""A file of a data set is missing, broken or does not fit the others."""


def warn_once(message: str) -> None:
    """Warn, once for each message in a process."""
    if message not in _warned:
        _warned.add(message)
        warnings.warn(message, stacklevel=3)


def _require(path: PathLike, what: str) -> None:
    if not os.path.isfile(path):
        raise DataError(f'{what} {path} does not exist. Check data_root and '
                        'data_prefix in the config, or fetch the file.')


def read_image(path: PathLike) -> np.ndarray:
    """Read a frame.

    Args:
        path: JPEG or PNG file.

    Returns:
        np.ndarray: (H, W, 3) uint8 BGR.

    Raises:
        DataError: The file is missing or no image.
    """
    _require(path, 'Frame')
    # From bytes: cv2.imread prints to the console where a file is broken.
    code = np.fromfile(path, np.uint8)
    image = cv2.imdecode(code, cv2.IMREAD_COLOR) if len(code) else None
    if image is None:
        raise DataError(f'Frame {path} is not a readable image ({len(code)} '
                        'bytes). Fetch it again, or take the video out of '
                        'the list.')
    return image


def read_map(path: PathLike) -> np.ndarray:
    """Read a segmentation map without touching its values.

    Args:
        path: PNG with palette, one channel or RGB.

    Returns:
        np.ndarray: (H, W) palette indices or values, or (H, W, 3) RGB.

    Raises:
        DataError: The file is missing or no image.
    """
    _require(path, 'Segmentation map')
    try:
        with Image.open(path) as image:
            if image.mode in ('RGBA', '1'):
                image = image.convert('RGB' if image.mode == 'RGBA' else 'L')
            return np.array(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f'Segmentation map {path} is not a readable image: '
                        f'{error}. Fetch it again.') from error


def read_json(path: PathLike) -> Any:
    """Read an annotation file.

    Raises:
        DataError: The file is missing or no JSON.
    """
    _require(path, 'Annotation file')
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f'Annotation file {path} is not valid JSON: {error}. '
                        'It may have been cut off; fetch it again.'
                        ) from error


def read_lines(path: PathLike) -> List[str]:
    """Non-empty lines of a list of videos.

    Raises:
        DataError: The file is missing or empty.
    """
    _require(path, 'List of videos')
    with open(path, encoding='utf-8') as file:
        lines = [line.strip() for line in file if line.strip()]
    if not lines:
        raise DataError(f'List of videos {path} is empty.')
    return lines


def list_frames(folder: PathLike, suffixes: tuple) -> List[str]:
    """Sorted names of the files with one of these suffixes.

    Raises:
        DataError: No such folder, or no such file in it.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder)
                       if entry.name.lower().endswith(suffixes))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f'Folder {folder} does not exist. Check data_root '
                        'and data_prefix, or take the video out of the list.'
                        ) from error
    if not names:
        raise DataError(f'Folder {folder} has no {"/".join(suffixes)} file.')
    return names
