"""Per-pixel classification of the mask features: dense supervision for networks trained from scratch.

Shapes: B clips, T frames, K tubes, C classes, D model width, H W input pixels, h w feature map.
"""

import torch
from mmdet.registry import MODELS
from mmdet.utils import reduce_mean
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from gvseg.models.structures import ClipBatch, DecoderOutput


@MODELS.register_module()
class DenseAuxiliaryLoss(nn.Module):
    """Classifies every place of the mask features; used in training only.

    A few matched queries per clip train class features slowly. Not in the paper, which starts from COCO
    weights. ``docs/method.md`` has the measurement.

    Args:
        embed_dims: channels of the mask features (D).
        num_classes: C; places without a tube form a class of their own.
        loss_weight: weight of the loss.
    """

    def __init__(self, embed_dims: int, num_classes: int, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.classifier = nn.Conv2d(embed_dims, num_classes + 1, 1)
        self.num_classes = num_classes
        self.loss_weight = loss_weight

    def forward(self, decoded: DecoderOutput, clips: ClipBatch) -> dict[str, Tensor]:
        """Mean cross-entropy over places.

        Args:
            decoded: with the mask features (B * T, D, h, w) as its last ones.
            clips: with targets.

        Returns:
            ``loss_dense``.
        """
        mask_features = decoded.features[-1]
        truth = torch.cat(
            [self._label_map(target.masks, target.labels, mask_features.shape[-2:]) for target in clips.ground_truth]
        )
        logits = self.classifier(mask_features).float()
        return dict(loss_dense=self.loss_weight * self._mean(logits, truth))

    def _mean(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Mean over all places: logits (B * T, C + 1, h, w), labels (B * T, h, w)."""
        return cross_entropy(logits, truth)

    @torch.no_grad()
    def _label_map(self, masks: Tensor, labels: Tensor, size: torch.Size) -> Tensor:
        """Labels (T, h, w) of tubes (K, T, H, W): the class that covers most of each place."""
        shares = masks.new_zeros((self.num_classes + 1, masks.shape[1], *size), dtype=torch.float32)
        if len(masks):
            shares.index_add_(0, labels, interpolate(masks.float(), size, mode='area'))
        shares[-1] = 1 - shares.sum(0)
        return shares.argmax(0)


@MODELS.register_module()
class BalancedDenseAuxiliaryLoss(DenseAuxiliaryLoss):
    """The same with each class weighted by the square root of its places in the batch of all ranks.

    An object a tenth of the frame wide has a hundredth of its places: a per-pixel mean underweights small objects.
    """

    def _mean(self, logits: Tensor, truth: Tensor) -> Tensor:
        places = truth.flatten()
        # bincount would make an accelerator wait to see the largest label.
        counts = logits.new_zeros(self.num_classes + 1).scatter_add_(
            0, places, torch.ones_like(places, dtype=logits.dtype)
        )
        counts = reduce_mean(counts)
        weights = counts.clamp(min=1e-6).rsqrt()[truth]
        return (cross_entropy(logits, truth, reduction='none') * weights).sum() / counts.sqrt().sum()
