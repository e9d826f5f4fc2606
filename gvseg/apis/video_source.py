"""Read frames of a video file, of pictures or of a camera, one at a time.

Shapes: H W frame size.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gvseg.datasets.reading import DataError, read_image
from gvseg.formats.files import list_files
from gvseg.utils.errors import InputError

from .video_decoding import VideoDecoder

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')
Video = str | Path | int | Sequence[str | Path]


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

    Raises:
        InputError: no such path, an empty file, no video in it; when iterating, a picture of another size, or nothing
            that can be decoded. The message names the file.
    """

    def __init__(self, video: Video, fps: float = 24.0) -> None:
        self.fps, self.damaged, self.cut = fps, 0, ''
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
        self.fps, self.length = self._decoder.fps, self._decoder.length

    def _list(self, pictures: list[Path]) -> None:
        """Picture files; the video is named after the folder of the first."""
        if not pictures:
            raise InputError('The list of pictures is empty: a video needs at least one frame.')
        gone = next((path for path in pictures if not os.path.isfile(path)), None)
        if gone:
            raise InputError(f'Frame {gone} does not exist. Check the list of pictures.')
        self.path, self.length = pictures[0].parent, len(pictures)
        self._files, self._read = pictures, self._pictures

    @property
    def start(self) -> float | None:
        """Time stamp of a video file's first frame in seconds, once it has been read; else ``None``."""
        return self._decoder.start if self._decoder else None

    @property
    def declared_size(self) -> tuple[int, int] | None:
        """(H, W) as a video file's header declares, before rotation; ``None``: no file."""
        return self._decoder.size if self._decoder else None

    def __iter__(self) -> Iterator[np.ndarray]:
        return (frame.image for frame in self.frames())

    def frames(self) -> Iterator[VideoFrame]:
        """The frames with their names and times."""
        self.damaged, self.cut, size, count = 0, '', None, 0
        for frame in self._read():
            size = size or frame.image.shape[:2]
            if frame.image.shape[:2] != size:
                raise InputError(
                    f'Frame {frame.name} is {frame.image.shape[1]}x{frame.image.shape[0]} but the frames '
                    f'before are {size[1]}x{size[0]}. All frames of a video must have one size: resize '
                    'them.'
                )
            count += 1
            yield frame
        if not count:
            raise InputError(f'Video {self.path} holds no frame that can be decoded. Convert or record it again.')

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
