"""Segment any video, clip by clip, as its frames arrive.

Shapes:
    T: frames of a clip; H W: frame size.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from mmdet.structures import DetDataSample
from mmengine.config import Config

from gvseg.utils.errors import InputError
from gvseg.visualization import predicted_segments

from .batched_videos import BatchedResult, segment_videos
from .clip_pipeline import ClipPipeline, clip_sizes, predict_clip
from .clip_window import ClipWindow
from .loading import class_names, load_model
from .object_prompts import ObjectPrompts
from .object_reports import ObjectReport
from .overlap import prefetch
from .pretrained import find_model, task_model
from .prompted_video import segment_with_prompts
from .shown_objects import ObjectPrompt
from .video_inputs import check_order, open_video, to_bgr
from .video_result import FrameResult, VideoResult
from .video_session import VideoSession
from .video_source import VideoFrame

SHIPPED = 'shipped'


class VideoSegmenter:
    """Segments videos with a trained model, one after the other.

        segmenter = VideoSegmenter('evs')
        result = segmenter('dog.mp4', objects=[dict(frame_index=0, point=(200, 110))])
        result.save('segmented.mp4')

    Frames go in one at a time; a frame's result comes out as soon as its clip is complete. Except for a
    :class:`VideoResult`, memory does not grow with the video. Results equal those of ``tools/test.py`` on the same
    frames. Not thread-safe.

    Args:
        config: a task (``'vis'``, ``'vss'``, ``'vps'``, ``'evs'``), which takes the shipped weights; a config file; or
            a loaded config. See also :meth:`from_pretrained`.
        checkpoint: weights of a config; ``None``: random ones, for trying things out.
        device: for example ``'cpu'`` or ``'cuda:0'``.
        short_side: shrink frames to this for the network; results keep the frames' size. ``None``: as
            the config's test pipeline does; where that resizes none, to ``clip_pipeline.LARGEST_UNSCALED``.
        clip_length: frames of a clip, instead of the config's; 1: every frame's result at once.
        options: of :func:`gvseg.apis.loading.load_model`: ``recipe`` of a general model, ``dtype`` (mixed precision),
            ``compiled``, ``channels_last``, ``select_tracks`` (prompts choose among tubes of a model that takes none).

    Raises:
        ConfigError, CheckpointError: name the file and what to do.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None = SHIPPED,
        device: str = 'cpu',
        short_side: int | None = None,
        clip_length: int | None = None,
        **options: Any,
    ) -> None:
        if checkpoint == SHIPPED:
            config, checkpoint = task_model(config)
        self.model, self.config = load_model(config, checkpoint, device, **options)
        self.class_names = class_names(self.config, checkpoint)
        self.clip_length, self.clip_overlap = clip_sizes(self.config, clip_length)
        self.lock = threading.RLock()
        self.pipeline = ClipPipeline(self.config.test_dataloader.dataset.pipeline, short_side)
        self._video = 0
        self.reports: list[ObjectReport] = []
        self.reset()

    @classmethod
    def from_pretrained(cls, name: str | Path, **options: Any) -> VideoSegmenter:
        """A model by one name.

        Args:
            name: a task, shipped or public weights by name, a folder of public weights, a checkpoint of training (it
                holds its config), or a work directory of training; see :func:`gvseg.apis.pretrained.find_model`.
            options: of :class:`VideoSegmenter`, for example ``device``.

        Raises:
            ConfigError, CheckpointError: nothing matches the name, or a file is damaged.
        """
        return cls(*find_model(name), **options)

    @property
    def takes_objects(self) -> bool:
        """Whether the model takes object prompts."""
        return self.pipeline.takes_objects

    @property
    def shown(self) -> tuple[ObjectPrompt, ...]:
        """Object prompts of this video so far."""
        return tuple(self._objects.prompts)

    def reset(self) -> None:
        """Reset the state: the current video and its prompts."""
        self._video += 1
        self._objects = ObjectPrompts()
        self._window = ClipWindow(self.clip_length, self.clip_overlap)
        self.model.reset()

    def add_object(
        self,
        frame_index: int,
        mask: np.ndarray | None = None,
        box: Sequence[float] | None = None,
        point: Sequence[float] | None = None,
        identity: int | None = None,
        source: str = '',
    ) -> int:
        """Prompt an object in a frame that has not been segmented yet.

        Args:
            frame_index: the frame, from 0.
            mask: (H, W), not 0 inside the object.
            box: (x1, y1, x2, y2) in pixels of the frame.
            point: (x, y) in pixels of the frame. Exactly one of the three.
            identity: id in the results; the next free one by default.
            source: a name for error messages.

        Returns:
            The id.

        Raises:
            InputError: the model takes no objects, the frame is past, or the arguments do not fit together.
            DataError: the object does not fit a frame that has arrived; for later ones that is checked when they
                arrive.
        """
        shown = ObjectPrompt(self._objects.next_id(identity), frame_index, mask, box, point, source)
        self.add_prompt(shown)
        return shown.identity

    def add_prompt(self, prompt: ObjectPrompt) -> None:
        """Show an object, or one that is known again, in a frame that has not been segmented; as :meth:`add_object`."""
        if not self.takes_objects:
            raise InputError(
                f'{self.config.filename} takes no object prompts: use a config of the evs task, or select_tracks=True.'
            )
        self._objects.add(prompt, self._window.start, self._window.frames)

    def __call__(
        self,
        video: Any,
        objects: Iterable[Mapping[str, Any]] = (),
        channel_order: str = 'bgr',
        min_score: float = 0.3,
        **prompts: Any,
    ) -> VideoResult:
        """Segment a whole video.

        Args:
            video: see :func:`gvseg.apis.open_video`: a path, URL of a local file, glob, camera, arrays, PIL images...
            objects: arguments of :meth:`add_object`, for models that take object prompts.
            channel_order: of numpy arrays: ``'bgr'`` as OpenCV gives them, or ``'rgb'``. Other forms know their order.
            min_score: instances below are left out.
            prompts: ``prompts``, ``direction`` and ``names`` of
                :func:`gvseg.apis.prompted_video.segment_with_prompts`, in place of ``objects``.

        Returns:
            The results of all frames, masks compressed. For long videos see :meth:`results`.

        Raises:
            InputError: as :meth:`stream` and :func:`open_video`.
        """
        if prompts:
            return segment_with_prompts(self.session(video, channel_order), **prompts)
        source = open_video(video, channel_order=channel_order)
        frames = list(self.results(source, objects, min_score=min_score, keep_images=False))
        return VideoResult(frames, source, self.class_names, self.reports)

    def session(self, video: Any, channel_order: str = 'bgr') -> VideoSession:
        """Prompts in any frame of a video, corrections and both directions: see :class:`VideoSession`."""
        return VideoSession(self, video, channel_order)

    def results(
        self,
        video: Any,
        objects: Iterable[Mapping[str, Any]] = (),
        channel_order: str = 'bgr',
        min_score: float = 0.3,
        keep_images: bool = True,
    ) -> Iterator[FrameResult]:
        """As :meth:`__call__`, but yields each frame's result with its image (RGB) as soon as it is known."""
        source = open_video(video, channel_order=channel_order)
        for shown in objects:
            self.add_object(**shown)
        with closing(self.segment_with_frames(source)) as pairs:
            for frame, sample in pairs:
                image = np.ascontiguousarray(frame.image[..., ::-1]) if keep_images else None
                segments = predicted_segments(sample, self.class_names, min_score)
                yield FrameResult.from_segments(segments, sample.frame_id, frame.time, image)

    def segment(self, video: Any) -> Iterator[DetDataSample]:
        """Segment a video while the next frames are decoded.

        Args:
            video: see :func:`gvseg.apis.open_video`.

        Yields:
            As :meth:`stream`; ``img_path`` names the picture, or the number of the frame and the video.

        Raises:
            InputError: as :func:`open_video` and :meth:`stream`.
        """
        source = open_video(video)
        return (result for _, result in self.segment_with_frames(source))

    def segment_with_frames(self, source: Any) -> Iterator[tuple[VideoFrame, DetDataSample]]:
        """As :meth:`segment`, but yields (frame, result)."""
        waiting: deque[VideoFrame] = deque()

        def images(frames: Iterable[VideoFrame]) -> Iterator[np.ndarray]:
            for frame in frames:
                waiting.append(frame)
                yield frame.image

        with closing(prefetch(open_video(source).frames())) as frames, closing(self.stream(images(frames))) as results:
            for result in results:
                frame = waiting.popleft()
                result.set_metainfo(dict(img_path=frame.name))
                yield frame, result

    def segment_videos(self, videos: Iterable[Any], batch_size: int = 4) -> Iterator[Iterator[BatchedResult]]:
        """Segment several videos with batches of clips: see :func:`gvseg.apis.batched_videos.segment_videos`."""
        return segment_videos(self, videos, batch_size)

    def stream(self, frames: Iterable[Any], channel_order: str = 'bgr') -> Iterator[DetDataSample]:
        """Segment a video.

        Objects added before belong to it; more may be added while it runs. When it ends, or the caller stops
        iterating, its state is cleared; where its objects were found is in ``reports``.

        Args:
            frames: (H, W, 3) uint8, all of one size, for example a :class:`VideoSource` or a camera; PIL images and
                (3, H, W) uint8 tensors too, which are RGB.
            channel_order: of arrays: ``'bgr'``, as OpenCV and :class:`VideoSource` give them, or ``'rgb'``, as
                PyAV, imageio and matplotlib do.

        Yields:
            For every frame in order its data sample with the prediction at size (H, W) and ``frame_id``.

        Raises:
            InputError: a frame or an object that does not fit; an object shown after the last frame, or none at all
                though the model needs prompts; another video is not finished.
        """
        check_order(channel_order)
        if self._window.arrived:
            raise InputError(
                'Another video is still being segmented: take its results to the end, close() their '
                'iterator, or call reset(). Several videos at once need a VideoSegmenter each.'
            )
        video = self._video
        try:
            for frame in frames:
                if self._video != video:
                    raise InputError('reset() was called while this video ran: start it again.')
                image = to_bgr(frame, channel_order)
                self._window.check(image)
                self._objects.check(self._window.arrived, image.shape[:2])
                self._window.frames.append(image)
                if self._window.is_full:
                    yield from self._segment()
            if self._video == video and self._window.has_rest:
                yield from self._segment()
            if self._video == video:
                self.reports = self._objects.finish(self._window.taken, self.takes_objects)
        finally:
            if self._video == video:
                self.reset()

    def _segment(self) -> list[DetDataSample]:
        """Run the buffered clip, keep the frames it shares with the next."""
        frames, indices = self._window.take()
        packed = self.pipeline.prepare(frames, indices, f'stream {self._video}', self._objects.prompts)
        with self.lock:
            results = predict_clip(self.model, packed)
        if self.takes_objects:
            self._objects.note_found(results)
        return results
