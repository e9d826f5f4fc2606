"""Decode the frames of a video file, also of a damaged one.

Shapes:
    H W: frame size.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from gvseg.utils.errors import InputError
from gvseg.visualization.video_file import UNSPECIFIED, VideoTraits, import_av

MAX_PIXELS = 8192 * 8192  # of a frame; twice 8K
MAX_FPS = 1000.0
MAX_GAP, MAX_STEP_BACK = 3600.0, 1.0  # seconds between two frames; other time stamps are damaged
MAX_READ_ERRORS = 64  # in a row; a cut file has one for each frame that is missing
MICROSECONDS = 1_000_000
END_TOLERANCE = 1.0  # seconds by which a container's duration may exceed that of its last packet
HD_HEIGHT = 720  # of frames whose untagged colours are BT.709, as players assume
PRECISE_DURATIONS = ('matroska', 'webm')  # containers with a duration but no number of frames


class VideoDecoder:
    """Frames of a video file in order; may be iterated again.

    A damaged frame is skipped and reported; reading continues after a damaged part.

    Args:
        path: the file.
        fps: frame rate to assume where the file has none.
        skipped: called with a description of the skipped part and the reason.

    Attributes:
        fps: frames per second.
        length: number of frames that the header declares; ``None``: unknown.
        traits: colour tags and bit rate.
        start: time stamp of the first frame in seconds, known while iterating.
        missing: number of declared frames that were skipped, known after iterating.
        cut: message for a truncated file, known after iterating.

    Raises:
        InputError: no video, no decoder for it, or frames of more than ``MAX_PIXELS``; names the file.
    """

    def __init__(self, path: Path, fps: float, skipped: Callable[[str, object], None]) -> None:
        self.path, self.fps, self._skipped = path, fps, skipped
        self.start: float | None = None
        self.missing, self.cut = 0, ''
        with open_video(path) as container:
            stream = video_stream(container, path)
            rate = float(stream.average_rate or 0)
            self.fps = rate if 0 < rate <= MAX_FPS else fps
            self.length = number_of_frames(stream)
            self.traits = VideoTraits.of_stream(stream)

    def __iter__(self) -> Iterator[tuple[np.ndarray, float | None]]:
        """Images (H, W, 3) uint8 BGR, upright, and their times in seconds since the first."""
        self.start, self.missing, self.cut = None, 0, ''
        self._read, self._errors, self._end = 0, 0, 0.0
        self._faults: list[tuple[int, Exception]] = []
        count, before = 0, None
        with open_video(self.path) as container:
            stream = video_stream(container, self.path)
            for frame in self._decoded(container, stream):
                image = self._image(frame, count)
                if image is not None:
                    before = self._seconds(frame.time, before)
                    yield image, before
                    count += 1
            self._sum_up(count, container)

    def _decoded(self, container, stream) -> Iterator:
        """Decoded frames; errors are collected in ``_faults``."""
        for packet in self._packets(container, stream):
            try:
                yield from stream.codec_context.decode(packet)
            except self._damage() as error:
                self._faults.append((self._read, error))

    def _packets(self, container, stream) -> Iterator:
        """Packets; ``None`` at the end. Unreadable ones are skipped."""
        errors = 0  # since the last packet
        streams = list(container.streams) if _tells_duration(container) else [stream]
        while errors <= MAX_READ_ERRORS:
            try:
                for packet in container.demux(streams):
                    self._end = max(self._end, _end_of(packet))
                    if packet.stream_index != stream.index or packet.dts is None and not packet.size:
                        continue  # of another stream, or PyAV's end marker
                    self._report_faults()
                    self._read, errors = self._read + 1, 0
                    if packet.size:  # an empty one repeats a frame; the decoder would take it for the end
                        yield packet
                break
            except self._damage() as error:
                errors += 1
                self._faults.append((self._read, error))
        yield None

    def _report_faults(self) -> None:
        """Count and report the parts found damaged since the last report."""
        for place, error in self._faults:
            self._errors += 1
            self._skipped(f'a part of {self.path}, {place} frames from its start,', error)
        self._faults.clear()

    def _image(self, frame, count: int) -> np.ndarray | None:
        """(H, W, 3) uint8 BGR, or ``None`` where the frame is unusable."""
        reason: object = 'its decoder calls it corrupt'
        if not frame.is_corrupt:
            try:
                return apply_exif_rotation(to_bgr(frame), frame)
            except self._damage() as error:
                reason = error
        self._errors += 1
        self._skipped(f'a frame after frame {count - 1} of {self.path}', reason)
        return None

    def _seconds(self, time: float | None, before: float | None) -> float | None:
        """Time since the first frame, always increasing; a damaged time stamp is replaced by one frame interval."""
        if time is None or not math.isfinite(time):
            return None if before is None else before + 1 / self.fps
        if self.start is None:
            self.start = self._origin = time
        seconds = time - self._origin
        if before is None:
            return seconds
        if not before - MAX_STEP_BACK < seconds < before + MAX_GAP:  # a damaged time, or the clock starts anew
            seconds = before + 1 / self.fps
            self._origin = time - seconds
        return max(seconds, before + 0.1 / self.fps)

    def _sum_up(self, count: int, container) -> None:
        """Distinguish a truncated file from one with damaged frames."""
        whole = (container.duration or 0) / MICROSECONDS
        if self.length and self._read < self.length:
            self.cut = f'{count} of {self.length} frames'
        elif _tells_duration(container) and 0 < self._end < whole - END_TOLERANCE:
            self.cut = f'{self._end:.1f} of {whole:.1f} seconds ({count} frames)'
        if self.cut:  # faults after the last whole frame are its consequence
            self.cut = (
                f'{self.path}: the file ends after {self.cut}, the rest is missing. Copy it again from where '
                'it came from.'
            )
        else:
            self._report_faults()
        if self._errors:  # after an error, a decoder gives no frames until the next key frame
            self.missing = max(self._errors, self._read - len(self._faults) - count)

    @staticmethod
    def _damage() -> tuple[type[Exception], ...]:
        """What PyAV raises at damaged content."""
        return import_av().error.FFmpegError, OSError, ValueError, MemoryError


def open_video(path: Path):
    """The container of a video file, opened for reading.

    Raises:
        InputError: it cannot be opened; names the file.
    """
    av = import_av()
    try:
        # "file:" keeps FFmpeg from parsing the part of a name before a colon as a protocol. Text of the file's
        # metadata may be in any encoding.
        return av.open(f'file:{path}', metadata_errors='replace')
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise InputError(
            f'{path} is not a video that can be read ({reason}). Give a video file such as mp4, or a folder of frames.'
        ) from error


def video_stream(container, path: Path):
    """The first video stream that can be decoded.

    Raises:
        InputError: there is none, or its frames are too large; names the file.
    """
    streams = container.streams.video
    if not streams:
        raise InputError(f'{path} holds no video stream, only sound or text. Give a video file or a folder of frames.')
    # Opening a stream without a decoder crashes the process in PyAV.
    stream = next((stream for stream in streams if stream.codec_context is not None), None)
    if stream is None:
        raise InputError(
            f'{path} uses a codec that the installed PyAV cannot decode, or its header is '
            'damaged. Convert it, for example with "ffmpeg -i IN -c:v libx264 OUT.mp4".'
        )
    if stream.width * stream.height > MAX_PIXELS:
        raise InputError(
            f'{path} has frames of {stream.width}x{stream.height}; at most {MAX_PIXELS} pixels are '
            'taken. Convert it to a smaller size, or its header is damaged.'
        )
    stream.codec_context.options = dict(max_pixels=str(MAX_PIXELS))
    return stream


def number_of_frames(stream) -> int | None:
    """Number of frames that the header declares, without those its edit list removes; ``None``: unknown."""
    counts = [count for count in (stream.frames, len(stream.index_entries)) if count > 0]
    return min(counts) if stream.frames > 0 else None


def to_bgr(frame) -> np.ndarray:
    """The image of a decoded frame, (H, W, 3) uint8 BGR, by the colour tags that it carries."""
    if frame.colorspace in UNSPECIFIED and frame.height >= HD_HEIGHT and 'yuv' in frame.format.name:
        frame = frame.reformat(format='bgr24', src_colorspace='ITU709')
    return frame.to_ndarray(format='bgr24')


def apply_exif_rotation(image: np.ndarray, frame: object) -> np.ndarray:
    """Apply the rotation that the file declares; phones store frames in the sensor's orientation.

    Args:
        image: (H, W, 3).
        frame: decoded frame with ``rotation``: degrees counterclockwise.
    """
    degrees = getattr(frame, 'rotation', 0)
    turns = round(degrees / 90) % 4 if math.isfinite(degrees) else 0
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _tells_duration(container) -> bool:
    """Whether a container declares a duration (of its longest stream) instead of a number of frames."""
    return container.format.name.split(',')[0] in PRECISE_DURATIONS


def _end_of(packet) -> float:
    """End of a packet's display time in seconds; 0: unknown."""
    if packet.pts is None or packet.time_base is None:
        return 0.0
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)
