"""Write a video file and a contact sheet of the first videos of a run.

Shapes: n segments, H W frame pixels.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from mmengine.structures import BaseDataElement

from gvseg.formats.files import write_bytes
from gvseg.utils.errors import InputError

from .drawing import Style, enlarge, legend, overlay
from .layout import contact_sheet, evenly_spaced_frames, identity_names, sheet_width, side_by_side
from .segments import FrameSegments, predicted_segments, true_segments
from .video_file import VideoFile, cannot_write

ROW_TITLES = ('input', 'prediction', 'ground truth')


class PackedSegments:
    """Segments with compressed masks, so that a whole video fits into memory."""

    def __init__(self, segments: FrameSegments) -> None:
        self._shape = segments.masks.shape
        self._bits = zlib.compress(np.packbits(segments.masks).tobytes(), 1)
        self._rest = replace(segments, masks=np.zeros(0, bool))

    def unpack(self) -> FrameSegments:
        """The original segments."""
        bits = np.frombuffer(zlib.decompress(self._bits), np.uint8)
        masks = np.unpackbits(bits, count=int(np.prod(self._shape))).reshape(self._shape).astype(bool)
        return replace(self._rest, masks=masks)


@dataclass
class RecordedVideo:
    """Frames of one video recorded so far, in order.

    Attributes:
        name: stem of its files.
        paths: image files.
        predicted: predictions.
        truth: ground truth; ``None`` for frames without.
    """

    name: str
    paths: list[str] = field(default_factory=list)
    predicted: list[PackedSegments] = field(default_factory=list)
    truth: list[PackedSegments | None] = field(default_factory=list)


class VideoRecorder:
    """Writes ``<name>.mp4`` and ``<name>.png`` for the first videos it sees.

    Frames of a video come in order, videos one after the other. A video's files are written as soon as the next one
    begins, so an interruption loses the current one only.

    Args:
        out_dir: where files go.
        prefix: put before the files' names.
        videos: how many videos to record; later ones are ignored.
        fps: frame rate of the video files.
        columns: frames in a contact sheet.
        min_score: instances below are not drawn.
        style: how segments are drawn.
    """

    def __init__(
        self,
        out_dir: str | Path,
        prefix: str = '',
        videos: int = 2,
        fps: float = 8.0,
        columns: int = 6,
        min_score: float = 0.3,
        style: Style = Style(),
    ) -> None:
        self.out_dir, self.prefix, self.videos = Path(out_dir), prefix, videos
        self.fps, self.columns, self.min_score, self.style = fps, columns, min_score, style
        self.files: list[Path] = []
        self._seen: set = set()
        self._id: object = None
        self._video: RecordedVideo | None = None

    def add(self, sample: BaseDataElement, class_names: Sequence[str] = ()) -> None:
        """Record the next frame: prediction, ground truth if present, path of the image."""
        video_id = sample.metainfo.get('video_id')
        if video_id not in self._seen:
            self.finish()
            self._seen.add(video_id)
            if len(self._seen) <= self.videos:
                self._id, self._video = video_id, RecordedVideo(self._file_stem(video_id))
        if self._video is None or video_id != self._id:
            return
        truth = true_segments(sample, class_names)
        self._video.paths.append(sample.img_path)
        self._video.predicted.append(PackedSegments(predicted_segments(sample, class_names, self.min_score)))
        self._video.truth.append(None if truth is None else PackedSegments(truth))

    def finish(self) -> list[Path]:
        """Write the files of the current video, if there is one.

        Returns:
            All files written so far.

        Raises:
            WorkDirError: folder not writable or disk full; names the file.
        """
        video, self._video = self._video, None
        if video is not None and video.paths:
            truth = None
            if all(frame is not None for frame in video.truth):
                names = identity_names(list(_unpacked(video.predicted)), list(_unpacked(video.truth)))
                truth = lambda index: video.truth[index].unpack().renamed(names)  # noqa: E731
            self._write_sheet(video, truth)
            self._write_video(video, truth)
        return self.files

    def _file_stem(self, video_id: object) -> str:
        return self.prefix + 'video-' + re.sub(r'[^\w.-]+', '_', str(video_id))

    def _panels(self, video: RecordedVideo, truth, index: int) -> tuple[list[np.ndarray], list[FrameSegments]]:
        """Input, prediction and truth of a frame, and the segments drawn."""
        image = read_rgb(video.paths[index])
        drawn = [video.predicted[index].unpack()] + ([] if truth is None else [truth(index)])
        return [enlarge(image, self.style)] + [overlay(image, segments, self.style) for segments in drawn], drawn

    def _write_sheet(self, video: RecordedVideo, truth) -> None:
        chosen = evenly_spaced_frames(len(video.paths), self.columns)
        columns = [self._panels(video, truth, index) for index in chosen]
        rows = list(zip(*(panels for panels, _ in columns)))
        footer = legend((segments for _, drawn in columns for segments in drawn), sheet_width(len(chosen)))
        sheet = contact_sheet(rows, ROW_TITLES, [f'frame {index}' for index in chosen], video.name, footer)
        self.files.append(write_png(self.out_dir / f'{video.name}.png', sheet))

    def _write_video(self, video: RecordedVideo, truth) -> None:
        with VideoFile(self.out_dir / f'{video.name}.mp4', self.fps) as file:
            for index in range(len(video.paths)):
                file.write(side_by_side(self._panels(video, truth, index)[0], ROW_TITLES))
        self.files.append(file.path)


def _unpacked(frames: Sequence[PackedSegments]):
    return (frame.unpack() for frame in frames)


def read_rgb(path: str | Path) -> np.ndarray:
    """Read an image file as RGB (H, W, 3) uint8; its path may have any characters.

    Raises:
        InputError: missing or not an image; names the file.
    """
    if not Path(path).is_file():
        raise InputError(
            f'Image {path} does not exist: it was moved or deleted after it had been segmented. Put it '
            'back and run again.'
        )
    data = np.fromfile(path, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if image is None:
        raise InputError(f'Image {path} cannot be read: it is empty or damaged. Replace it.')
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def write_png(path: str | Path, image: np.ndarray) -> Path:
    """Write an RGB image atomically.

    Raises:
        WorkDirError: folder not writable or disk full; names the file.
    """
    data = cv2.imencode('.png', cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
    try:
        return write_bytes(path, data)
    except OSError as error:
        raise cannot_write(Path(path), error) from error
