"""The video segmenter: predicts clip by clip and keeps the state of the current video.

Shapes: B clips, T frames, N slots, K objects, H W network input, h w mask pixels.
"""

import copy
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from mmdet.models.vis import Mask2FormerVideo
from mmdet.registry import MODELS, TASK_UTILS
from mmdet.structures import TrackDataSample
from torch import Tensor

from gvseg.models.exemplars import BACKGROUND, subtract_backgrounds
from gvseg.models.structures import (
    ClipBatch,
    ClipPrediction,
    DecoderOutput,
    KnownMasks,
    ObjectMemory,
    TrackedClip,
    has_pixels,
)
from gvseg.utils.precision import half_precision

from .clips_at_once import alone, clip_of, groups_of_one_size


@dataclass
class VideoState:
    """Position and object memory in the current video.

    Invariant: frames before ``next_frame`` have been reported, none after; it holds nothing of another video.
    Identities are kept by the associator, which is reset together with this state.

    Attributes:
        video: id of the video; ``None`` before the first.
        next_frame: index of the first frame not yet reported.
        objects: what is known of the objects shown so far; ``None`` without exemplars.
        known_masks: frames in which masks of objects are known, for initialisers that match pixels with them.
        last_queries: queries after the last decoded frame, for initialisers that propagate them, (1, N, D).
        chosen: slot of each object that exemplars chose among the tubes (``SelectedTracks``); replaced, never changed.
    """

    video: object = None
    next_frame: int = 0
    objects: ObjectMemory | None = None
    known_masks: KnownMasks | None = None
    last_queries: Tensor | None = None
    chosen: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class VideoSnapshot:
    """Everything that a segmenter knows of a video after some clip, to go on from there later.

    Attributes:
        state: position and object memory; its parts are never changed in place, so they are shared.
        associator, class_mean: copies, with what they keep of the video.
    """

    state: VideoState
    associator: Any
    class_mean: Any


