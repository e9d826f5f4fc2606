"""The encoder of an encoder-only segmenter: a plain vision transformer without its last blocks.

Shapes: B frames, D model width, H W input pixels, P patch side, h w patches (H / P, W / P), R register tokens.
"""

import warnings

import torch
from mmdet.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from .vit_blocks import token_blocks


@MODELS.register_module()
class PlainViT(BaseModule):
    """Patches, class and register tokens through the blocks that queries have no part in (as in DINOv2, EoMT).

    The last blocks belong to the head (``JointHead``).

    Args:
        blocks: ``depth``, the number of blocks before the queries join, and settings of :class:`TokenBlock` (``dim``
            is D).
        patch_size: P. A frame whose sides are no multiples of it is resized to the nearest ones, with a warning.
        grid: patches (rows, columns) that the learned position embeddings are for; frames of other sizes get them
            interpolated.
        num_registers: R.
        stem: settings of :class:`ConvolutionalStem` instead of one linear map of a patch; ``None``: the map.
    """

    def __init__(
        self,
        blocks: dict,
        patch_size: int,
        grid: tuple[int, int],
        num_registers: int = 4,
        stem: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        dim = blocks['dim']
        self.patch_size = patch_size
        self.grid = tuple(grid)
        self.patch_embed = (
            nn.Conv2d(3, dim, patch_size, patch_size)
            if stem is None
            else ConvolutionalStem(dim=dim, patch_size=patch_size, **stem)
        )
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.register_tokens = nn.Parameter(0.02 * torch.randn(1, num_registers, dim))
        self.pos_embed = nn.Parameter(nn.init.trunc_normal_(torch.empty(1, grid[0] * grid[1], dim), std=0.02))
        self.blocks = token_blocks(**blocks)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Frames (B, 3, H, W) to tokens of patches (B, D, h, w) and of class and registers (B, 1 + R, D)."""
        patches = self.patch_embed(self._whole_patches(pixels))
        size = patches.shape[-2:]
        patches = patches.flatten(2).transpose(1, 2) + self._positions(size)
        extra = torch.cat((self.cls_token, self.register_tokens), 1).expand(len(patches), -1, -1)
        tokens = torch.cat((extra, patches), 1)
        for block in self.blocks:
            tokens = block(tokens)
        extra, patches = tokens.split([extra.shape[1], patches.shape[1]], 1)
        return [patches.transpose(1, 2).unflatten(-1, size), extra]

    def _positions(self, size: torch.Size) -> Tensor:
        """Position embeddings (1, h * w, D) for a frame of ``size`` = (h, w) patches."""
        if tuple(size) == self.grid:
            return self.pos_embed
        learned = self.pos_embed.transpose(1, 2).unflatten(-1, self.grid)
        resized = interpolate(learned.float(), size, mode='bicubic', antialias=True)
        return resized.flatten(2).transpose(1, 2).to(learned.dtype)

    def _whole_patches(self, pixels: Tensor) -> Tensor:
        """The frames, resized where their sides are no multiples of P."""
        size = pixels.shape[-2:]
        whole = [max(1, round(side / self.patch_size)) * self.patch_size for side in size]
        if list(size) == whole:
            return pixels
        warnings.warn(
            f'frames of {size[0]} x {size[1]} pixels are resized to {whole[0]} x {whole[1]}, a whole number of patches '
            f'of {self.patch_size}: set data_preprocessor.pad_size_divisor to {self.patch_size}'
        )
        return interpolate(pixels, whole, mode='bilinear', align_corners=False)


class ConvolutionalStem(nn.Sequential):
    """Patches by convolutions of stride 2, which learn from random weights sooner than one linear map of a patch.

    Args:
        dim: D.
        patch_size: P, a power of 2; one convolution for each halving, then a linear map.
        channels: of the first convolution; each one after it has twice as many.
        groups: of the group norm after each convolution.
    """

    def __init__(self, dim: int, patch_size: int, channels: int, groups: int = 4) -> None:
        widths = [3, *(channels * 2**step for step in range(patch_size.bit_length() - 1))]
        layers: list[nn.Module] = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.Conv2d(before, after, 3, 2, 1, bias=False), nn.GroupNorm(groups, after), nn.ReLU(True)]
        super().__init__(*layers, nn.Conv2d(widths[-1], dim, 1))
