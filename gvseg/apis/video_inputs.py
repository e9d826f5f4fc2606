"""Open a video given in any supported form as one source of BGR frames.

Shapes:
    T: frames; H W: frame size.
"""

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import cv2
import numpy as np
import torch
from PIL import Image

from gvseg.formats.files import natural_order
from gvseg.utils.errors import InputError

from .video_source import WHOLE, Trim, VideoFrame, VideoSource

CHANNEL_ORDERS = ('bgr', 'rgb')
FORMS = (
    'a path, file:// URL or glob, a list of paths, the number of a camera, a cv2.VideoCapture, a list of arrays, PIL '
    'images or torch tensors, or one array or tensor of all frames'
)


def open_video(video: Any, fps: float = 24.0, channel_order: str = 'bgr', trim: Trim = WHOLE) -> VideoSource:
    """A source of the frames of a video in any of the forms of ``FORMS``.

    Args:
        video: numpy arrays are (H, W, 3) uint8 in ``channel_order``; PIL images have any mode; torch tensors are
            (3, H, W) uint8 RGB, as torchvision gives them. All frames in one: (T, H, W, 3) and (T, 3, H, W).
        fps: frame rate to assume where the video has none.
        channel_order: of numpy arrays: ``'bgr'``, as OpenCV gives them, or ``'rgb'``.
        trim: (first, last) second of the part to read, of files and cameras, as of :class:`VideoSource`.

    Raises:
        InputError: none of these forms, or as :class:`VideoSource`.
    """
    check_order(channel_order)
    if isinstance(video, VideoSource):
        return video
    if isinstance(video, str):
        video = _path_or_paths(video)
    if isinstance(video, cv2.VideoCapture):
        return FrameSource(lambda: _captured(video), video.get(cv2.CAP_PROP_FPS) or fps, again=False)
    if isinstance(video, (int, Path)) or (_is_list(video) and all(isinstance(item, (str, Path)) for item in video)):
        return VideoSource(video, fps, trim)
    if isinstance(video, Iterable):
        return FrameSource(
            lambda: (to_bgr(frame, channel_order) for frame in video), fps, again=hasattr(video, '__len__')
        )
    raise InputError(f'A video cannot be given as {type(video).__name__}: give {FORMS}.')


def to_bgr(frame: Any, channel_order: str = 'bgr') -> np.ndarray:
    """One frame as (H, W, 3) uint8 BGR; see :func:`open_video`.

    Raises:
        InputError: it is no frame, or a tensor of another type or shape.
    """
    if isinstance(frame, Image.Image):
        return np.ascontiguousarray(np.asarray(frame.convert('RGB'))[..., ::-1])
    if isinstance(frame, torch.Tensor):
        if frame.ndim != 3 or frame.shape[0] != 3 or frame.dtype != torch.uint8:
            raise InputError(
                f'A frame is a tensor of shape {tuple(frame.shape)} and {frame.dtype}: give (3, H, W) uint8 RGB.'
            )
        return np.ascontiguousarray(frame.permute(1, 2, 0).cpu().numpy()[..., ::-1])
    if not isinstance(frame, np.ndarray):
        raise InputError(f'A frame cannot be given as {type(frame).__name__}: give {FORMS}.')
    return frame if channel_order == 'bgr' else np.ascontiguousarray(frame[..., ::-1])


def check_order(channel_order: str) -> None:
    """Raise InputError for an unknown order of channels."""
    if channel_order not in CHANNEL_ORDERS:
        raise InputError(f'channel_order={channel_order!r}: frames are {" or ".join(map(repr, CHANNEL_ORDERS))}.')


def check_frame(frame: np.ndarray, index: int, before: np.ndarray) -> None:
    """Check that a frame is an image and of the size of the one before.

    Raises:
        InputError: names the frame by its index.
    """
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise InputError(
            f'Frame {index} is {frame.dtype} of shape {frame.shape}: frames must be uint8 images of '
            'three channels (blue, green, red).'
        )
    if frame.shape != before.shape:
        raise InputError(
            f'Frame {index} is {frame.shape[1]}x{frame.shape[0]} but the one before is '
            f'{before.shape[1]}x{before.shape[0]}: resize the frames, or start a new video with reset().'
        )


class FrameSource(VideoSource):
    """Frames that are in memory or come from an iterator, with the interface of :class:`VideoSource`.

    Args:
        frames: returns an iterator over frames, each (H, W, 3) uint8 BGR.
        fps: frame rate.
        again: whether ``frames`` can be called again.
        name: used in place of the path.
    """

    def __init__(
        self, frames: Callable[[], Iterator[np.ndarray]], fps: float, again: bool = True, name: str = 'video'
    ) -> None:
        self.path, self.fps, self.length = Path(name), fps, None
        self.damaged, self.cut, self._decoder = 0, '', None
        self.trim, self._trimmed = WHOLE, 0.0
        self.again, self._frames, self._started = again, frames, False
        self._read = self._given

    def _given(self) -> Iterator[VideoFrame]:
        if self._started and not self.again:
            raise InputError('The frames of this video have been read and cannot be read again: give a file or a list.')
        self._started = True
        for number, image in enumerate(self._frames()):
            yield self._numbered(image, number, None)


def _path_or_paths(text: str) -> Path | list[Path]:
    """A path, that of a ``file://`` URL, or the files of a glob in natural order.

    Raises:
        InputError: a URL of another kind, or a glob without matches.
    """
    if '://' in text:
        url = urlparse(text)
        if url.scheme != 'file' or url.netloc not in ('', 'localhost'):
            raise InputError(f'{text}: only file:// URLs of this machine are read. Download the video first.')
        return Path(unquote(url.path))
    if glob.has_magic(text) and not os.path.exists(text):
        found = natural_order(glob.glob(text))
        if not found:
            raise InputError(f'{text}: no file matches this pattern.')
        return [Path(name) for name in found] if len(found) > 1 else Path(found[0])
    return Path(text)


def _is_list(video: Any) -> bool:
    return isinstance(video, (list, tuple)) and len(video) > 0


def _captured(capture: cv2.VideoCapture) -> Iterator[np.ndarray]:
    """The frames of an open capture, which the caller releases."""
    if not capture.isOpened():
        raise InputError('The cv2.VideoCapture is not open: check what it was given.')
    while (image := capture.read()[1]) is not None:
        yield image