@MODELS.register_module()
class GvSeg(Mask2FormerVideo):
    """Backbone and head of mmdet's Mask2FormerVideo; prediction clip by clip through an associator and a task output.

    Args:
        associator: config of the associator.
        task_output: config of the task output.
        mask_nms: config of the NMS on the tubes of a clip; ``None``: disabled.
        class_mean: config of the mean of a slot's class probabilities over clips; ``None``: disabled.
        prompt_masks: config of the part that makes masks of points and boxes (``PromptMasks``); ``None``: disabled.
        test_dtype: ``'float16'`` or ``'bfloat16'``: the network runs under autocast to it at test; ``None``: as it is.
        kwargs: as mmdet's ``Mask2FormerVideo``.
    """

    def __init__(
        self,
        *,
        associator: dict,
        task_output: dict,
        mask_nms: dict | None = None,
        class_mean: dict | None = None,
        prompt_masks: dict | None = None,
        test_dtype: str | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.test_dtype = None if test_dtype is None else half_precision(test_dtype)
        self.associator = TASK_UTILS.build(associator)
        self.task_output = TASK_UTILS.build(task_output)
        self.mask_nms = TASK_UTILS.build(mask_nms) if mask_nms else None
        self.class_mean = TASK_UTILS.build(class_mean) if class_mean else None
        self.prompt_masks = TASK_UTILS.build(prompt_masks) if prompt_masks else None
        self.state = VideoState()

    def reset(self) -> None:
        """Forget the current video."""
        self.associator.reset()
        if self.class_mean is not None:
            self.class_mean.reset()
        self.state = VideoState()

    def snapshot(self) -> VideoSnapshot:
        """What is known of the current video."""
        return VideoSnapshot(replace(self.state), copy.deepcopy(self.associator), copy.deepcopy(self.class_mean))

    def restore(self, snapshot: VideoSnapshot, next_frame: int | None = None) -> None:
        """Go on from a snapshot, which stays as it is.

        Args:
            snapshot: of this model, or of another with the same weights.
            next_frame: first frame to report from now on; ``None``: that of the snapshot.
        """
        self.state = replace(snapshot.state)
        if next_frame is not None:
            self.state.next_frame = next_frame
        self.associator, self.class_mean = copy.deepcopy(snapshot.associator), copy.deepcopy(snapshot.class_mean)

    def predict(
        self, inputs: Tensor, data_samples: list[TrackDataSample], rescale: bool = True
    ) -> list[TrackDataSample]:
        """Segment the next clips, one after another; one of another video, or one at frame 0, resets the state.

        Where the network knows nothing of a video (no exemplars, no propagated queries), it runs on all clips of one
        size at once.

        Args:
            inputs: (B, T, 3, H, W).
            data_samples: of the clips in order, of one video or of several; frames have ``video_id`` and ``frame_id``.
            rescale: kept for mmdet's interface; results are always at the original size.

        Returns:
            For each clip a sample with the frames that had not been reported before, each with its prediction.

        Raises:
            ValueError: a clip that does not follow the last one.
        """
        if len(data_samples) == 1:
            return [self._predict_next(inputs[0], data_samples[0])]
        own = [alone(*clip) for clip in zip(inputs, data_samples)]
        decoded = self._decode_at_once(own, data_samples) if self.network_is_stateless else [None] * len(own)
        return [self._predict_next(*clip) for clip in zip(own, data_samples, decoded)]

    @property
    def network_is_stateless(self) -> bool:
        """Whether the network's output for a clip depends on that clip alone."""
        return not self.track_head.query_initializer.reads_video

    def _decode_at_once(self, inputs: list[Tensor], samples: list[TrackDataSample]) -> list[DecoderOutput | None]:
        """What the network finds in each of several clips (T, 3, H, W)."""
        found: list[DecoderOutput | None] = [None] * len(inputs)
        for group in groups_of_one_size(inputs):
            stacked = torch.stack([inputs[index] for index in group])
            clips = self.track_head.clip_batch(stacked, [samples[index] for index in group], with_targets=False)
            with self._precision(stacked):
                decoded = self.track_head.decode(self.backbone(stacked.flatten(0, 1)), clips, every_mask=False)
            for place, index in enumerate(group):
                found[index] = clip_of(decoded, place, clips.frames)
        return found

    def _precision(self, inputs: Tensor) -> AbstractContextManager:
        """Autocast of the network at test."""
        return nullcontext() if self.test_dtype is None else torch.autocast(inputs.device.type, self.test_dtype)

    def _predict_next(
        self, inputs: Tensor, sample: TrackDataSample, decoded: DecoderOutput | None = None
    ) -> TrackDataSample:
        """Segment the next clip (T, 3, H, W), which the network may have ``decoded``."""
        frames = sample.video_data_samples
        self._start_video(frames[0])
        clips = self.track_head.clip_batch(inputs[None], [sample], with_targets=False)
        clips.decoded = decoded
        clips.memories, clips.known_masks = [self.state.objects], self.state.known_masks
        clips.last_queries, clips.described = self.state.last_queries, self.associator.described
        if self.prompt_masks is not None and clips.exemplars is not None:
            clips.exemplars = [self.prompt_masks(self, inputs, clips, frames)]
        tracked = self._track(inputs, clips)
        # A short clip repeats its last frame, overlapping clips repeat their first ones.
        fresh = [
            index
            for index, frame in enumerate(frames)
            if frame.frame_id >= self.state.next_frame and not _is_padding(frames, index)
        ]
        reported = [frames[index] for index in fresh]
        if reported:
            tracked = tracked.at_frames(fresh)
            self.task_output(tracked, reported)
            self.state.chosen = tracked.chosen
            self.state.next_frame = reported[-1].frame_id + 1
        return TrackDataSample(video_data_samples=reported)

    def _start_video(self, frame) -> None:
        """Reset at a new video; raise if the clip does not continue the current one."""
        video, index = frame.metainfo.get('video_id'), frame.frame_id
        if index == 0 or video != self.state.video:
            self.reset()
            self.state.video, self.state.next_frame = video, index
        elif index > self.state.next_frame:
            raise ValueError(
                f'video {video}: clip at frame {index} follows frame {self.state.next_frame - 1}; clips '
                'must come in order (use ClipSampler in the test dataloader)'
            )

    def _track(self, inputs: Tensor, clips: ClipBatch) -> TrackedClip:
        """Predict, link to the video, remember objects."""
        clip = self.predict_clip(inputs, clips)
        order = torch.argsort(self.associator.track(clip))
        self.state.last_queries = clip.final_queries
        if clip.memory is not None:
            self.state.known_masks = self._remember_masks(clip, clip.memory, clips, order)
            self.state.objects = self._remember(clip, clip.memory, order)
        probabilities = clip.probabilities[order]
        return TrackedClip(
            probabilities=probabilities if self.class_mean is None else self.class_mean(probabilities),
            masks=clip.masks[order],
            objects=torch.from_numpy(self.associator.state.objects).to(order.device),
            queries=clip.queries,
            input_shape=clips.input_shape,
            images=inputs,
            chosen=self.state.chosen,
        )

    def predict_clip(self, inputs: Tensor, clips: ClipBatch) -> ClipPrediction:
        """Predict a clip, suppress duplicate queries, subtract background exemplars; identities come later.

        Background exemplars act in the frame where they are shown: followed to later frames they cost more than they
        take away (measured: docs/prompts.md). What the object is without them is followed.
        """
        clip = self.predict_single_view(inputs, clips)
        clip = clip if self.mask_nms is None else self.mask_nms(clip)
        if clip.memory is None or clips.exemplars is None or not (clip.memory.ids >= BACKGROUND).any():
            return clip
        ids, count = clip.memory.ids, len(clip.memory.ids)  # objects have the first queries
        similarity = self.track_head.query_initializer.similarity(clip.features, clip.memory, clip.masks.shape[-2:])
        seen = (clip.confidence > self.associator.confidence)[:count, None]
        shown = clips.exemplars[0].shown_in(ids, clips.frames)
        own = subtract_backgrounds(clip.masks[:count], ids, seen & shown, similarity)
        masks = torch.cat((own, clip.masks[count:]))
        return replace(clip, masks=masks, present=has_pixels(masks))

    def use_channels_last(self) -> None:
        """Store the backbone's weights with their channels last; its convolutions then keep features so, too."""
        self.backbone.to(memory_format=torch.channels_last)

    def compile_network(self, **options) -> None:
        """Compile backbone and pixel decoder, which takes minutes for each size of frames; results agree to 1e-3.

        Args:
            options: of ``torch.compile``.
        """
        for part in (self.backbone, *self.track_head.costly_modules):
            part.forward = torch.compile(part.forward, dynamic=False, **options)

    def predict_single_view(self, inputs: Tensor, clips: ClipBatch) -> ClipPrediction:
        """Backbone and head on one clip (T, 3, H, W)."""
        with self._precision(inputs):
            features = [] if clips.decoded is not None else self.backbone(inputs)
            found = self.track_head.predict_clip(features, clips)
        return replace(found, probabilities=found.probabilities.float(), embeddings=found.embeddings.float())

    def _remember(self, clip: ClipPrediction, memory: ObjectMemory, order: Tensor) -> ObjectMemory:
        """Memory of the K objects after this clip; they hold the first K slots."""
        rows = order[: len(memory.ids)]
        seen = self._trusted(clip, rows) & clip.present[rows].any(-1)
        return self.track_head.query_initializer.remember(
            clip.features, memory, last_masks(clip.tubes[rows]), seen, clip.descriptors[rows, 1]
        )

    def _trusted(self, clip: ClipPrediction, rows: Tensor) -> Tensor:
        """Objects, made by the queries ``rows``, whose result may be remembered, (K,) bool."""
        seen = (clip.confidence > self.associator.confidence)[rows]
        return self.track_head.query_initializer.trusted(clip, rows, seen)

    def _remember_masks(
        self, clip: ClipPrediction, memory: ObjectMemory, clips: ClipBatch, order: Tensor
    ) -> KnownMasks | None:
        """Frames in which masks of the K objects are known after this clip."""
        rows = order[: len(memory.ids)]
        return self.track_head.query_initializer.remember_masks(
            clip.features, clips, memory, clip.masks[rows], self._trusted(clip, rows)
        )


def last_masks(masks: Tensor) -> Tensor:
    """Of every tube (K, T, h, w) only the mask of the last frame where it has pixels."""
    present = masks.flatten(2).any(-1)
    later = present.flip(1).cumsum(1).flip(1)
    return masks & (present & (later == 1))[..., None, None]


def _is_padding(frames: list, index: int) -> bool:
    return index > 0 and frames[index].frame_id == frames[index - 1].frame_id
