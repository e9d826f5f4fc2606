"""Frames of a video in any order, for prompts in any of its frames.

Shapes:
    H W: frame size; h w: size of the network's input.
"""

import tempfile
from collections.abc import Callable
from contextlib import closing

import numpy as np

from gvseg.utils.errors import WorkDirError

from .overlap import prefetch
from .video_inputs import check_frame
from .video_source import VideoSource


class SessionFrames:
    """All frames of a video at the network's size, in a temporary file that is gone with this object.

    The source is read once; memory does not grow with the video, the file takes 0.3 MB for a frame of 240 x 432.

    Args:
        source: the video.
        shrink: resizes a frame (H, W, 3) for the network.

    Attributes:
        size: (H, W); (0, 0) without a frame.
        times: seconds of each frame since the first, or ``None``.
        names, stems: as in :class:`gvseg.apis.VideoFrame`.

    Raises:
        InputError: as the source's; a frame of another size.
        WorkDirError: the temporary folder is full.
    """

    def __init__(self, source: VideoSource, shrink: Callable[[np.ndarray], np.ndarray]) -> None:
        self.size = (0, 0)
        self.times: list[float | None] = []
        self.names: list[str] = []
        self.stems: list[str] = []
        self._file = tempfile.TemporaryFile(prefix='gvseg-session-')  # noqa: SIM115
        shape: tuple[int, ...] = (0, 0, 3)
        before = None
        try:
            with closing(prefetch(source.frames())) as frames:
                for index, frame in enumerate(frames):
                    check_frame(frame.image, index, frame.image if before is None else before)
                    before, self.size = frame.image, frame.image.shape[:2]
                    small = np.ascontiguousarray(shrink(frame.image))
                    shape = small.shape
                    self._file.write(small.data)
                    self.times.append(frame.time)
                    self.names.append(frame.name)
                    self.stems.append(frame.stem)
            self._file.flush()
        except OSError as error:
            if getattr(error, 'is_input_error', False):
                raise
            raise WorkDirError(
                f'{tempfile.gettempdir()} cannot hold the frames of {source.path} ({error.strerror}): make room there, '
                'or set TMPDIR to another folder.'
            ) from error
        self._frames = np.memmap(self._file, np.uint8, 'r', shape=(len(self.times), *shape)) if self.times else None

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, index: int) -> np.ndarray:
        """A frame at the network's size, (h, w, 3) uint8 BGR."""
        if self._frames is None:
            raise IndexError(index)
        return np.array(self._frames[index])

    def close(self) -> None:
        """Remove the temporary file."""
        self._frames = None
        self._file.close()
