"""Copy the sound of a video file into another one, packet by packet, without decoding it."""

import io
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .video_file import MP4_OPTIONS, import_av

TRIAL_PACKETS = 4


class SoundTrack:
    """The first audio stream of a file, for :class:`VideoFile`.

    Nothing is copied where a file has no sound, or (with a warning) sound that an mp4 cannot hold.

    Args:
        path: the file.
        start: time in the file, in seconds, that becomes 0; sound before is left out.
    """

    def __init__(self, path: str | Path, start: float = 0.0) -> None:
        self.path, self.start = Path(path), start
        self._source = self._target = self._next = None
        self._last_tick: int | None = None
        self._copied = False

    def attach(self, container) -> None:
        """Add the sound's stream to the output container; call it before the first packet is written."""
        try:
            self._source = import_av().open(f'file:{self.path}', metadata_errors='replace')
            template = next(iter(self._source.streams.audio), None)
            if template is None:
                return self.close()
            if template.codec_context is None:
                raise ValueError('no decoder is known')
            self._try_out(template)
            self._target = container.add_stream_from_template(template, opaque=True)
            self._packets = self._shifted(template)
        except self._faults() as error:
            self._leave_out(error)

    def copy_until(self, container, seconds: float) -> None:
        """Write the packets that begin before a time of the output."""
        while self._target is not None and (packet := self._peek()) is not None:
            if packet.pts * packet.time_base >= seconds:
                return
            self._copy_next(container)

    def finish(self, container, seconds: float) -> None:
        """Write the rest up to the end of the video; at least a packet, since an mp4 may have no empty stream."""
        self.copy_until(container, seconds)
        if self._target is not None and not self._copied and self._peek() is not None:
            self._copy_next(container)
        self.close()

    def _peek(self):
        """The next packet; ``None`` at the end."""
        if self._next is None:
            self._next = next(self._packets, None)
        return self._next

    def _copy_next(self, container) -> None:
        packet, self._next = self._next, None
        packet.stream, self._copied = self._target, True
        av = import_av()
        try:
            container.mux(packet)
        except (av.error.ArgumentError, av.error.InvalidDataError) as error:
            self._leave_out(error)

    def close(self) -> None:
        """Close the input file; no more is copied."""
        self._target = self._next = None
        if self._source is not None:
            self._source.close()

    def _shifted(self, stream) -> Iterator:
        """The packets at their new times, in order; ends at the first that cannot be read."""
        shift = round(self.start / stream.time_base)
        try:
            for packet in self._source.demux(stream):
                if not packet.size or packet.pts is None or packet.dts is None:
                    continue
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                if packet.pts >= 0 and (self._last_tick is None or packet.dts > self._last_tick):
                    self._last_tick = packet.dts
                    yield packet
        except self._faults() as error:
            self._leave_out(error)

    def _try_out(self, template) -> None:
        """Write the first packets into a file in memory, since a stream that mp4 refuses corrupts the output."""
        av = import_av()
        with (
            av.open(f'file:{self.path}', metadata_errors='replace') as source,
            av.open(io.BytesIO(), 'w', format='mp4', options=MP4_OPTIONS) as trial,
        ):
            stream = trial.add_stream_from_template(template, opaque=True)
            packets = [
                packet
                for packet in islice(source.demux(source.streams.audio[0]), TRIAL_PACKETS)
                if packet.size and packet.dts is not None
            ]
            if not packets:
                raise ValueError('nothing of it can be read')
            for packet in packets:
                packet.stream = stream
                trial.mux(packet)

    def _leave_out(self, error: Exception) -> None:
        warnings.warn(
            f'The sound of {self.path} is left out, or ends early: an mp4 cannot hold it, or it is damaged '
            f'({getattr(error, "strerror", None) or error}).',
            stacklevel=2,
        )
        self.close()

    @staticmethod
    def _faults() -> tuple[type[Exception], ...]:
        return import_av().error.FFmpegError, OSError, ValueError, MemoryError
