"""Segmenting any video, clip by clip, as its frames arrive.

Letters: T frames of a clip, H W frame size.
"""

import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from mmcv.transforms import Compose
from mmdet.registry import TRANSFORMS
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.config import Config

from gvseg.core.descriptors import DescriptorSpec
from gvseg.datasets.transforms.exemplar_data import pack_exemplars
from gvseg.utils.errors import ConfigError, InputError

from .loading import class_names, load_model
from .overlap import prefetch
from .shown_objects import ObjectPrompt
from .video_source import Video, VideoFrame, VideoSource

READING_STEPS = ('LoadClipFrames', 'LoadClipAnnotations')
EXEMPLAR_STEP = 'MakeExemplars'
UNKNOWN_LENGTH = -1
LARGEST_UNSCALED = 240
CHANNEL_ORDERS = ('bgr', 'rgb')


class VideoSegmenter:
    """One video after the other through a trained model.

    Frames go in one at a time; a frame's result comes out as soon as its clip is complete. Memory does not grow with
    the video. Results are what ``tools/test.py`` gets for the same frames. Not to be used by two threads at once.

    Args:
        config: config file, or a loaded config.
        checkpoint: its weights.
        device: for example ``'cpu'`` or ``'cuda:0'``.
        short_side: shrink frames to this before the network sees them; results keep the frames' size. ``None``: as
            the config's test pipeline does. Where that leaves frames as they are, being for a data set of small ones,
            frames of more than ``LARGEST_UNSCALED`` are shrunk to that.
        clip_length: frames of a clip, instead of the config's; 1: every frame's result at once.

    Raises:
        ConfigError, CheckpointError: name the file and what to do.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None,
        device: str = 'cpu',
        short_side: int | None = None,
        clip_length: int | None = None,
    ) -> None:
        self.model, self.config = load_model(config, checkpoint, device)
        self.class_names = class_names(self.config, checkpoint)
        self._choose_clips(clip_length)
        steps = self.config.test_dataloader.dataset.pipeline
        self._steps = {shrunk: self._pipeline(steps, short_side, shrunk) for shrunk in (False, True)}
        self._exemplars = next((step for step in steps if step['type'] == EXEMPLAR_STEP), None)
        self._video = 0
        self.reset()

    def _choose_clips(self, length: int | None) -> None:
        """How long clips are and how many frames each shares with the next."""
        sampler = self.config.test_dataloader.get('sampler', {})
        self.clip_length = length or self.config.get('clip_length', sampler.get('clip_length', 3))
        self.clip_overlap = self.config.get('clip_overlap', sampler.get('overlap', 0))
        if length is not None:
            self.clip_overlap = min(self.clip_overlap, self.clip_length - 1)
        if not 0 <= self.clip_overlap < self.clip_length:
            raise ConfigError(
                f'{self.config.filename}: streaming needs 0 <= clip_overlap < clip_length, got '
                f'{self.clip_overlap} and {self.clip_length}.'
            )

    @staticmethod
    def _pipeline(steps: list[dict], short_side: int | None, shrunk: bool) -> Compose:
        """The test pipeline without reading; ``shrunk``: for frames that may be too large for it."""
        kept = [step for step in steps if step['type'] not in (*READING_STEPS, EXEMPLAR_STEP)]
        resizes = any(step['type'].endswith('Resize') for step in kept)
        if short_side is None and shrunk and not resizes:
            short_side = LARGEST_UNSCALED
        if short_side is not None:
            kept = [dict(type='ClipResize', short_sides=(short_side,))] + [
                step for step in kept if not step['type'].endswith('Resize')
            ]
        return Compose([TRANSFORMS.build(step) for step in kept])

    @property
    def takes_objects(self) -> bool:
        """Whether the model follows objects that it is shown."""
        return self._exemplars is not None

    @property
    def shown(self) -> tuple[ObjectPrompt, ...]:
        """Objects shown in this video so far."""
        return tuple(self._objects)

    def reset(self) -> None:
        """Forget the video and the objects shown."""
        self._video += 1
        self._objects: list[ObjectPrompt] = []
        self._frames: list[np.ndarray] = []
        self._start = 0
        self._reported = 0
        self._found: set[int] = set()
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
        """Show an object in a frame of the video to come or of the part not yet segmented.

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
        if not self.takes_objects:
            raise InputError(
                f'{self.config.filename} segments everything it knows and takes no exemplars: use a '
                'config of the evs task to follow given objects.'
            )
        if frame_index < self._start:
            raise InputError(
                f'Frame {frame_index} has been segmented already: show objects in frame {self._start} or '
                'later, or reset() and start again.'
            )
        taken = [shown.identity for shown in self._objects]
        if identity is not None and identity in taken:
            raise InputError(f'There is an object {identity} already: choose another id.')
        identity = max(taken, default=0) + 1 if identity is None else identity
        shown = ObjectPrompt(identity, frame_index, mask, box, point, source)
        if frame_index < self._start + len(self._frames):  # it is here already
            shown.check(self._frames[frame_index - self._start].shape[:2])
        self._objects.append(shown)
        return identity

    def segment(self, video: Video | VideoSource) -> Iterator[DetDataSample]:
        """Segment a file, a folder of pictures, a list of pictures or a camera, while the next frames are decoded.

        Args:
            video: path, list of paths or number of a camera; see :class:`VideoSource`.

        Yields:
            As :meth:`stream`; ``img_path`` names the picture, or the number of the frame and the video.

        Raises:
            InputError: what :class:`VideoSource` and :meth:`stream` say.
        """
        source = video if isinstance(video, VideoSource) else VideoSource(video)
        return (result for _, result in self.segment_with_frames(source))

    def segment_with_frames(self, source: VideoSource) -> Iterator[tuple[VideoFrame, DetDataSample]]:
        """As :meth:`segment`, with the frame beside each result."""
        waiting: deque[VideoFrame] = deque()

        def images(frames: Iterable[VideoFrame]) -> Iterator[np.ndarray]:
            for frame in frames:
                waiting.append(frame)
                yield frame.image

        with closing(prefetch(source.frames())) as frames, closing(self.stream(images(frames))) as results:
            for result in results:
                frame = waiting.popleft()
                result.set_metainfo(dict(img_path=frame.name))
                yield frame, result

    def stream(self, frames: Iterable[np.ndarray], channel_order: str = 'bgr') -> Iterator[DetDataSample]:
        """Segment a video.

        Objects added before belong to it; more may be added while it runs. When it ends, or the caller stops
        listening, everything about it is forgotten.

        Args:
            frames: (H, W, 3) uint8, all of one size, for example a :class:`VideoSource` or a camera.
            channel_order: of the frames: ``'bgr'``, as OpenCV and :class:`VideoSource` give them, or ``'rgb'``, as
                Pillow, PyAV, imageio and torchvision do.

        Yields:
            For every frame in order its data sample with the prediction at size (H, W) and ``frame_id``.

        Raises:
            InputError: a frame or an object that does not fit; an object shown after the last frame, or none at all
                though the model follows objects; another video is not finished.
        """
        if channel_order not in CHANNEL_ORDERS:
            raise InputError(f'channel_order={channel_order!r}: frames are {" or ".join(map(repr, CHANNEL_ORDERS))}.')
        if self._frames or self._start:
            raise InputError(
                'Another video is still being segmented: take its results to the end, close() their '
                'iterator, or call reset(). Several videos at once need a VideoSegmenter each.'
            )
        video = self._video
        try:
            for frame in frames:
                if self._video != video:
                    raise InputError('reset() was called while this video ran: start it again.')
                self._check(frame)
                self._frames.append(frame if channel_order == 'bgr' else np.ascontiguousarray(frame[..., ::-1]))
                if len(self._frames) == self.clip_length:
                    yield from self._segment()
            if self._video == video and self._start + len(self._frames) > self._reported:
                yield from self._segment()
            if self._video == video:
                self._check_all_shown()
                self._announce_unfound()
        finally:
            if self._video == video:
                self.reset()

    def _check(self, frame: np.ndarray) -> None:
        """A frame fits the ones before, and the objects shown in it fit the frame."""
        index = self._start + len(self._frames)
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
            raise InputError(
                f'Frame {index} is {frame.dtype} of shape {frame.shape}: frames must be uint8 images of '
                'three channels (blue, green, red).'
            )
        if self._frames and frame.shape != self._frames[-1].shape:
            before = self._frames[-1].shape
            raise InputError(
                f'Frame {index} is {frame.shape[1]}x{frame.shape[0]} but the one before is '
                f'{before[1]}x{before[0]}: resize the frames, or start a new video with reset().'
            )
        for shown in self._objects:
            if shown.frame == index:
                shown.check(frame.shape[:2])

    def _check_all_shown(self) -> None:
        if self.takes_objects and not self._objects and self._reported:
            raise InputError(
                f'No object was shown in the {self._reported} frames of this video, so that none could be '
                'followed: call add_object() before the video or while it runs.'
            )
        late = [shown for shown in self._objects if shown.frame >= self._reported]
        if late:
            raise InputError(
                f'The video has {self._reported} frames, but object {late[0].identity} was to be shown in '
                f'frame {late[0].place}. Frames count from 0; the results of the others are complete.'
            )

    def _announce_unfound(self) -> None:
        """Warn of objects that are in none of the results."""
        for shown in self._objects:
            if shown.identity not in self._found:
                warnings.warn(
                    f'Object {shown.identity}, shown in frame {shown.place}, was found in no frame. Show it '
                    'by a mask or a box, or in a frame where it is larger.',
                    stacklevel=3,
                )

    def _note_found(self, results: Iterable[DetDataSample]) -> None:
        """Remember which objects have been found."""
        for result in results:
            if any(shown.identity not in self._found for shown in self._objects if shown.frame <= result.frame_id):
                self._found.update(torch.unique(result.pred_object_map.sem_seg).tolist())

    @torch.no_grad()
    def _segment(self) -> list[DetDataSample]:
        """Run the clip that waits, keep the frames it shares with the next."""
        missing = self.clip_length - len(self._frames)
        frames = self._frames + self._frames[-1:] * missing
        indices = [self._start + min(index, len(self._frames) - 1) for index in range(self.clip_length)]
        steps = self._steps[min(frames[0].shape[:2]) > LARGEST_UNSCALED]
        packed = steps(self._clip(frames, indices))
        self._show(packed['data_samples'], indices, frames[0].shape[:2])
        data = self.model.data_preprocessor(dict(inputs=[packed['inputs']], data_samples=[packed['data_samples']]))
        results = self.model.predict(data['inputs'], data['data_samples'])[0].video_data_samples
        if self.takes_objects:
            self._note_found(results)
        self._reported = indices[-1] + 1
        step = self.clip_length - self.clip_overlap
        self._start, self._frames = self._start + min(step, len(self._frames)), self._frames[step:]
        return results

    def _clip(self, frames: list[np.ndarray], indices: list[int]) -> dict:
        """The item that the data set would have loaded, without annotations."""
        count, size = len(frames), frames[0].shape[:2]
        return dict(
            img=frames,
            img_path=[f'frame {index}' for index in indices],
            img_id=list(indices),
            frame_id=indices,
            img_shape=[size] * count,
            ori_shape=[size] * count,
            scale_factor=[(1.0, 1.0)] * count,
            flip=[False] * count,
            flip_direction=[None] * count,
            video_id=[f'stream {self._video}'] * count,
            video_length=[count] * count,
            ori_video_length=[UNKNOWN_LENGTH] * count,
            clip_length=count,
        )

    def _show(self, clip: TrackDataSample, indices: list[int], size: tuple[int, int]) -> None:
        """Attach the objects shown in the frames of a clip, where the model reads any."""
        if not self.takes_objects:
            return
        resized = tuple(clip[0].img_shape[:2])
        # A padded clip repeats its last frame; objects are shown once.
        shown = [
            [
                entry.exemplar(size, resized)
                for entry in self._objects
                if entry.frame == index and index not in indices[:place]
            ]
            for place, index in enumerate(indices)
        ]
        spec = DescriptorSpec(**(self._exemplars.get('descriptor') or {}))
        exemplars = pack_exemplars(shown, spec, self._exemplars.get('dim', 256), resized)
        for frame, entry in zip(clip.video_data_samples, exemplars):
            frame.exemplars = entry
