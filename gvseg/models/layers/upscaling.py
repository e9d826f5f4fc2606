"""Tokens of patches at the size of masks.

Shapes: B frames, D model width, h w patches.
"""

from torch import Tensor, nn
from torch.nn.functional import gelu


class DoubleSize(nn.Module):
    """Twice the sides of a map by a transposed convolution, as EoMT's upscaling.

    Args:
        dim: D.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv1 = nn.ConvTranspose2d(dim, dim, 2, 2)
        self.conv2 = nn.Conv2d(dim, dim, 3, padding=1, groups=dim, bias=False)
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, patches: Tensor) -> Tensor:
        """(B, D, h, w) to (B, D, 2 h, 2 w)."""
        fine = self.conv2(gelu(self.conv1(patches)))
        return self.norm(fine.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
