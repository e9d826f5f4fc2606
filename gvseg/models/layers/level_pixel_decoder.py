"""Mask2Former's pixel decoder with sizes of levels as numbers.

Shapes: B frames, L tokens of all levels, D model width.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmdet.models.layers.msdeformattn_pixel_decoder import MSDeformAttnPixelDecoder
from torch import Tensor

from .position_cache import PositionCache


class LevelPixelDecoder(MSDeformAttnPixelDecoder):
    """Upstream's numbers and parameter names.

    Upstream keeps the sizes of levels in tensors, which an accelerator has to be waited for and no graph can hold;
    here they are the feature maps' shapes. The positional encoding of a size is computed once.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.positions = PositionCache()

    def forward(self, feats: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Mask features (B, D, h, w) and the encoder's levels from low resolution to high, as upstream."""
        coded = list(reversed(feats))[: self.num_encoder_levels]
        sizes = tuple((feature.shape[-2], feature.shape[-1]) for feature in coded)
        tokens = torch.cat([_tokens(convolution(feature)) for convolution, feature in zip(self.input_convs, coded)], 1)
        places = torch.cat(
            [
                _tokens(level[None, :, None, None] + self._position(feature))
                for feature, level in zip(coded, self.level_encoding.weight)
            ],
            1,
        )
        centres = torch.cat([_cell_centres(size, tokens.device) for size in sizes])
        starts = [sum(height * width for height, width in sizes[:level]) for level in range(len(sizes))]
        for layer in self.encoder.layers:
            tokens = layer.self_attn(
                query=tokens, query_pos=places, reference_points=centres, spatial_shapes=sizes, level_start_index=starts
            )
            tokens = layer.norms[1](layer.ffn(layer.norms[0](tokens)))
        return self._pyramid(tokens, sizes, list(reversed(feats))[self.num_encoder_levels :])

    def _pyramid(
        self, tokens: Tensor, sizes: Sequence[tuple[int, int]], finer: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """The encoder's tokens (B, L, D) as maps, finer levels of the backbone on top."""
        parts = tokens.transpose(1, 2).split([height * width for height, width in sizes], -1)
        levels = [part.unflatten(-1, size) for part, size in zip(parts, sizes)]
        for lateral, output, feature in zip(self.lateral_convs, self.output_convs, finer):
            feature = lateral(feature)
            coarse = F.interpolate(levels[-1], size=feature.shape[-2:], mode='bilinear', align_corners=False)
            levels.append(output(feature + coarse))
        return self.mask_feature(levels[-1]), levels[: self.num_outs]

    def _position(self, feature: Tensor) -> Tensor:
        """Encoding (1, D, h, w) of the places of a feature map (B, c, h, w)."""
        return self.positions(self.postional_encoding, (1, *feature.shape[-2:]), feature.device)


def _tokens(feature: Tensor) -> Tensor:
    return feature.flatten(2).transpose(1, 2)


def _cell_centres(size: tuple[int, int], device: torch.device) -> Tensor:
    """Centres (x, y) of a level's cells as fractions of the frame, (h * w, 2)."""
    rows, columns = ((torch.arange(side, device=device) + 0.5) / side for side in size)
    grid = torch.stack((columns[None].expand(size), rows[:, None].expand(size)), -1)
    return grid.flatten(0, 1)
