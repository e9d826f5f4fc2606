"""Base class of metrics that process one video at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mmdet.evaluation.metrics import BaseVideoMetric

from gvseg.formats.errors import InputError

from .frame_access import describe, frames_of


@dataclass(frozen=True)
class VideoResult:
    """Result of a finished video in one process: counts or scores, frames processed and frames of the video."""

    video: Any
    frames: int
    length: int | None
    payload: Any


class VideoWiseMetric(BaseVideoMetric):
    """Processes the new frames of clips in order by `open_video`, `add_frame`, `close_video` and `aggregate`.

    A process must receive the frames of a video consecutively. If sampler padding sends a video, or a part of it, to
    several processes, its longest result counts; a video that no process completed is an error.

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
        """Create the state of the video that starts with this frame."""
        raise NotImplementedError

    def add_frame(self, state: Any, frame: Any) -> None:
        """Add a frame to the state."""
        raise NotImplementedError

    def close_video(self, state: Any) -> Any:
        """Result of a video, small and picklable."""
        raise NotImplementedError

    def aggregate(self, payloads: Sequence[Any]) -> dict[str, float]:
        """Scores over all videos, each given once."""
        raise NotImplementedError

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Process the new frames of a batch of clips.

        Raises:
            InputError: a frame is missing, repeated or out of order.
        """
        for frame in frames_of(data_samples):
            self._enter(frame)
            self.add_frame(self._state, frame)
            self._frames += 1

    def evaluate(self, size: int = 1) -> dict[str, float]:
        """Finish the last video, gather results from all processes and compute the scores."""
        self._close()
        return super().evaluate(size)

    def compute_metrics(self, results: list[VideoResult]) -> dict[str, float]:
        """Scores of the gathered videos.

        Raises:
            InputError: a video is incomplete.
        """
        return self.aggregate([result.payload for result in self._complete(results)])

    def _complete(self, results: Iterable[VideoResult]) -> list[VideoResult]:
        """Longest result of each video."""
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
        """Start a new video at its first frame; check the order otherwise."""
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
        """Append the result of the current video."""
        if self._state is not None:
            payload = self.close_video(self._state)
            self.results.append(VideoResult(self._video, self._frames, self._length, payload))
        self._state, self._video, self._length, self._frames = None, None, None, 0
