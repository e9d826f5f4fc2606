"""Objects at hard cuts between the shots of a video. Not in the paper.

Shapes: N queries, T frames, K objects, h w mask pixels.
"""

from dataclasses import dataclass, replace

import torch
from mmdet.registry import MODELS
from torch import Tensor

from gvseg.core.shot_boundaries import colour_histograms, histogram_changes
from gvseg.models.structures import ClipBatch, ClipPrediction, ObjectMemory, has_pixels

from ..gvseg import GvSeg, VideoState

NOWHERE = -20.0
"""Mask logit of an object that is not shown."""


@dataclass
class ShotState(VideoState):
    """State of a video with its shots.

    Attributes:
        cut: first frame of the current shot; 0: there was no cut yet.
        seen: last frame whose colours are known, -1: none.
        colours: its histogram, (512,).
    """

    cut: int = 0
    seen: int = -1
    colours: Tensor | None = None


@MODELS.register_module()
class GvSegShots(GvSeg):
    """Objects that were shown before a hard cut are in no frame of the clip with the cut from the cut on.

    So nothing of the last shot's places and masks is carried over: from the next clip on objects are found again by
    the frames in which they were shown, or not at all.

    Args:
        cut_threshold: share of pixels with another colour than in the frame before, above which a frame begins a shot.
        after_cut: ``'search'``: objects are looked for again; ``'lost'``: they are lost until they are shown again.
        kwargs: of ``GvSeg``.
    """

    state: ShotState

    def __init__(self, *, cut_threshold: float = 0.3, after_cut: str = 'search', **kwargs) -> None:
        super().__init__(**kwargs)
        if after_cut not in ('search', 'lost'):
            raise ValueError(f"after_cut is 'search' or 'lost', not {after_cut!r}")
        self.cut_threshold, self.lost = cut_threshold, after_cut == 'lost'
        self.state = ShotState()

    def reset(self) -> None:
        """Forget the current video and its shots."""
        super().reset()
        self.state = ShotState()

    def predict_clip(self, inputs: Tensor, clips: ClipBatch) -> ClipPrediction:
        """As :meth:`GvSeg.predict_clip`, without objects of earlier shots."""
        clip = super().predict_clip(inputs, clips)
        memory, objects = clip.memory, clip.queries.objects
        if memory is None or objects is None:
            return clip
        new_cut = self._find_cut(inputs, clip.frames.tolist())
        if not new_cut and not (self.lost and self.state.cut):
            return clip
        hidden = self._hidden(clip.frames, objects[0], memory)
        masks = clip.masks.masked_fill(hidden[..., None, None], NOWHERE)
        return replace(clip, masks=masks, present=has_pixels(masks))

    def _find_cut(self, inputs: Tensor, frames: list[int]) -> bool:
        """Take note of the clip's last cut; whether there is one after its first frame or right at it."""
        state, colours = self.state, colour_histograms(inputs)
        first = frames[0]
        if state.colours is not None and state.seen == first - 1:
            colours, frames = torch.cat((state.colours[None], colours)), [state.seen, *frames]
        changes = histogram_changes(colours)
        cuts = [frame for frame, change in zip(frames[1:], changes.tolist()) if change > self.cut_threshold]
        state.seen, state.colours = frames[-1], colours[-1]
        state.cut = max([state.cut, *cuts])
        return bool(cuts)

    def _hidden(self, frames: Tensor, objects: Tensor, memory: ObjectMemory) -> Tensor:
        """Queries and frames of objects whose exemplars are all older than the current shot, (N, T) bool."""
        old = memory.ids[memory.last_frames < self.state.cut]
        return torch.isin(objects, old)[:, None] & (frames >= self.state.cut).to(objects.device)[None]
