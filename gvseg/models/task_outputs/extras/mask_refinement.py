"""Refinement of the mask logits of a frame before they are merged: ``ExemplarOutput(refinements=[...])``.

Shapes: n objects, h w mask pixels, H W network input.
"""

import torch
from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.components import small_components
from gvseg.core.guided_filter import guided_upsample

ALMOST = 1e-4
"""Distance of probabilities from 0 and 1, which bounds logits to about +-9."""


@TASK_UTILS.register_module()
class SmallBlobRemoval:
    """Takes away components of a mask that are much smaller than its largest one.

    Args:
        min_share: smallest area to keep, as a share of the largest component's.
    """

    def __init__(self, min_share: float = 0.1) -> None:
        self.min_share = min_share

    def __call__(self, logits: Tensor, image: Tensor) -> Tensor:
        """Logits (n, h, w) whose sign is turned inside small components; the image (3, H, W) is not used."""
        small = small_components((logits > 0).cpu().numpy(), self.min_share)
        return torch.where(torch.from_numpy(small).to(logits.device), -logits, logits)


@TASK_UTILS.register_module()
class GuidedUpsampling:
    """Upsamples mask probabilities to the network's input along the edges of the frame (fast guided filter).

    Args:
        radius: of the filter's windows, in mask pixels.
        eps: smallest variance of an edge to follow, in units of the normalised input.
    """

    def __init__(self, radius: int = 2, eps: float = 0.01) -> None:
        self.radius, self.eps = radius, eps

    def __call__(self, logits: Tensor, image: Tensor) -> Tensor:
        """Logits (n, H, W) from logits (n, h, w) and the normalised frame (3, H, W)."""
        if len(logits) == 0:
            return logits
        found = guided_upsample(logits.float().sigmoid(), image.float(), self.radius, self.eps)
        return found.clamp(ALMOST, 1 - ALMOST).logit()
