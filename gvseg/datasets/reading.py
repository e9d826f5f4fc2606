"""Decode frames and list those of a video; every error message names the file.

Shapes: H W frame size.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike, read_bytes
from gvseg.formats.images import annotated_orientation, read_header, turn_upright, wrong_size
from gvseg.formats.vspw import FramePair

_warned: set[str] = set()
DataError = InputError
"""A file of a dataset is missing, damaged or inconsistent with the others."""
ORIENTATIONS = ('annotated', 'stored', 'upright')


def warn_once(message: str) -> None:
    """Warn, once for each message in a process."""
    if message not in _warned:
        _warned.add(message)
        warnings.warn(message, stacklevel=3)


def read_image(path: PathLike, orientation: str = 'upright', size: tuple[int, int] | None = None) -> np.ndarray:
    """Read a frame.

    Args:
        path: JPEG or PNG file.
        orientation: 'upright' applies the EXIF orientation, 'stored' ignores it, 'annotated' chooses by ``size`` and
            raises if the size does not decide.
        size: (H, W) of the frame in the annotations, if known.

    Returns:
        np.ndarray: (H, W, 3) uint8 BGR.

    Raises:
        InputError: The file is missing, is not an image, or differs in size from its annotations.
    """
    data = read_bytes(path, 'Frame')
    header = read_header(path, data)
    turned = annotated_orientation(header, path, size) if orientation == 'annotated' else orientation == 'upright'
    try:
        # Decoded from bytes: cv2.imread prints to the console if a file is damaged.
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        image = None
    if image is None:
        raise InputError(
            f'Frame {path} is not a readable image ({len(data)} bytes). Fetch it again, or take the '
            'video out of the list.'
        )
    image = turn_upright(image, header.orientation) if turned else image
    if size is not None and image.shape[:2] != tuple(size):
        raise wrong_size(path, image.shape[:2], size)
    return image


def video_of_pairs(name: str, pairs: Sequence[FramePair], **fields: Any) -> dict[str, Any]:
    """Record of a video whose frames are files beside their label maps.

    Args:
        name: id of the video.
        pairs: image and map of every frame, in order.
        fields: what every frame has besides, such as ``map_format``.
    """
    frames = [
        dict(
            img_path=str(pair.image),
            img_id=f'{name}/{pair.image.name}',
            frame_id=number,
            video_id=name,
            seg_map_path=str(pair.map) if pair.map else None,
            **fields,
        )
        for number, pair in enumerate(pairs)
    ]
    return dict(video_id=name, video_length=len(frames), images=frames)
