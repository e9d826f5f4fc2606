"""A clip from an uploaded file or an example: validation, and its frames as JPEGs for the page and the network.

Shapes: H W frame size.
"""

import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gvseg.apis import VideoFrame, VideoSource
from gvseg.utils.errors import InputError

from .limits import Limits

SUFFIXES = ('.mp4', '.m4v', '.mov', '.webm', '.mkv', '.avi', '.gif')
HEAD_BYTES = 16
JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95]
FOLDER_FPS = 10.0  # of frames without a rate, such as the generated examples


@dataclass(frozen=True)
class Clip:
    """A clip that has been read once completely.

    Attributes:
        name: file name given by the user.
        path: file or folder of the original frames.
        pictures: folder with a JPEG of every frame, which the page shows and the network reads.
        size: (H, W) of the JPEGs.
        fps: frames per second.
        times: of every frame, seconds since the first; ``None`` where frames are evenly spaced.
        start: time stamp of the first frame in the file, to cut its sound; ``None``: no file.
        notes: what the user should know, each a sentence: frames shrunk, left out or damaged.
        credit: source and licence of an example.
    """

    name: str
    path: Path
    pictures: Path
    size: tuple[int, int]
    fps: float
    times: tuple[float | None, ...]
    start: float | None = None
    notes: tuple[str, ...] = ()
    credit: str = ''

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.times)

    def source(self, first: int = 0, last: int | None = None) -> VideoSource:
        """Frames ``first`` to ``last`` (inclusive), with their times."""
        return ClipPart(self, first, self.length - 1 if last is None else last)


class ClipPart(VideoSource):
    """Frames ``first`` to ``last`` (inclusive) of a clip as a source; their times start at 0."""

    def __init__(self, clip: Clip, first: int, last: int) -> None:
        super().__init__([clip.pictures / f'{index}.jpg' for index in range(first, last + 1)], clip.fps)
        self._times = clip.times[first : last + 1]

    def frames(self) -> Iterator[VideoFrame]:
        """The frames."""
        for frame, time in zip(super().frames(), self._times):
            seconds = None if time is None or self._times[0] is None else time - self._times[0]
            yield VideoFrame(frame.image, frame.name, frame.stem, seconds)


def check_name(name: str) -> None:
    """Refuse files without the suffix of a video.

    Raises:
        InputError: names the file and the types taken.
    """
    if Path(name).suffix.lower() not in SUFFIXES:
        raise InputError(f'{name} is not a supported video. Send one of {", ".join(SUFFIXES)}.')


def check_content(path: Path, name: str) -> None:
    """Refuse files whose content is not a video, before they reach a decoder.

    Decoders also open playlists, which can name other files and addresses to read.

    Raises:
        InputError: names the file and the types taken.
    """
    with open(path, 'rb') as file:
        head = file.read(HEAD_BYTES)
    mp4 = head[4:8] in (b'ftyp', b'moov', b'mdat', b'wide', b'free', b'skip')
    matroska, avi = head.startswith(b'\x1a\x45\xdf\xa3'), head[:4] == b'RIFF' and head[8:12] == b'AVI '
    if not (mp4 or matroska or avi or head.startswith((b'GIF87a', b'GIF89a'))):
        raise InputError(f'{name} has the suffix of a video but other content. Send one of {", ".join(SUFFIXES)}.')


def open_clip(path: Path, name: str, pictures: Path, limits: Limits, credit: str = '') -> Clip:
    """Read a clip once and write a JPEG of every frame.

    Frames above the limit of size are shrunk, those after the limit of length are left out; ``notes`` says so.

    Args:
        path: video file or folder of frames.
        name: name for messages.
        pictures: folder to write; is created.
        limits: limits of length and frame size.
        credit: as in :class:`Clip`.

    Raises:
        InputError: Not readable; names the clip, not its path on the server.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # damaged and cut: in the notes
            source = VideoSource(path, FOLDER_FPS)
            size, original, times, longer = _write_pictures(source, pictures, limits)
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error
    notes = []
    if size != original:
        notes.append(f'Frames of {original[1]}x{original[0]} were shrunk to {size[1]}x{size[0]}.')
    if longer:
        whole = f' of {source.length}' if source.length else ''
        notes.append(f'Only the first {limits.frames}{whole} frames were read; cut the file to use another part.')
    if source.damaged:
        left_out = '1 damaged frame is' if source.damaged == 1 else f'{source.damaged} damaged frames are'
        notes.append(f'{left_out} left out.')
    if source.cut:
        notes.append(source.cut.replace(str(path), name))
    return Clip(name, path, pictures, size, source.fps, tuple(times), source.start, tuple(notes), credit)


def _write_pictures(source: VideoSource, pictures: Path, limits: Limits) -> tuple[tuple, tuple, list, bool]:
    """Write the JPEGs; returns their size, that of the original frames, their times, and whether there are more."""
    pictures.mkdir(parents=True)
    times: list[float | None] = []
    size = original = (0, 0)
    with closing(source.frames()) as frames:
        for frame in frames:
            if len(times) == limits.frames:
                return size, original, times, True
            original = frame.image.shape[:2]
            image = shrunk(frame.image, limits.side)
            size = image.shape[:2]
            if not cv2.imwrite(str(pictures / f'{len(times)}.jpg'), image, JPEG):
                raise InputError('The server cannot store the frames of this clip. Is its disk full?')
            times.append(frame.time)
    return size, original, times, False


def shrunk(image: np.ndarray, side: int) -> np.ndarray:
    """An image (H, W, 3) with its longer side reduced to ``side``; smaller images are returned as they are."""
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(1, round(scale * length)) for length in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
