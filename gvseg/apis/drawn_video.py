"""Draw a video's results into an mp4 and a contact sheet, or beside the frames.

Shapes: H W frame size.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from mmdet.structures import DetDataSample

from gvseg.visualization import (
    Style,
    VideoFile,
    contact_sheet,
    legend,
    overlay,
    predicted_segments,
    side_by_side,
    write_png,
)
from gvseg.visualization.drawing import enlarge
from gvseg.visualization.layout import cell_shape, downscale, sheet_width
from gvseg.visualization.sound import SoundTrack
from gvseg.visualization.video_file import VideoTraits

from .result_files import ResultFile
from .video_source import VideoFrame, VideoSource


class DrawnVideo(ResultFile):
    """An mp4 with masks, ids, class names and scores, with the timing of the source, and a contact sheet.

    Args:
        path: of the mp4; the sheet has its name with ``.png``.
        fps: frames per second where frames have no time stamps.
        names: class names.
        min_score: instances below are not drawn.
        columns: frames in the sheet; 0: no sheet.
        source: the video whose sound, if it has any, and colour tags are copied.
        max_side: larger frames are drawn at this longer side, with a warning; 0: all as they are.
    """

    def __init__(
        self,
        path: Path,
        fps: float,
        names: Sequence[str],
        min_score: float = 0.3,
        columns: int = 6,
        source: VideoSource | None = None,
        max_side: int = 0,
    ) -> None:
        self.source, self.max_side = source, max_side
        self.file = VideoFile(path, fps, source.traits if source else VideoTraits())
        self.names, self.min_score = names, min_score
        self.sheet = path.with_suffix('.png') if columns else None
        self.kept = SpacedFrames(columns)

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Draw and write."""
        if not self.file.frames and self.source is not None and self.source.start is not None:
            self.file.sound = SoundTrack(self.source.path, self.source.start)
        segments = predicted_segments(result, self.names, self.min_score)
        image = self._shrunk(np.ascontiguousarray(frame.image[..., ::-1]))
        drawn = overlay(image, segments)
        self.file.write(self.picture(image, drawn), frame.time)
        if self.sheet and self.kept.due():
            size = cell_shape(image)
            unmasked = replace(segments, masks=np.zeros((len(segments), 0, 0), bool))
            self.kept.add(downscale(image, size), downscale(drawn, size), unmasked)

    def picture(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """The picture to write, from the frame and the frame as drawn."""
        return drawn

    def _shrunk(self, image: np.ndarray) -> np.ndarray:
        """The frame at no more than the longest side that is drawn; says so at the first one."""
        longest = max(image.shape[:2])
        if not self.max_side or longest <= self.max_side:
            return image
        height, width = (max(1, round(side * self.max_side / longest)) for side in image.shape[:2])
        if not self.file.frames:
            warnings.warn(
                f'{self.file.path.name} shows the frames of {image.shape[1]}x{image.shape[0]} at {width}x{height} '
                '(--max-side 0: at their size); masks in other files keep theirs.',
                stacklevel=2,
            )
        return downscale(image, (height, width))

    def close(self) -> None:
        """Finish the mp4, write the sheet."""
        self.file.close()
        if self.sheet and self.kept.seen:
            indices, images, drawn, segments = zip(*self.kept.chosen())
            footer = legend(segments, sheet_width(len(indices)))
            write_png(
                self.sheet,
                contact_sheet(
                    [images, drawn],
                    ['input', 'prediction'],
                    [f'frame {index}' for index in indices],
                    self.sheet.stem,
                    footer,
                ),
            )

    @property
    def paths(self) -> tuple[Path, ...]:
        """The mp4 and the sheet."""
        return (self.file.path, self.sheet) if self.sheet else (self.file.path,)


class SideBySideVideo(DrawnVideo):
    """An mp4 with every frame beside the same frame as drawn."""

    def picture(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Both in one row, under their titles."""
        return side_by_side([enlarge(image, Style()), drawn], ['input', 'prediction'])


class SpacedFrames:
    """Keeps roughly evenly spaced frames of a video of unknown length, in constant memory.

    Args:
        count: frames wanted; up to twice as many are kept.
    """

    def __init__(self, count: int) -> None:
        self.count, self.every, self.seen = max(count, 1), 1, 0
        self.kept: list[tuple] = []

    def due(self) -> bool:
        """Count the next frame; return whether to add it."""
        self.seen += 1
        return (self.seen - 1) % self.every == 0

    def add(self, *entry: object) -> None:
        """Add the frame counted last."""
        self.kept.append((self.seen - 1, *entry))
        if len(self.kept) > 2 * self.count:
            self.every *= 2
            self.kept = self.kept[::2]

    def chosen(self) -> list[tuple]:
        """(index, entry...) of the frames to show."""
        places = np.linspace(0, len(self.kept) - 1, min(self.count, len(self.kept))).round().astype(int)
        return [self.kept[place] for place in places]
