"""Base of the metrics that keep one open video per process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mmdet.evaluation.metrics import BaseVideoMetric

from gvseg.formats.errors import InputError

from .frame_access import describe, frames_of


@dataclass(frozen=True)
class VideoResult:
    """What a process keeps of a closed video: its counts or scores, how many frames it saw and how many there are."""

    video: Any
    frames: int
    length: int | None
    payload: Any


class VideoWiseMetric(BaseVideoMetric):
    """Takes the new frames of clips in order and calls `open_video`, `add_frame`, `close_video`, `aggregate`.

    A process must see the frames of a video one after the other. A video that a sampler's padding gave to two
    processes, or in part, counts once, with its longest result; a video that nobody saw to its end is an error.

    Args:
        format_only: compute nothing, only write files.
        outfile_prefix: where files are written; needed by format_only.
        prefix, collect_device: as in mmengine's BaseMetric.
    """

    def __init__(
        self,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        prefix: str | None = None,
        collect_device: str = 'cpu',
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if format_only and not outfile_prefix:
            raise ValueError(f'{type(self).__name__}: format_only needs outfile_prefix, the place to write to')
        self.format_only, self.outfile_prefix = format_only, outfile_prefix
        self._state: Any = None
        self._video: Any = None
        self._length: int | None = None
        self._frames = 0

    def open_video(self, frame: Any) -> Any:
        """State of the video that starts with this frame."""
        raise NotImplementedError

    def add_frame(self, state: Any, frame: Any) -> None:
        """Count a frame into the state."""
        raise NotImplementedError

    def close_video(self, state: Any) -> Any:
        """What is kept of a video; small and picklable."""
        raise NotImplementedError

    def aggregate(self, payloads: Sequence[Any]) -> dict[str, float]:
        """Numbers of all videos (none of them twice)."""
        raise NotImplementedError

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Count the new frames of a batch of clips.

        Raises:
            InputError: a frame is missing, repeated or out of order.
        """
        for frame in frames_of(data_samples):
            self._enter(frame)
            self.add_frame(self._state, frame)
            self._frames += 1

    def evaluate(self, size: int = 1) -> dict[str, float]:
        """Close the last video, gather from all processes and compute."""
        self._close()
        return super().evaluate(size)

    def compute_metrics(self, results: list[VideoResult]) -> dict[str, float]:
        """Numbers of the gathered videos.

        Raises:
            InputError: a video was not seen to its end.
        """
        return self.aggregate([result.payload for result in self._complete(results)])

    def _complete(self, results: Iterable[VideoResult]) -> list[VideoResult]:
        """One result per video, the longest."""
        longest: dict[Any, VideoResult] = {}
        for result in results:
            known = longest.get(result.video)
            if known is None or result.frames > known.frames:
                longest[result.video] = result
        for result in longest.values():
            if result.length is not None and result.frames != result.length:
                raise InputError(
                    f'{type(self).__name__}: video {result.video} has {result.length} frames, '
                    f'{result.frames} were predicted'
                )
        return list(longest.values())

    def _enter(self, frame: Any) -> None:
        """Open a new video at its first frame; check the order otherwise."""
        index = int(frame.get('frame_id', self._frames))
        if self._state is None or index == 0 or frame.get('video_id', None) != self._video:
            self._close()
            self._video = frame.get('video_id', None)
            self._length = frame.get('ori_video_length', frame.get('video_length', None))
            self._state = self.open_video(frame)
        if index != self._frames:
            raise InputError(
                f'{type(self).__name__}: {describe(frame)} came where frame {self._frames} of its '
                'video was due; every frame must arrive once, in order, in one process (a sampler '
                'that hands out whole videos)'
            )

    def _close(self) -> None:
        """Move the open video to the results."""
        if self._state is not None:
            payload = self.close_video(self._state)
            self.results.append(VideoResult(self._video, self._frames, self._length, payload))
        self._state, self._video, self._length, self._frames = None, None, None, 0
