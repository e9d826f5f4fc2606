"""The test pipeline of a config for frames that are in memory.

Shapes:
    T: frames of a clip; H W: frame size.
"""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import Compose
from mmdet.registry import TRANSFORMS
from mmdet.structures import TrackDataSample

from gvseg.core.descriptors import DescriptorSpec
from gvseg.datasets.transforms.exemplar_data import pack_exemplars
from gvseg.utils.pipeline_roles import PipelineRole, role_of

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

        def resized(side: int) -> Compose:
            return _build([dict(type='ClipResize', short_sides=(side,)), *fixed])

        self._steps = _build(kept) if short_side is None else resized(short_side)
        resizes = len(fixed) < len(kept)
        self._steps_of_large = self._steps if short_side or resizes else resized(LARGEST_UNSCALED)

    @property
    def takes_objects(self) -> bool:
        """Whether the config's model takes object prompts."""
        return self._showing is not None

    def prepare(
        self, frames: Sequence[np.ndarray], indices: Sequence[int], video: str, prompts: Sequence[ObjectPrompt]
    ) -> dict:
        """The network's input and data sample of a clip, ready for the data preprocessor.

        Args:
            frames: (H, W, 3) uint8 BGR, T of them.
            indices: of the frames in their video; a padded clip repeats its last frame.
            video: its name; a new name starts a new video.
            prompts: object prompts of the video.
        """
        large = min(frames[0].shape[:2]) > LARGEST_UNSCALED
        packed = (self._steps_of_large if large else self._steps)(_loaded_clip(frames, indices, video))
        if self._showing is not None:
            self._attach(packed['data_samples'], indices, frames[0].shape[:2], prompts)
        return packed

    def _attach(
        self, clip: TrackDataSample, indices: Sequence[int], size: tuple[int, int], prompts: Sequence[ObjectPrompt]
    ) -> None:
        """Add ``exemplars`` to the frames; a prompt is added once, though a padded clip repeats its frame."""
        resized = tuple(clip[0].img_shape[:2])
        shown = [
            [prompt.exemplar(size, resized) for prompt in prompts if prompt.frame == index and index not in earlier]
            for index, earlier in ((index, indices[:place]) for place, index in enumerate(indices))
        ]
        spec = DescriptorSpec(**(self._showing.get('descriptor') or {}))
        exemplars = pack_exemplars(shown, spec, self._showing.get('dim', 256), resized)
        for frame, entry in zip(clip.video_data_samples, exemplars):
            frame.exemplars = entry


def _build(steps: Sequence[dict]) -> Compose:
    return Compose([TRANSFORMS.build(step) for step in steps])


def _loaded_clip(frames: Sequence[np.ndarray], indices: Sequence[int], video: str) -> dict:
    """The item that the dataset would have loaded, without annotations."""
    count, size = len(frames), frames[0].shape[:2]
    return dict(
        img=list(frames),
        img_path=[f'frame {index}' for index in indices],
        img_id=list(indices),
        frame_id=list(indices),
        img_shape=[size] * count,
        ori_shape=[size] * count,
        scale_factor=[(1.0, 1.0)] * count,
        flip=[False] * count,
        flip_direction=[None] * count,
        video_id=[video] * count,
        video_length=[count] * count,
        ori_video_length=[UNKNOWN_LENGTH] * count,
        clip_length=count,
    )
