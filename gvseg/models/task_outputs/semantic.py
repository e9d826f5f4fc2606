"""One label per pixel (VSS)."""
import torch
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData

from gvseg.models.structures import TrackedClip

from .base import TaskOutput, resize_logits


@TASK_UTILS.register_module()
class SemanticOutput(TaskOutput):
    """The class with the greatest sum over queries of class probability times mask probability (Mask2Former)."""

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        for index, frame in enumerate(frames):
            # Sum at mask resolution first: C maps are upsampled, not N.
            maps = torch.einsum('nc,nhw->chw', clip.probabilities[:, :-1], clip.masks[:, index].sigmoid())
            labels = resize_logits(maps, clip, frame).argmax(0, keepdim=True)
            frame.pred_sem_seg = PixelData(sem_seg=labels.cpu())
