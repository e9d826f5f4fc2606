"""Read frames of a video file, of pictures or of a camera, one at a time.

Shapes: H W frame size.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from gvseg.datasets.reading import DataError, read_image
from gvseg.formats.files import list_files
from gvseg.utils.errors import InputError
from gvseg.visualization.video_file import VideoTraits

from .video_decoding import VideoDecoder

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')
Video = str | Path | int | Sequence[str | Path]
Trim = tuple[float, float | None]
WHOLE: Trim = (0.0, None)


@dataclass(frozen=True)
class VideoFrame:
    """One frame.

    Attributes:
        image: (H, W, 3) uint8 BGR, upright, without alpha.
        name: picture file, or number of the frame and the video's name.
        stem: name for a file made from it: the picture's without suffix, or the number; no two are equal.
        time: seconds since the first frame; ``None`` where frames are evenly spaced.
    """

    image: np.ndarray
    name: str
    stem: str
    time: float | None = None


class VideoSource:
    """Iterates over the frames of a video, each (H, W, 3) uint8 BGR; files may be iterated again.

    Only one frame is in memory at a time, whatever the video's length. Damaged frames are skipped with a warning and
    counted in ``damaged``.

    Args:
        video: a video file; a folder whose picture files, sorted by name (2.png before 10.png), are the frames; a
            list of picture files; or the number of a camera.
        fps: frame rate to assume where the video has none, such as a folder.
        trim: (first, last) second of the part to read; ``None`` for last: to the end. Frames and times count from its
            first frame.

    Attributes:
        again: whether the frames can be read a second time.

    Raises:
        InputError: no such path, an empty file, no video in it; when iterating, a picture of another size, or nothing
            that can be decoded, or in the part to read. The message names the file.
    """

    def __init__(self, video: Video, fps: float = 24.0, trim: Trim = WHOLE) -> None:
        self.fps, self.damaged, self.cut, self.again = fps, 0, '', not isinstance(video, int)
        self.trim, self._trimmed = check_trim(trim), 0.0
        self.length: int | None = None
        self._decoder: VideoDecoder | None = None
        self._read: Callable[[], Iterator[VideoFrame]] = self._decoded
        if isinstance(video, int):
            self.path, self._camera, self._read = Path(f'camera {video}'), video, self._captured
        elif isinstance(video, (str, Path)):
            self._find(Path(video))
        else:
            self._list([Path(name) for name in video])

    def _find(self, path: Path) -> None:
        """A video file or a folder."""
        if os.path.isdir(path):  # unlike Path.is_dir() it takes any name
            self._list([path / name for name in list_files(path, IMAGE_SUFFIXES)])
            return
        if not os.path.isfile(path):
            raise InputError(
                f'Video {path} does not exist. Give a video file, a folder of frames, or the number of a camera.'
            )
        if path.stat().st_size == 0:
            raise InputError(f'Video {path} is empty (0 bytes). Copy or record it again.')
        self.path = path
        self._decoder = VideoDecoder(path, self.fps, self._skip)
        self.fps = self._decoder.fps
        self.length = self._decoder.length if self.trim == WHOLE else None

    def _list(self, pictures: list[Path]) -> None:
        """Picture files; the video is named after the folder of the first."""
        if not pictures:
            raise InputError('The list of pictures is empty: a video needs at least one frame.')
        gone = next((path for path in pictures if not os.path.isfile(path)), None)
        if gone:
            raise InputError(f'Frame {gone} does not exist. Check the list of pictures.')
        self.path = pictures[0].parent
        self.length = len(pictures) if self.trim == WHOLE else None
        self._files, self._read = pictures, self._pictures

    @property
    def start(self) -> float | None:
        """Time stamp in a video file of the first frame to read in seconds, once it has been read; else ``None``."""
        start = self._decoder.start if self._decoder else None
        return None if start is None else start + self._trimmed

    @property
    def traits(self) -> VideoTraits:
        """Colour tags and bit rate of a video file; the defaults for anything else."""
        return self._decoder.traits if self._decoder else VideoTraits()

    def __iter__(self) -> Iterator[np.ndarray]:
        return (frame.image for frame in self.frames())

    def frames(self) -> Iterator[VideoFrame]:
        """The frames with their names and times."""
        self.damaged, self.cut, size, count = 0, '', None, 0
        for frame in self._part():
            size = size or frame.image.shape[:2]
            if frame.image.shape[:2] != size:
                raise InputError(
                    f'Frame {frame.name} is {frame.image.shape[1]}x{frame.image.shape[0]} but the frames '
                    f'before are {size[1]}x{size[0]}. All frames of a video must have one size: resize '
                    'them.'
                )
            count += 1
            yield frame
        if not count and self.trim != WHOLE:
            raise InputError(f'Video {self.path} has no frame in the part to read, seconds {self._named_part()}.')
        if not count:
            raise InputError(f'Video {self.path} holds no frame that can be decoded. Convert or record it again.')

    def _part(self) -> Iterator[VideoFrame]:
        """The frames between the seconds of ``trim``, their numbers and times from the first of them."""
        first, last = self.trim
        if self.trim == WHOLE:
            yield from self._read()
            return
        skipped = 0
        with closing(self._read()) as frames:
            for number, frame in enumerate(frames):
                seconds = number / self.fps if frame.time is None else frame.time
                if last is not None and seconds >= last:
                    return
                if seconds < first:
                    skipped += 1
                    continue
                if number == skipped:
                    self._trimmed = seconds
                yield self._moved(frame, number - skipped)

    def _moved(self, frame: VideoFrame, number: int) -> VideoFrame:
        """A frame as the given one of the part to read."""
        stem = f'{number:06d}' if self._decoder else frame.stem
        return replace(frame, stem=stem, time=None if frame.time is None else frame.time - self._trimmed)

    def _named_part(self) -> str:
        first, last = self.trim
        return f'{first:g} to {"the end" if last is None else format(last, "g")}'

    def _pictures(self) -> Iterator[VideoFrame]:
        stems = [path.stem for path in self._files]
        if len(set(stems)) < len(stems):
            stems = [f'{index:06d}' for index in range(len(stems))]
        for path, stem in zip(self._files, stems):
            try:
                image = read_image(path)
            except DataError:
                self._skip(f'frame {path}', 'no readable picture')
                continue
            yield VideoFrame(image, str(path), stem)

    def _decoded(self) -> Iterator[VideoFrame]:
        for count, (image, seconds) in enumerate(self._decoder):
            yield self._numbered(image, count, seconds)
        self.damaged = max(self.damaged, self._decoder.missing)
        self.cut = self._decoder.cut
        if self.cut:
            warnings.warn(self.cut, stacklevel=2)

    def _captured(self) -> Iterator[VideoFrame]:
        try:
            camera = cv2.VideoCapture(self._camera)
        except (cv2.error, OverflowError):  # the number is too large for OpenCV
            camera = cv2.VideoCapture()
        try:
            if not camera.isOpened():
                raise InputError(
                    f'Camera {self._camera} cannot be opened. Check that it is plugged in and no other '
                    'program uses it, or give another number.'
                )
            start, count = time.monotonic(), 0
            while (image := camera.read()[1]) is not None:
                yield self._numbered(image, count, time.monotonic() - start)
                count += 1
        finally:
            camera.release()

    def _numbered(self, image: np.ndarray, number: int, seconds: float | None) -> VideoFrame:
        """A frame that has no file of its own."""
        return VideoFrame(image, f'{number} of {self.path}', f'{number:06d}', seconds)

    def _skip(self, what: str, reason: object) -> None:
        """Count a damaged frame; warn about the first of a video."""
        self.damaged += 1
        if self.damaged == 1:
            reason = getattr(reason, 'strerror', None) or reason
            warnings.warn(f'Skipped {what} which is damaged ({reason}); later ones are only counted.', stacklevel=2)


def check_trim(trim: Trim) -> Trim:
    """Raise InputError unless a part of a video has a length; return it."""
    first, last = trim
    if not 0 <= first < (float('inf') if last is None else last):
        raise InputError(f'A video cannot be trimmed to seconds {first:g} to {last}: give FIRST before LAST, from 0.')
    return trim
