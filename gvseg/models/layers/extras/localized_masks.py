"""Location-conditioned mask embeddings.

Shapes: B clips, N queries, T frames, D model width, h w mask pixels.
"""

import torch
from mmdet.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class LocalizedMaskEmbed(nn.Module):
    """Mask embeddings with a location prior around a predicted centre.

    A mask is the product of a query's embedding with the features of every place, so two objects of the same appearance
    get one mask until features and queries have learned their places. Here a query predicts a centre c and a radius r,
    and ``sharpness * (1 - |p - c|^2 / r^2)`` is added to its mask logits at place p. This is a product too, of four
    numbers made of c and r with (x^2 + y^2, x, y, 1) of the place, so that no other part changes. Not in the paper,
    which starts from COCO weights.

    Args:
        mask_embed: upstream's mask embedding.
        dim: D.
        sharpness: logit added at the centre; masks may extend beyond the radius.
    """

    def __init__(self, mask_embed: nn.Module, dim: int, sharpness: float = 2.0) -> None:
        super().__init__()
        self.looks = mask_embed
        self.place = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(inplace=True), nn.Linear(dim, 3))
        self.sharpness = sharpness

    def forward(self, query: Tensor) -> Tensor:
        """Queries (B, N, D) to embeddings (B, N, D + 4)."""
        centre, size = self.place(query).split((2, 1), -1)
        centre = centre + 0.5
        steepness = self.sharpness * (-2 * size.clamp(min=-4, max=4)).exp()
        level = self.sharpness - steepness * centre.square().sum(-1, keepdim=True)
        return torch.cat((self.looks(query), -steepness, 2 * steepness * centre, level), -1)

    @staticmethod
    def extend(mask_features: Tensor) -> Tensor:
        """Mask features (B, T, D, h, w) with the four numbers of each place as channels; the frame has height 1."""
        rows, columns = mask_features.shape[-2:]
        steps = (torch.arange(max(rows, columns), device=mask_features.device) + 0.5) / rows
        y = steps[:rows, None].expand(rows, columns).to(mask_features.dtype)
        x = steps[None, :columns].expand(rows, columns).to(mask_features.dtype)
        numbers = torch.stack((x.square() + y.square(), x, y, torch.ones_like(x)))
        return torch.cat((mask_features, numbers.expand(*mask_features.shape[:2], -1, -1, -1)), 2)
