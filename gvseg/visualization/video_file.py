"""H.264 video files that browsers play and that survive an interruption."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType, TracebackType

import numpy as np

from gvseg.utils.errors import InputError, WorkDirError

FRAGMENT_FRAMES = 12
TICKS = 90_000  # clock ticks per second; a multiple of every usual frame rate
# Fragments while writing, a plain mp4 at the end; a second (in microseconds) of frames may be buffered for sound.
MP4_OPTIONS = dict(movflags='hybrid_fragmented', flush_packets='1', max_interleave_delta='1000000')
UNSPECIFIED = (0, 2)  # values of a colour tag that say nothing
BT709 = 1
MATRICES = {1: 'ITU709', 5: 'ITU601', 6: 'ITU601'}
"""Matrices of colours that frames can be written with."""
RANGES = {1: 'MPEG', 2: 'JPEG'}
MAX_RATE_RATIO, MIN_RATE = 2.0, 0.05
"""Highest bit rate as a multiple of the source's; never below so many bits a pixel, for which drawings need room."""


class MissingVideoLibraryError(InputError):
    """PyAV is not installed."""


@dataclass(frozen=True)
class VideoTraits:
    """What a video file shares with the one that it is made from.

    Colours are in FFmpeg's numbers, which are those of ITU-T H.273; the default is BT.709 of limited range, which
    players assume for HD video.

    Attributes:
        matrix: matrix coefficients.
        primaries: colour primaries.
        transfer: transfer characteristics.
        colour_range: 1 limited, 2 full.
        bit_rate: bits per second of the video stream; ``None``: unknown.
        size: (H, W) of its frames; ``None``: unknown.
    """

    matrix: int = BT709
    primaries: int = BT709
    transfer: int = BT709
    colour_range: int = 1
    bit_rate: float | None = None
    size: tuple[int, int] | None = None

    @classmethod
    def of_stream(cls, stream) -> 'VideoTraits':
        """Those of a video stream of PyAV; where it has no matrix that can be written, colours are BT.709."""
        context = stream.codec_context
        matrix = context.colorspace if context.colorspace in MATRICES else BT709
        tagged = (context.color_primaries, context.color_trc)
        primaries, transfer = (matrix if value in UNSPECIFIED else value for value in tagged)
        return cls(
            matrix,
            primaries,
            transfer,
            context.color_range if context.color_range in RANGES else 1,
            stream.bit_rate or stream.container.bit_rate or None,
            (stream.height, stream.width),
        )

    def max_rate(self, size: tuple[int, int], fps: float) -> int | None:
        """Highest bit rate of a video with frames of another size (H, W) that shows the same; ``None``: any."""
        if not self.bit_rate or not self.size:
            return None
        pixels = size[0] * size[1]
        ratio = pixels / (self.size[0] * self.size[1])
        return round(max(MAX_RATE_RATIO * self.bit_rate * ratio, MIN_RATE * pixels * fps))


class VideoFile:
    """Writes RGB frames to an mp4 file, to be used in a ``with`` statement.

    The file is written in fragments of ``FRAGMENT_FRAMES`` frames and turned into a plain mp4 when it is closed: after
    a crash the file plays up to its last fragment.

    Args:
        path: of the mp4 file; its folder is created.
        fps: frames per second, greater than 0.
        traits: colour tags, which are kept, and bit rate, which is hardly exceeded, of the video that it shows.

    Attributes:
        sound: a :class:`gvseg.visualization.sound.SoundTrack` to copy, up to the end of the last frame; may be set
            until the first frame is written.

    Raises:
        WorkDirError: folder not writable or disk full; names the file. Frames written before stay playable.
    """

    def __init__(self, path: str | Path, fps: float = 12.0, traits: VideoTraits = VideoTraits()) -> None:
        if fps <= 0:
            raise ValueError(f'{path}: a video needs a positive frame rate, got {fps}')
        self.path, self.fps, self.traits = Path(path), fps, traits
        self.frames, self.sound = 0, None
        self._tick, self._time = -1, -1 / fps
        self._container = self._stream = None

    def __enter__(self) -> 'VideoFile':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except WorkDirError:
            if kind is None:
                raise

    def write(self, image: np.ndarray, time: float | None = None) -> None:
        """Append a frame.

        Args:
            image: (H, W, 3) uint8 RGB; all frames have the first one's size, odd sizes are padded by a pixel.
            time: when it is shown, in seconds from the first; ``None``: a frame's time after the one before.
        """
        av = import_av()
        image = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)), mode='edge')
        try:
            if self._container is None:
                self._open(image.shape[:2])
            if image.shape[:2] != (self._stream.height, self._stream.width):
                raise ValueError(
                    f'{self.path}: frame {self.frames} is {image.shape[1]}x{image.shape[0]}, the frames '
                    f'before are {self._stream.width}x{self._stream.height}'
                )
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format='rgb24').reformat(
                format='yuv420p',
                dst_colorspace=MATRICES[self.traits.matrix],
                dst_color_range=RANGES[self.traits.colour_range],
            )
            frame.pts, frame.time_base = self._next_tick(time), Fraction(1, TICKS)
            if self.sound:
                self.sound.copy_until(self._container, self._time)
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self.frames += 1

    def close(self) -> None:
        """Finish the file; safe to call again."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            try:
                for packet in self._stream.encode():
                    container.mux(packet)
                if self.sound:
                    self.sound.finish(container, self._time + 1 / self.fps)
            finally:
                container.close()
                if self.sound:
                    self.sound.close()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _next_tick(self, time: float | None) -> int:
        """When the next frame is shown, always after the one before."""
        self._time = self._time + 1 / self.fps if time is None else time
        self._tick = max(self._tick + 1, round(self._time * TICKS))
        return self._tick

    def _open(self, size: tuple[int, int]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._container = import_av().open(str(self.path), 'w', format='mp4', options=MP4_OPTIONS)
        self._stream = self._container.add_stream(
            'libx264', rate=Fraction(self.fps).limit_denominator(1000), options=self._encoder_options(size)
        )
        self._stream.height, self._stream.width = size
        self._stream.pix_fmt = 'yuv420p'
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._stream.codec_context.gop_size = FRAGMENT_FRAMES
        context, traits = self._stream.codec_context, self.traits
        context.colorspace, context.color_range = traits.matrix, traits.colour_range
        context.color_primaries, context.color_trc = traits.primaries, traits.transfer
        if self.sound:
            self.sound.attach(self._container)

    def _encoder_options(self, size: tuple[int, int]) -> dict[str, str]:
        """Constant quality, limited where the source's bit rate is known."""
        options = dict(preset='veryfast', crf='20', tune='zerolatency')
        rate = self.traits.max_rate(size, self.fps)
        return options if rate is None else dict(options, maxrate=str(rate), bufsize=str(rate))


def import_av() -> ModuleType:
    """Import PyAV, only when a video file is opened, since everything else works without it.

    Raises:
        MissingVideoLibraryError: it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingVideoLibraryError(
            'Video files are read and written by PyAV, which is not installed: run '
            '"pip install av", or give a folder of frames.'
        ) from error
    return av


def cannot_write(path: str | Path, error: OSError) -> WorkDirError:
    """Error for an output that cannot be written: folder not writable, disk full."""
    return WorkDirError(
        f'Cannot write {path}: {error.strerror or error}. Free some space or choose another folder; '
        'finished results are kept.'
    )
