"""Cut the frames of a video into clips as they arrive.

Shapes:
    T: frames of a clip; H W: frame size.
"""

import numpy as np

from .video_inputs import check_frame


class ClipWindow:
    """Frames of a video from the first of its next clip on.

    Args:
        length: frames of a clip, T.
        overlap: how many of them it shares with the next.

    Attributes:
        start: index in the video of the first frame held.
        frames: (H, W, 3) uint8 BGR, from there on.
        taken: frames of the video that were in a clip.
    """

    def __init__(self, length: int, overlap: int) -> None:
        self.length, self._step = length, length - overlap
        self.start = self.taken = 0
        self.frames: list[np.ndarray] = []

    @property
    def arrived(self) -> int:
        """Frames of the video so far."""
        return self.start + len(self.frames)

    @property
    def is_full(self) -> bool:
        """Whether a clip is complete."""
        return len(self.frames) == self.length

    @property
    def has_rest(self) -> bool:
        """Whether a frame was in no clip yet."""
        return self.arrived > self.taken

    def check(self, image: np.ndarray) -> None:
        """Raise InputError if a frame cannot be the next."""
        check_frame(image, self.arrived, self.frames[-1] if self.frames else image)

    def take(self) -> tuple[list[np.ndarray], list[int]]:
        """T frames of the next clip and their indices; at the end of a video the last frame is repeated."""
        missing = self.length - len(self.frames)
        frames = self.frames + self.frames[-1:] * missing
        indices = [min(self.start + place, self.arrived - 1) for place in range(self.length)]
        self.taken = indices[-1] + 1
        self.start, self.frames = self.start + min(self._step, len(self.frames)), self.frames[self._step :]
        return frames, indices
