"""Frames of a video file or of a folder of pictures, one at a time.

Letters: H W frame size.
"""
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gvseg.datasets.reading import list_frames, read_image
from gvseg.utils.errors import InputError
from gvseg.visualization.video_file import import_av

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')


class VideoSource:
    """Iterates over the frames of a video, each (H, W, 3) uint8 BGR; may be iterated again.

    Only one frame is in memory at a time, whatever the video's length.

    Args:
        path: a video file, or a folder whose picture files, sorted by name, are the frames.
        fps: frame rate to assume where the file does not tell, as a folder.

    Raises:
        InputError: nothing there, an empty file, no video in it; when iterating, a damaged frame or one of another
            size. The message names the file.
    """

    def __init__(self, path: str | Path, fps: float = 24.) -> None:
        self.path, self.fps = Path(path), fps
        self.length: int | None = None
        if self.path.is_dir():
            self.names = list_frames(self.path, IMAGE_SUFFIXES)
            self.length = len(self.names)
            return
        if not self.path.is_file():
            raise InputError(f'Video {path} does not exist. Give a video file or a folder of frames.')
        if self.path.stat().st_size == 0:
            raise InputError(f'Video {path} is empty (0 bytes). Copy or record it again.')
        with self._open() as container:
            stream = container.streams.video[0]
            self.fps = float(stream.average_rate or fps)
            self.length = stream.frames or None

    def __iter__(self) -> Iterator[np.ndarray]:
        frames = self._pictures() if self.path.is_dir() else self._decoded()
        first, index = None, -1
        for index, (name, image) in enumerate(frames):
            first = image.shape if first is None else first
            if image.shape != first:
                raise InputError(f'Frame {name} is {image.shape[1]}x{image.shape[0]} but the frames before are '
                                 f'{first[1]}x{first[0]}. All frames of a video must have one size: resize them.')
            yield image
        if index < 0:
            raise InputError(f'Video {self.path} holds no frame that can be decoded. Convert or record it again.')

    def _pictures(self) -> Iterator[tuple[str, np.ndarray]]:
        for name in self.names:
            yield str(self.path / name), read_image(self.path / name)

    def _decoded(self) -> Iterator[tuple[str, np.ndarray]]:
        av, index = import_av(), 0
        with self._open() as container:
            try:
                for index, frame in enumerate(container.decode(video=0)):
                    yield f'{index} of {self.path}', upright(frame.to_ndarray(format='bgr24'), frame)
            except (av.error.FFmpegError, OSError) as error:
                raise InputError(f'Video {self.path} is damaged after frame {index} ({error.strerror}). Cut it there, '
                                 'or convert it again; results up to there are kept.') from error

    def _open(self):
        """The container, opened for reading."""
        av = import_av()
        try:
            container = av.open(str(self.path))
        except (av.error.FFmpegError, OSError) as error:
            raise InputError(f'{self.path} is not a video that can be read ({error.strerror}). Give a video file such '
                             'as mp4, or a folder of frames.') from error
        if not container.streams.video:
            container.close()
            raise InputError(f'{self.path} holds no video stream, only sound or text. Give a video file or a folder '
                             'of frames.')
        return container


def upright(image: np.ndarray, frame: object) -> np.ndarray:
    """An image turned as the file asks for; phones store frames as the sensor lies.

    Args:
        image: (H, W, 3).
        frame: decoded frame with ``rotation``: degrees counterclockwise.
    """
    turns = round(getattr(frame, 'rotation', 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
