"""One label per pixel (VSS).

Shapes: N slots, C classes, T frames, H W frame pixels, R rows of a band.
"""

import torch
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData
from torch import Tensor

from gvseg.core.panoptic import fast_argmax
from gvseg.models.structures import TrackedClip

from .base import TaskOutput, logit_bands


@TASK_UTILS.register_module()
class SemanticOutput(TaskOutput):
    """The class with the greatest sum over queries of class probability times mask probability.

    As Mask2Former does it: mask logits are brought to the size of the image, then come the sigmoid and the sum.
    """

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        probabilities = clip.probabilities[:, :-1]
        for index, frame in enumerate(frames):
            bands = logit_bands(clip.masks[:, index], clip, frame)
            labels = torch.cat([self._labels(probabilities, band) for band in bands])
            frame.pred_sem_seg = PixelData(sem_seg=labels[None].cpu())

    @staticmethod
    def _labels(probabilities: Tensor, logits: Tensor) -> Tensor:
        """Labels (R, W) from class probabilities (N, C) and mask logits (N, R, W)."""
        return fast_argmax(torch.einsum('nc,nrw->crw', probabilities, logits.sigmoid()))
