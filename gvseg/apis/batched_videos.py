"""Segment several videos whose clips share batches of the network.

A model's network sees one clip, not its video: it runs on several clips at once, and their identities are linked clip
by clip, as at test (:meth:`gvseg.models.segmenters.GvSeg.predict`). Clips are read video by video; where the last ones
of a video do not fill a batch, the next video is opened and its first ones do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import Any, Protocol

from mmdet.structures import DetDataSample

from gvseg.utils.errors import InputError

from .clip_pipeline import predict_clips
from .clip_window import ClipWindow
from .overlap import prefetch
from .video_inputs import open_video
from .video_session import Segmenter
from .video_source import VideoFrame, VideoSource

BatchedResult = tuple[VideoFrame, DetDataSample]


class ResettableSegmenter(Segmenter, Protocol):
    """What several videos need of a :class:`gvseg.apis.VideoSegmenter`."""

    def reset(self) -> None:
        """Forget the current video."""
        ...


def segment_videos(
    segmenter: ResettableSegmenter, videos: Iterable[Any], batch_size: int = 4
) -> Iterator[Iterator[BatchedResult]]:
    """Segment several videos; results are those of one after the other.

    Args:
        segmenter: of a model that takes no object prompts; it segments nothing else meanwhile.
        videos: see :func:`gvseg.apis.open_video`.
        batch_size: clips, of one or several videos, that the network sees at once.

    Yields:
        For each video its frames with their results, as :meth:`VideoSegmenter.segment_with_frames`, to be taken before
        the next. A video that cannot be opened or read raises its error there, and leaves the others alone.

    Raises:
        InputError: the model takes object prompts, or ``batch_size`` is below 1.
    """
    if segmenter.takes_objects:
        raise InputError(f'{segmenter.config.filename} takes object prompts: segment one video after the other.')
    if batch_size < 1:
        raise InputError(f'batch_size={batch_size}: a batch has at least one clip.')
    with closing(BatchedVideos(segmenter, [partial(open_video, video) for video in videos], batch_size)) as batched:
        for video in batched.videos:
            with closing(video):
                yield video.pairs()


class BatchedVideo:
    """One of several videos.

    Args:
        opener: opens it, once.
        advance: segments the next batch, whose results it gives to their videos.

    Attributes:
        waiting: frames whose result is not known yet.
        results: frames with their results that nobody took yet.
        error: why its results end early.
        is_read: whether all of its clips went into batches.
        is_closed: whether its results are no longer wanted.
    """

    def __init__(self, opener: Callable[[], VideoSource], advance: Callable[[], None]) -> None:
        self._opener, self._advance = opener, advance
        self._source: VideoSource | None = None
        self.waiting: deque[VideoFrame] = deque()
        self.results: deque[BatchedResult] = deque()
        self.error: Exception | None = None
        self.is_read = self.is_closed = False

    @property
    def source(self) -> VideoSource:
        """Its frames; raises what the opener raises."""
        if self._source is None:
            self._source = self._opener()
        return self._source

    def pairs(self) -> Iterator[BatchedResult]:
        """Its frames with their results, as :meth:`VideoSegmenter.segment_with_frames`; to be taken once.

        Raises:
            InputError: it cannot be opened or read; results of the whole clips before come first. Or it was closed.
        """
        with closing(self):
            while True:
                while self.results:
                    yield self.results.popleft()
                if self.is_read or self.is_closed:
                    break
                self._advance()
            if self.error is not None:
                raise self.error
            if self.is_closed:
                raise InputError('The results of each of several videos are to be taken before those of the next.')

    def take(self, samples: Iterable[DetDataSample]) -> None:
        """Keep the results of its next frames."""
        for sample in samples:
            frame = self.waiting.popleft()
            sample.set_metainfo(dict(img_path=frame.name))
            if not self.is_closed:
                self.results.append((frame, sample))

    def fail(self, error: Exception) -> None:
        """Its clips cannot be segmented; the rest of it is not read."""
        self.error = error

    def close(self) -> None:
        """Its results are no longer wanted; the rest of it is not read."""
        self.is_closed = True
        self.results.clear()


class BatchedVideos:
    """Several videos, whose results are to be taken in their order.

    Memory holds the frames and results of one batch, and four frames that are read ahead.

    Args:
        segmenter: its current video is forgotten, it segments nothing else meanwhile; its model takes no prompts.
        openers: functions that open the videos; each is called when the videos before it are read.
        batch_size: clips that the network sees at once.

    Attributes:
        videos: in their order.
    """

    def __init__(
        self, segmenter: ResettableSegmenter, openers: Iterable[Callable[[], VideoSource]], batch_size: int
    ) -> None:
        self._segmenter, self._batch_size = segmenter, batch_size
        self.videos = [BatchedVideo(opener, self._segment_batch) for opener in openers]
        self._clips = self._read_clips()
        segmenter.reset()
        self._state = segmenter.model.state

    def close(self) -> None:
        """Stop reading."""
        self._clips.close()
        for video in self.videos:
            video.close()

    def _segment_batch(self) -> None:
        """Segment the next clips; fewer than a batch at the end of the last video."""
        batch = []
        for video, packed in self._clips:
            batch.append((video, packed))
            if len(batch) == self._batch_size:
                break
        if not batch:
            return
        model = self._segmenter.model
        try:
            with self._segmenter.lock:
                if model.state is not self._state:
                    raise InputError('Another video was segmented meanwhile: that needs a VideoSegmenter of its own.')
                found = predict_clips(model, [packed for _, packed in batch])
                self._state = model.state
        except Exception as error:
            for video, _ in batch:
                video.fail(error)
            return
        for (video, _), samples in zip(batch, found):
            video.take(samples)

    def _read_clips(self) -> Iterator[tuple[BatchedVideo, dict]]:
        """Clips of all videos in order; an error ends its video only, which raises it once its results are taken."""
        for number, video in enumerate(self.videos):
            try:
                if not video.is_closed:
                    with closing(prefetch(video.source.frames())) as frames:
                        yield from self._clips_of(video, frames, f'video {number}')
            except Exception as error:
                video.error = error
            video.is_read = True

    def _clips_of(self, video: BatchedVideo, frames: Iterable[VideoFrame], name: str) -> Iterator[tuple]:
        """The clips of one video, packed for the network."""
        pipeline = self._segmenter.pipeline
        window = ClipWindow(self._segmenter.clip_length, self._segmenter.clip_overlap)
        for frame in frames:
            if video.is_closed or video.error is not None:
                return
            window.check(frame.image)
            window.frames.append(frame.image)
            video.waiting.append(frame)
            if window.is_full:
                yield video, pipeline.prepare(*window.take(), name, ())
        if window.has_rest:
            yield video, pipeline.prepare(*window.take(), name, ())
