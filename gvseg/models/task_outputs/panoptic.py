"""One class and one identity per pixel (VPS).

Shapes: n kept slots, H W frame pixels.
"""

import torch
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData
from torch import Tensor

from gvseg.core.panoptic import PACKED_VOID, fast_argmax, pack
from gvseg.models.structures import TrackedClip

from .base import BAND, TaskOutput, resize_logits


@TASK_UTILS.register_module()
class PanopticOutput(TaskOutput):
    """Mask2Former's merge, with slots as identities of things and class as identity of stuff.

    Every pixel goes to the slot of greatest class probability times mask probability. The paper names no thresholds;
    Mask2Former and mmdet drop segments below a score of 0.8 and an overlap of 0.8 and leave the rest void. Both
    thresholds are lower here and void is filled: benchmarks of video score every pixel (``docs/method.md``).

    Args:
        num_things: classes below are things, the rest is stuff.
        min_score: slots of a lower class probability are dropped, in [0, 1], as are those that are more likely nothing.
        min_overlap: a slot is dropped that wins less than this share of its mask's pixels, of those of probability 0.5
            or more, in [0, 1].
        fill_void: give every pixel to the best remaining slot, however low its mask probability there. ``False``: a
            pixel is void where the winning slot was dropped or its mask probability is below 0.5.
    """

    def __init__(
        self, num_things: int, min_score: float = 0.4, min_overlap: float = 0.6, fill_void: bool = True
    ) -> None:
        self.num_things = num_things
        self.min_score = min_score
        self.min_overlap = min_overlap
        self.fill_void = fill_void

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        scores, labels = clip.probabilities[:, :-1].max(-1)
        keep = (scores > self.min_score) & (clip.probabilities.argmax(-1) < clip.probabilities.shape[1] - 1)
        slots = keep.nonzero()[:, 0]
        codes = pack(labels[slots], torch.where(labels[slots] < self.num_things, slots + 1, 0))
        for index, frame in enumerate(frames):
            masks = resize_logits(clip.masks[slots, index], clip, frame).sigmoid_()
            packed = self._merge(masks, scores[slots], codes)
            frame.pred_panoptic_seg = PixelData(sem_seg=packed[None].cpu())

    def _merge(self, masks: Tensor, scores: Tensor, codes: Tensor) -> Tensor:
        """Packed ids (H, W) from mask probabilities (n, H, W), scores and codes (n,), band by band."""
        packed = torch.full(masks.shape[1:], PACKED_VOID, dtype=torch.long, device=masks.device)
        if len(masks) == 0:
            return packed
        bands = masks.split(BAND, dim=1)
        areas = torch.stack([self._areas(band, scores) for band in bands]).sum(0)  # (2, n): won and solid, solid
        kept = areas[0] > self.min_overlap * areas[1]
        if not bool(kept.any()):
            return packed
        for band, out in zip(bands, packed.split(BAND)):
            if self.fill_void:
                out.copy_(codes[kept][fast_argmax(scores[kept, None, None] * band[kept])])
            else:
                winner = fast_argmax(scores[:, None, None] * band)
                solid = band.gather(0, winner[None])[0] >= 0.5
                out.copy_(torch.where(solid & kept[winner], codes[winner], out))
        return packed

    @staticmethod
    def _areas(band: Tensor, scores: Tensor) -> Tensor:
        """Pixels of each slot that are solid and won, and that are solid, in rows (n, R, W) of the frame; (2, n)."""
        winner = fast_argmax(scores[:, None, None] * band)
        solid = band >= 0.5
        won = winner[None] == torch.arange(len(band), device=band.device)[:, None, None]
        return torch.stack(((won & solid).flatten(1).sum(1), solid.flatten(1).sum(1)))
