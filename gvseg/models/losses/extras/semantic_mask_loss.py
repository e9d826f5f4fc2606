"""Masks of class queries as one classification per pixel.

Shapes: B clips, T frames, N queries, K tubes, C classes, H W input pixels, h w mask pixels.
"""

import torch
from mmdet.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from gvseg.models.structures import ClipBatch, DecoderOutput


@MODELS.register_module()
class SemanticMaskLoss(nn.Module):
    """Cross-entropy between classes of what ``SemanticOutput(competition='softmax')`` compares.

    Mask losses ask of every query by itself where its class is; here the classes compete for each pixel, as at test.
    For queries that stand for one class each (``PrototypeQueries(aligned=True)``).

    Args:
        loss_weight: weight of the last layer's loss; the layers before it have half of it together.
        ignore: label of pixels in no tube.
    """

    def __init__(self, loss_weight: float = 1.0, ignore: int = 255) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.ignore = ignore

    def forward(self, decoded: DecoderOutput, clips: ClipBatch) -> dict[str, Tensor]:
        """``loss_semantic``, of every layer's class logits (B, N, C + 1) and mask logits (B, N, T, h, w)."""
        labels = torch.stack(
            [self._label_map(tubes.masks, tubes.labels, clips.input_shape) for tubes in clips.ground_truth]
        )
        own = decoded.queries.classes.float().argmax(1)
        losses, count = [], len(decoded.masks)
        for layer, (scores, logits) in enumerate(zip(decoded.classes, decoded.masks)):
            last = layer == count - 1
            size = labels.shape[-2:] if last else logits.shape[-2:]
            competing = competing_logits(scores, logits, own).transpose(1, 2).flatten(0, 1)
            truth = labels.flatten(0, 1)
            if last:
                competing = interpolate(competing, size, mode='bilinear', align_corners=False)
            else:
                truth = interpolate(truth[:, None].float(), size, mode='nearest')[:, 0].long()
            weight = self.loss_weight if last else self.loss_weight / (2 * (count - 1))
            losses.append(weight * cross_entropy(competing, truth, ignore_index=self.ignore))
        return dict(loss_semantic=torch.stack(losses).sum())

    @torch.no_grad()
    def _label_map(self, masks: Tensor, labels: Tensor, size: tuple[int, int]) -> Tensor:
        """Labels (T, H, W) of tubes (K, T, H, W) bool."""
        result = masks.new_full((masks.shape[1], *size), self.ignore, dtype=torch.long)
        for mask, label in zip(masks, labels):
            result = torch.where(mask, label, result)
        return result


def competing_logits(scores: Tensor, masks: Tensor, own: Tensor) -> Tensor:
    """Mask logits (B, N, T, h, w) plus the log-probability of each query's own class.

    Args:
        scores: class logits (B, N, C + 1).
        masks: (B, N, T, h, w).
        own: class of each query, (N,) long.
    """
    certainty = scores.float().log_softmax(-1).gather(-1, own[None, :, None].expand(len(scores), -1, 1))
    return masks.float() + certainty[..., None, None]
