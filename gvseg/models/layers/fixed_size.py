"""The network's layers for inputs of one size: the same numbers, without anything a graph cannot hold.

Sizes of levels are Python integers here, where upstream keeps them in tensors, and every query is described, where
:class:`PredictedCues` picks the confident ones. Used by export only.

Shapes: B frames, N queries, L tokens of all levels, D model width, heads h, levels l, points p, u v descriptor bins.
"""

from collections.abc import Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch
from torch import Tensor, nn

from .cue_injection import LayerState, PredictedCues
from .deformable_attention import DeformablePixelDecoder, PortableDeformableAttention
from .dense_pixel_decoder import DensePixelDecoder

Sizes = Sequence[tuple[int, int]]


class FixedSizeAttention(PortableDeformableAttention):
    """Deformable attention in plain torch over levels whose sizes are integers."""

    def forward(self, query: Tensor, query_pos: Tensor, sizes: Sizes, reference_points: Tensor) -> Tensor:
        """Tokens (B, L, D) to tokens, residual included; ``reference_points`` is (L, 2), ``sizes`` height and width."""
        placed = query + query_pos
        shape = (*query.shape[:2], self.num_heads, self.num_levels, self.num_points)
        weights = self.attention_weights(placed).view(*shape[:3], -1).softmax(-1).view(shape)
        extents = torch.tensor([[width, height] for height, width in sizes], dtype=query.dtype, device=query.device)
        offsets = self.sampling_offsets(placed).view(*shape, 2) / extents[:, None]
        values = self.value_proj(query).unflatten(-1, (self.num_heads, -1))
        output = multi_scale_deformable_attn_pytorch(
            values, sizes, reference_points[:, None, None, None] + offsets, weights
        )
        return self.output_proj(output) + query


class FixedSizeLevels(nn.Module):
    """Mask2Former's pixel decoder with the levels' sizes taken from the feature maps' shapes, for any attention."""

    def forward(self, feats: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Mask features and the encoder's levels from low resolution to high, as upstream."""
        coded = list(reversed(feats))[: self.num_encoder_levels]
        sizes = [tuple(feature.shape[-2:]) for feature in coded]
        tokens = torch.cat([_tokens(convolution(feature)) for convolution, feature in zip(self.input_convs, coded)], 1)
        places = torch.cat(
            [_tokens(self._positions(feature)) + level for feature, level in zip(coded, self.level_encoding.weight)], 1
        )
        centres = torch.cat([_cell_centres(size, tokens) for size in sizes])
        for layer in self.encoder.layers:
            tokens = layer.norms[0](self._attend(layer.self_attn, tokens, places, sizes, centres))
            tokens = layer.norms[1](layer.ffn(tokens))
        parts = tokens.transpose(1, 2).split([height * width for height, width in sizes], -1)
        levels = [part.unflatten(-1, size) for part, size in zip(parts, sizes)]
        finer = list(reversed(feats))[self.num_encoder_levels :]
        for lateral, output, feature in zip(self.lateral_convs, self.output_convs, finer):
            feature = lateral(feature)
            coarse = F.interpolate(levels[-1], size=feature.shape[-2:], mode='bilinear', align_corners=False)
            levels.append(output(feature + coarse))
        return self.mask_feature(levels[-1]), levels[: self.num_outs]

    def _positions(self, feature: Tensor) -> Tensor:
        unpadded = feature.new_zeros((1, *feature.shape[-2:]), dtype=torch.bool)
        return self.postional_encoding(unpadded)

    def _attend(self, attention: nn.Module, tokens: Tensor, places: Tensor, sizes: Sizes, centres: Tensor) -> Tensor:
        return attention(tokens, places, sizes, centres)


class FixedSizePixelDecoder(FixedSizeLevels, DeformablePixelDecoder):
    """With deformable attention."""


class FixedSizeDensePixelDecoder(FixedSizeLevels, DensePixelDecoder):
    """With dense attention, which needs no geometry but where levels begin."""

    def forward(self, feats: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """As :class:`DensePixelDecoder`."""
        mask_features, levels = FixedSizeLevels.forward(self, feats)
        if self.place is not None:
            mask_features = mask_features + self.place(self._positions(mask_features))
        return mask_features, levels

    def _attend(self, attention: nn.Module, tokens: Tensor, places: Tensor, sizes: Sizes, centres: Tensor) -> Tensor:
        starts = [0, *accumulate(height * width for height, width in sizes[:-1])]
        return attention(tokens, places, level_start_index=starts)


class FixedSizeCues(PredictedCues):
    """Cues computed for every query and kept for the confident ones."""

    def _clip_cues(self, state: LayerState, clip: int, chosen: Tensor) -> Tensor:
        return state.tube_cues(clip, state.masks[clip] > 0) * chosen[:, None]


def make_exportable(head: nn.Module) -> nn.Module:
    """Exchange the layers of a head for those of this module; parameters stay as they are.

    Raises:
        TypeError: its pixel decoder is neither the deformable nor the dense one.
    """
    if isinstance(head.pixel_decoder, DeformablePixelDecoder):
        head.pixel_decoder.__class__ = FixedSizePixelDecoder
        for layer in head.pixel_decoder.encoder.layers:
            layer.self_attn.__class__ = FixedSizeAttention
    elif isinstance(head.pixel_decoder, DensePixelDecoder):
        head.pixel_decoder.__class__ = FixedSizeDensePixelDecoder
    else:
        raise TypeError(
            f'{type(head.pixel_decoder).__name__} cannot be exported, DeformablePixelDecoder and DensePixelDecoder can'
        )
    if head.cue_injection is not None:
        head.cue_injection.__class__ = FixedSizeCues
    return head


def _tokens(feature: Tensor) -> Tensor:
    return feature.flatten(2).transpose(1, 2)


def _cell_centres(size: tuple[int, int], like: Tensor) -> Tensor:
    """Centres (x, y) of a level's cells as fractions of the frame, (h * w, 2)."""
    rows, columns = ((torch.arange(side, dtype=like.dtype, device=like.device) + 0.5) / side for side in size)
    grid = torch.stack((columns[None].expand(size), rows[:, None].expand(size)), -1)
    return grid.flatten(0, 1)
