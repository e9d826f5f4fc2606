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
from gvseg.utils.errors import ConfigError

from .base import TaskOutput, logit_bands


@TASK_UTILS.register_module()
class SemanticOutput(TaskOutput):
    """The class with the greatest sum over queries of class probability times mask probability.

    As Mask2Former does it: mask logits are brought to the size of the image, then come the sigmoid and the sum.

    Args:
        competition: ``'sum'``; or ``'softmax'``, the class whose query has the greatest mask logit plus log-probability
            of its class, as :class:`SemanticMaskLoss` trains it, for queries that stand for one class each.
    """

    def __init__(self, competition: str = 'sum') -> None:
        if competition not in ('sum', 'softmax'):
            raise ConfigError(f"SemanticOutput knows competition='sum' and 'softmax', not {competition!r}")
        self.competition = competition

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        probabilities = clip.probabilities[:, :-1]
        for index, frame in enumerate(frames):
            bands = logit_bands(clip.masks[:, index], clip, frame)
            decide = self._labels if self.competition == 'sum' else self._winners
            labels = torch.cat([decide(probabilities, band) for band in bands])
            frame.pred_sem_seg = PixelData(sem_seg=labels[None].cpu())

    @staticmethod
    def _labels(probabilities: Tensor, logits: Tensor) -> Tensor:
        """Labels (R, W) from class probabilities (N, C) and mask logits (N, R, W)."""
        return fast_argmax(torch.einsum('nc,nrw->crw', probabilities, logits.sigmoid()))

    @staticmethod
    def _winners(probabilities: Tensor, logits: Tensor) -> Tensor:
        """Labels (R, W) of the queries that win each pixel."""
        certainty, own = probabilities.max(-1)
        return own[fast_argmax(logits + certainty.clamp(min=1e-8).log()[:, None, None])]
