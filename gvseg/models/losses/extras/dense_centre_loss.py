"""Per-pixel regression of the instance centre, which separates neighbours of the same appearance.

Shapes: B clips, T frames, K tubes, D model width, F waves, H W input pixels, h w feature map.
"""

import math

import torch
from mmdet.registry import MODELS
from mmdet.utils import reduce_mean
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gvseg.models.structures import ClipBatch, DecoderOutput


@MODELS.register_module()
class DenseCentreLoss(nn.Module):
    """Predicts at each place of an object the centre of its instance; used in training only.

    Masks are products of a query with the features of every place. Two objects of the same appearance get one mask as
    long as their features are equal, so the features are trained to hold what differs, the centre. It is encoded in
    sine waves, whose products are largest where they agree: a query with the encoding of a centre gives its mask
    without another function to learn. Not in the paper, which starts from COCO weights.

    Args:
        embed_dims: channels of the mask features (D).
        wavelengths: in heights of the frame (F).
        loss_weight: weight of the loss.
    """

    frequencies: Tensor

    def __init__(
        self, embed_dims: int, wavelengths: tuple[float, ...] = (4.0, 2.0, 1.0, 0.5, 0.25), loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.register_buffer('frequencies', 2 * math.pi / torch.tensor(wavelengths), persistent=False)
        self.regressor = nn.Conv2d(embed_dims, 4 * len(wavelengths), 1)
        self.loss_weight = loss_weight

    def forward(self, decoded: DecoderOutput, clips: ClipBatch) -> dict[str, Tensor]:
        """Mean absolute error over all places, of all ranks, of which an instance covers more than half.

        Args:
            decoded: with the mask features (B * T, D, h, w) as its last ones.
            clips: with targets.

        Returns:
            ``loss_centre``, 0 where no clip has an instance.
        """
        mask_features = decoded.features[-1]
        maps = [self._wave_map(target.masks, mask_features.shape[-2:]) for target in clips.ground_truth]
        truth, inside = (torch.cat(part) for part in zip(*maps))
        error = (self.regressor(mask_features).float() - truth).abs().mean(1)
        count = reduce_mean(inside.sum().float()).clamp(min=1)
        return dict(loss_centre=self.loss_weight * (error * inside).sum() / count)

    @torch.no_grad()
    def _wave_map(self, masks: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
        """Waves (T, 4 F, h, w) of the centre of the tube at each place, and where there is one (T, h, w)."""
        tubes, frames = masks.shape[:2]
        if not tubes:
            return (
                masks.new_zeros((frames, 4 * len(self.frequencies), *size), dtype=torch.float32),
                masks.new_zeros((frames, *size), dtype=torch.bool),
            )
        shares = interpolate(masks.float(), size, mode='area')
        waves = self._waves(_centres(shares))
        share, owner = shares.max(0)
        frame = torch.arange(frames, device=masks.device)[:, None, None]
        return waves[owner, frame].permute(0, 3, 1, 2), share > 0.5

    def _waves(self, centres: Tensor) -> Tensor:
        """(K, T, 2) to sines and cosines (K, T, 4 F)."""
        phase = (centres[..., None] * self.frequencies).flatten(-2)
        return torch.cat((phase.sin(), phase.cos()), -1)


def _centres(shares: Tensor) -> Tensor:
    """Centroids (K, T, 2) as (x, y) in heights of the frame of soft masks (K, T, h, w); 0 for an empty one."""
    height, width = shares.shape[-2:]
    steps = (torch.arange(max(height, width), device=shares.device) + 0.5) / height
    mass = shares.sum((-2, -1)).clamp(min=1e-6)
    x = (shares.sum(-2) * steps[:width]).sum(-1) / mass
    y = (shares.sum(-1) * steps[:height]).sum(-1) / mass
    return torch.stack((x, y), -1)


@MODELS.register_module()
class AuxiliaryLosses(nn.ModuleList):
    """Several losses as one.

    Args:
        losses: their configs.
    """

    def __init__(self, losses: list[dict]) -> None:
        super().__init__(MODELS.build(loss) for loss in losses)

    def forward(self, decoded: DecoderOutput, clips: ClipBatch) -> dict[str, Tensor]:
        """All of them; names must differ."""
        return {name: value for loss in self for name, value in loss(decoded, clips).items()}
