"""One object id per pixel (EVS)."""
import torch
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData

from gvseg.core.panoptic import highest
from gvseg.models.structures import TrackedClip

from .base import TaskOutput, resize_logits


@TASK_UTILS.register_module()
class ExemplarOutput(TaskOutput):
    """Every pixel goes to the object whose mask is most certain there, or to the background.

    Args:
        threshold: least mask probability of a pixel of an object.
        presence: least probability that an object is in the clip at all.
    """

    def __init__(self, threshold: float = 0.5, presence: float = 0.5) -> None:
        self.threshold = threshold
        self.presence = presence

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        score = clip.probabilities[:, :-1].max(-1).values
        slots = ((clip.objects >= 0) & (score > self.presence)).nonzero()[:, 0]
        ids = torch.cat((clip.objects.new_zeros(1), clip.objects[slots]))
        for index, frame in enumerate(frames):
            masks = resize_logits(clip.masks[slots, index], clip, frame).sigmoid()
            background = masks.new_full((1, *masks.shape[1:]), self.threshold)
            winner = highest(torch.cat((background, masks)))
            frame.pred_object_map = PixelData(sem_seg=ids[winner][None].cpu())
