"""The test pipeline of a config for frames that are in memory.

Shapes:
    T: frames of a clip; H W: frame size.
"""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import Compose
from mmdet.registry import TRANSFORMS
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.config import Config
from torch import nn

from gvseg.core.descriptors import DescriptorSpec
from gvseg.datasets.transforms.exemplar_data import pack_exemplars
from gvseg.models.segmenters import VideoSnapshot
from gvseg.utils.errors import ConfigError
from gvseg.utils.pipeline_roles import PipelineRole, role_of

from .prompt_exemplars import frame_exemplars
from .shown_objects import ObjectPrompt

UNKNOWN_LENGTH = -1
LARGEST_UNSCALED = 240  # pixels of a short side
READING = (PipelineRole.LOAD_FRAMES, PipelineRole.LOAD_ANNOTATIONS, PipelineRole.SHOW_OBJECTS)


class ClipPipeline:
    """The test pipeline without its reading steps.

    Args:
        steps: of the config.
        short_side: see :class:`gvseg.apis.VideoSegmenter`.
    """

    def __init__(self, steps: Sequence[dict], short_side: int | None) -> None:
        roles = [role_of(step, TRANSFORMS) for step in steps]
        self._showing = next((step for step, role in zip(steps, roles) if role == PipelineRole.SHOW_OBJECTS), None)
        kept = [step for step, role in zip(steps, roles) if role not in READING]
        fixed = [step for step, role in zip(steps, roles) if role not in (*READING, PipelineRole.RESIZE)]

        def resized(side: int) -> list[dict]:
            return [dict(type='ClipResize', short_sides=(side,)), *fixed]

        steps = kept if short_side is None else resized(short_side)
        self._steps = _build(steps)
        resizes = len(fixed) < len(kept)
        steps_of_large = steps if short_side or resizes else resized(LARGEST_UNSCALED)
        self._steps_of_large = _build(steps_of_large)
        self._resize, self._resize_of_large = (
            _build([step for step in chosen if role_of(step, TRANSFORMS) == PipelineRole.RESIZE])
            for chosen in (steps, steps_of_large)
        )

    @property
    def takes_objects(self) -> bool:
        """Whether the config's model takes object prompts."""
        return self._showing is not None

    def prepare(
        self,
        frames: Sequence[np.ndarray],
        indices: Sequence[int],
        video: str,
        prompts: Sequence[ObjectPrompt],
        size: tuple[int, int] | None = None,
    ) -> dict:
        """The network's input and data sample of a clip, ready for the data preprocessor.

        Args:
            frames: (H, W, 3) uint8 BGR, T of them.
            indices: of the frames in their video; a padded clip repeats its last frame.
            video: its name; a new name starts a new video.
            prompts: object prompts of the video.
            size: (H, W) of results and prompts; ``None``: that of the frames. Another where :meth:`shrunk` made them.
        """
        size = size or frames[0].shape[:2]
        packed = self._steps_for(frames[0])(_loaded_clip(frames, indices, video, size))
        if self._showing is not None:
            self._attach(packed['data_samples'], indices, size, prompts)
        return packed

    def shrunk(self, frame: np.ndarray) -> np.ndarray:
        """A frame (H, W, 3) resized for the network, as :meth:`prepare` does, which leaves it at that size."""
        large = min(frame.shape[:2]) > LARGEST_UNSCALED
        resize = self._resize_of_large if large else self._resize
        return resize(_loaded_clip([frame], [0], '', frame.shape[:2]))['img'][0]

    def _steps_for(self, frame: np.ndarray) -> Compose:
        return self._steps_of_large if min(frame.shape[:2]) > LARGEST_UNSCALED else self._steps

    def _attach(
        self, clip: TrackDataSample, indices: Sequence[int], size: tuple[int, int], prompts: Sequence[ObjectPrompt]
    ) -> None:
        """Add ``exemplars`` to the frames; a prompt is added once, though a padded clip repeats its frame."""
        resized = tuple(clip[0].img_shape[:2])
        shown = [
            frame_exemplars(
                [prompt for prompt in prompts if prompt.frame == index and index not in earlier], size, resized
            )
            for index, earlier in ((index, indices[:place]) for place, index in enumerate(indices))
        ]
        spec = DescriptorSpec(**(self._showing.get('descriptor') or {}))
        exemplars = pack_exemplars(shown, spec, self._showing.get('dim', 256), resized, with_regions=True)
        for frame, entry in zip(clip.video_data_samples, exemplars):
            frame.exemplars = entry


def _build(steps: Sequence[dict]) -> Compose:
    return Compose([TRANSFORMS.build(step) for step in steps])


def _loaded_clip(frames: Sequence[np.ndarray], indices: Sequence[int], video: str, size: tuple[int, int]) -> dict:
    """The item that the dataset would have loaded from frames of this size, without annotations."""
    count = len(frames)
    return dict(
        img=list(frames),
        img_path=[f'frame {index}' for index in indices],
        img_id=list(indices),
        frame_id=list(indices),
        img_shape=[frames[0].shape[:2]] * count,
        ori_shape=[size] * count,
        scale_factor=[(1.0, 1.0)] * count,
        flip=[False] * count,
        flip_direction=[None] * count,
        video_id=[video] * count,
        video_length=[count] * count,
        ori_video_length=[UNKNOWN_LENGTH] * count,
        clip_length=count,
    )


def predict_clip(
    model: nn.Module, packed: dict, snapshot: VideoSnapshot | None = None, next_frame: int | None = None
) -> list[DetDataSample]:
    """Results of the frames of a prepared clip that have not been reported before.

    Args:
        model: a video segmenter.
        packed: of :meth:`ClipPipeline.prepare`.
        snapshot: what is known before the clip; ``None``: what the model knows.
        next_frame: first frame to report, with a snapshot.
    """
    if snapshot is not None:
        model.restore(snapshot, next_frame)
    return predict_clips(model, [packed])[0]


def predict_clips(model: nn.Module, packed: Sequence[dict]) -> list[list[DetDataSample]]:
    """For each of several prepared clips the results of its frames that have not been reported before.

    Args:
        model: a video segmenter.
        packed: of :meth:`ClipPipeline.prepare`, clips of one or several videos in their order.
    """
    batch = {name: [clip[name] for clip in packed] for name in ('inputs', 'data_samples')}
    data = model.data_preprocessor(batch)
    with torch.no_grad():
        return [clip.video_data_samples for clip in model.predict(data['inputs'], data['data_samples'])]


def clip_sizes(config: Config, length: int | None) -> tuple[int, int]:
    """Frames of a clip, and how many of them it shares with the next.

    Args:
        config: of the model.
        length: frames of a clip, instead of the config's.

    Raises:
        ConfigError: clips would not move on.
    """
    sampler = config.test_dataloader.get('sampler', {})
    frames = length or config.get('clip_length', sampler.get('clip_length', 3))
    overlap = config.get('clip_overlap', sampler.get('overlap', 0))
    if length is not None:
        overlap = min(overlap, frames - 1)
    if not 0 <= overlap < frames:
        raise ConfigError(
            f'{config.filename}: streaming needs 0 <= clip_overlap < clip_length, got {overlap} and {frames}.'
        )
    return frames, overlap
