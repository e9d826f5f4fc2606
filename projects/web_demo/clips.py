"""A clip from an uploaded file or a generated example: validation, and frames as JPEGs for the page.

Shapes: H W frame size.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gvseg.apis import VideoSource
from gvseg.moving_shapes import render_video
from gvseg.utils.errors import InputError

from .limits import Limits

SUFFIXES = ('.mp4', '.m4v', '.mov', '.webm', '.mkv', '.avi')
HEAD_BYTES = 16
JPEG_QUALITY = 92
EXAMPLE_FRAMES, EXAMPLE_SIZE, EXAMPLE_FPS = 30, (96, 160), 10.0
EXAMPLES = {'Shapes 1': 2, 'Shapes 2': 28, 'Shapes 3': 18}
"""Name and seed of each example; the models have not been trained on these videos."""


@dataclass(frozen=True)
class Clip:
    """A clip that has been read once completely.

    Attributes:
        name: file name given by the user.
        path: file or folder of frames that the network reads.
        pictures: folder with a JPEG of every frame, for the page.
        length: number of frames.
        size: (H, W).
        fps: frames per second.
        damaged: frames that could not be decoded; they are skipped and not counted in ``length``.
        cut: message if the file is truncated, else empty.
    """

    name: str
    path: Path
    pictures: Path
    length: int
    size: tuple[int, int]
    fps: float
    damaged: int = 0
    cut: str = ''

    def source(self) -> VideoSource:
        """Source of the frames, to read them again."""
        return VideoSource(self.path, EXAMPLE_FPS)

    def frames(self) -> Iterator[np.ndarray]:
        """(H, W, 3) uint8 BGR."""
        return iter(self.source())


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
    if not (mp4 or matroska or avi):
        raise InputError(f'{name} has the suffix of a video but other content. Send one of {", ".join(SUFFIXES)}.')


def open_clip(path: Path, name: str, pictures: Path, limits: Limits) -> Clip:
    """Read a clip once and write a JPEG of every frame.

    Args:
        path: video file or folder of frames.
        name: name for messages.
        pictures: folder to write; is created.
        limits: limits of length and frame size.

    Raises:
        InputError: Not readable, too long or too large; names the clip and the limit, not its path on the server.
    """
    try:
        source = VideoSource(path, EXAMPLE_FPS)
        # From the file header, so that an oversized frame is refused before it is decoded.
        _check_size(source.declared_size or (0, 0), name, limits)
        _check_length(source.length or 0, name, limits)
        pictures.mkdir(parents=True)
        length, size = 0, (0, 0)
        with closing(iter(source)) as frames:
            for length, frame in enumerate(frames, 1):
                size = frame.shape[:2]
                _check_size(size, name, limits)
                _check_length(length, name, limits)
                cv2.imwrite(str(pictures / f'{length - 1}.jpg'), frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error
    return Clip(name, path, pictures, length, size, source.fps, source.damaged, source.cut.replace(str(path), name))


def write_example(folder: Path, name: str) -> Path:
    """Generate the frames of an example, unless they exist.

    Returns:
        Their folder.

    Raises:
        InputError: There is no such example.
    """
    if name not in EXAMPLES:
        raise InputError(f'There is no example {name!r}; there are {", ".join(EXAMPLES)}.')
    folder = folder / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(suffix='.part', dir=folder.parent))  # two sessions may ask at once
        for index, frame in enumerate(render_video((EXAMPLES[name],), EXAMPLE_FRAMES, EXAMPLE_SIZE)):
            cv2.imwrite(str(part / f'{index:03d}.png'), frame.image)
        try:
            part.rename(folder)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            if not folder.is_dir():
                raise
    return folder


def _check_size(size: tuple[int, int], name: str, limits: Limits) -> None:
    if max(size) > limits.side:
        raise InputError(
            f'{name} has frames of {size[1]}x{size[0]} pixels; the limit is {limits.side} per '
            'side. Send a smaller version.'
        )


def _check_length(length: int, name: str, limits: Limits) -> None:
    if length > limits.frames:
        raise InputError(f'{name} has more than {limits.frames} frames, the limit. Cut it and send the part you want.')
