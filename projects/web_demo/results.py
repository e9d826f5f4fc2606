"""Files of a result: a video, a JPEG of every frame, masks and a list of their values.

Shapes: H W frame size, n segments.
"""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
from PIL import Image

from gvseg.visualization import FrameSegments, VideoFile, overlay
from gvseg.visualization.drawing import segment_colours
from gvseg.visualization.sound import SoundTrack

JPEG_QUALITY = 90
PALETTE_VALUES = 256

NOTE = (
    'Each PNG has the size of its frame; its values are listed below under "segments", 0 is no segment. A value '
    'is one thing or object over the whole video, or all regions of a class. Where instances overlap, the one with '
    'the best score is on top. With more than 255 segments a PNG is 16 bit grey without colours.'
)


class ResultFiles:
    """Write a result frame by frame; a context manager.

    In ``folder``: ``result.mp4``, its frames as ``<index>.jpg``, ``masks.zip`` when finished.

    Args:
        folder: is created.
        fps: frames per second of the video.
    """

    def __init__(self, folder: Path, fps: float) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._masks = folder / 'masks'
        self._masks.mkdir()
        self._video = VideoFile(folder / 'result.mp4', fps)
        self._values: dict[tuple[bool, int, int], int] = {}
        self.segments: list[dict] = []
        self.frames = 0

    def __enter__(self) -> 'ResultFiles':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._video.close()

    def add(self, image: np.ndarray, segments: FrameSegments, time: float | None = None) -> None:
        """Add the next frame (H, W, 3) RGB, its segments, and its time in seconds from the first frame."""
        drawn = overlay(image, segments)
        self._video.write(drawn, time)
        cv2.imwrite(str(self.folder / f'{self.frames}.jpg'), drawn[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        self._write_mask(self._value_map(segments, image.shape[:2]))
        self.frames += 1

    def copy_sound(self, path: Path, start: float) -> None:
        """Set the video whose sound is copied, and the start time in it; call before the first frame."""
        self._video.sound = SoundTrack(path, start)

    def finish(self) -> None:
        """Close the video and pack the masks."""
        self._video.close()
        with zipfile.ZipFile(self.folder / 'masks.zip', 'w', zipfile.ZIP_STORED) as file:
            for path in sorted(self._masks.iterdir()):
                file.write(path, path.name)
            file.writestr('segments.json', json.dumps(dict(note=NOTE, segments=self.segments), indent=1))

    def _value_map(self, segments: FrameSegments, size: tuple[int, int]) -> np.ndarray:
        """(H, W) uint16, value of the topmost segment at every pixel."""
        values = np.zeros(size, np.uint16)
        for index, colour in enumerate(segment_colours(segments)):
            values[segments.masks[index]] = self._value(segments, index, colour)
        return values

    def _value(self, segments: FrameSegments, index: int, colour: np.ndarray) -> int:
        """Value of a segment in this video; a new segment gets the next one and an entry in the list."""
        individual, identity = bool(segments.individual[index]), int(segments.ids[index])
        key = (individual, identity)
        if key not in self._values:
            self._values[key] = len(self._values) + 1
            self.segments.append(
                dict(
                    value=self._values[key],
                    id=identity if individual else None,
                    name=segments.name(index),
                    colour='#{:02x}{:02x}{:02x}'.format(*colour.tolist()),
                    first_frame=self.frames,
                )
            )
        return self._values[key]

    def _write_mask(self, values: np.ndarray) -> None:
        path = self._masks / f'{self.frames:05d}.png'
        if values.max(initial=0) >= PALETTE_VALUES:
            cv2.imwrite(str(path), values)
            return
        image = Image.fromarray(values.astype(np.uint8), 'L')
        image.putpalette(palette([entry['colour'] for entry in self.segments]))
        image.save(path)


def palette(colours: Sequence[str]) -> list[int]:
    """Flat palette from the colours ``#rrggbb`` of the values from 1; 0 is black."""
    flat = [0, 0, 0]
    for colour in colours[: PALETTE_VALUES - 1]:
        flat.extend(bytes.fromhex(colour[1:]))
    return flat
