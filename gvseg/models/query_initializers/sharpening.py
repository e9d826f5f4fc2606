"""Priors of masks sharpened by what the image shows.

Shapes: B clips, T frames, n objects, H W mask pixels.
"""

import torch
from torch import Tensor, nn


class Sharpening(nn.Module):
    """Corrections of upsampled priors by what the image shows; none before training.

    Args:
        channels: of the mask features and the map at stride 4 together.
        fine: channels that they are brought to.
        hidden: channels between the convolutions.
    """

    def __init__(self, channels: int, fine: int = 16, hidden: int = 24) -> None:
        super().__init__()
        self.fine = nn.Conv2d(channels, fine, 1)
        last = nn.Conv2d(hidden, 1, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        self.layers = nn.Sequential(
            nn.Conv2d(fine + 2, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            last,
        )

    def forward(self, maps: Tensor, features: list[Tensor], shape: tuple[int, int, int]) -> Tensor:
        """Corrections (B, n, T, H, W) of logits (B * n * T, 2, H, W); ``shape`` is (B, n, T)."""
        batch, count, frames = shape
        fine = self.fine(torch.cat((features[-1], features[0]), 1)).unflatten(0, (batch, 1, frames))
        fine = fine.expand(-1, count, -1, -1, -1, -1).flatten(0, 2)
        return self.layers(torch.cat((maps / 4, fine), 1))[:, 0].unflatten(0, shape)
