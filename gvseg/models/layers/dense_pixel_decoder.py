"""A pixel decoder whose encoder attends densely over all levels: for small frames on a CPU.

Shapes: B frames, L tokens of all levels, D model width.
"""

from collections.abc import Sequence

from mmdet.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from .level_pixel_decoder import LevelPixelDecoder


class DenseAttention(nn.Module):
    """Self-attention over all tokens, called as mmcv's deformable attention is.

    A 96 x 160 frame has 315 tokens at strides 8 to 32: dense attention over them takes a few milliseconds, sampling
    with bilinear weights in plain torch ten times that.

    Args:
        embed_dims: D.
        num_heads: attention heads.
        coarse_keys: attend to the tokens of all levels but the finest, a quarter of them.
    """

    def __init__(self, embed_dims: int, num_heads: int, coarse_keys: bool = False) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.coarse_keys = coarse_keys
        self.query_key = nn.Linear(embed_dims, 2 * embed_dims)
        self.value_proj = nn.Linear(embed_dims, embed_dims)
        self.output_proj = nn.Linear(embed_dims, embed_dims)

    def forward(
        self, query: Tensor, query_pos: Tensor | None = None, level_start_index: Sequence[int] = (0,), **kwargs
    ) -> Tensor:
        """Tokens (B, L, D), coarsest level first, to tokens, residual included; geometry is in ``query_pos`` alone."""
        seen = slice(int(level_start_index[-1]) if self.coarse_keys and len(level_start_index) > 1 else None)
        placed = query if query_pos is None else query + query_pos
        queries, keys = self.query_key(placed).chunk(2, -1)
        parts = (queries, keys[:, seen], self.value_proj(query[:, seen]))
        heads = (part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in parts)
        mixed = scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        return query + self.output_proj(mixed)


@MODELS.register_module()
class DensePixelDecoder(LevelPixelDecoder):
    """Mask2Former's pixel decoder with :class:`DenseAttention` in its encoder.

    Args:
        placed: add a linear function of the positional encoding to the mask features. A mask is a product of a query
            with these features, so two objects of the same appearance are separable only if features hold their place;
            COCO weights do, random ones take long to learn it.
        coarse_keys: see :class:`DenseAttention`; for frames of several thousand tokens.
    """

    def __init__(self, *args, placed: bool = False, coarse_keys: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.encoder.layers:
            layer.self_attn = DenseAttention(layer.self_attn.embed_dims, layer.self_attn.num_heads, coarse_keys)
        width = 2 * self.postional_encoding.num_feats
        self.place = nn.Conv2d(width, self.mask_feature.out_channels, 1) if placed else None

    def forward(self, feats: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Mask features (B, D, h, w) and the encoder's levels, as upstream."""
        mask_features, levels = super().forward(feats)
        if self.place is not None:
            mask_features = mask_features + self.place(self._position(mask_features).to(mask_features.dtype))
        return mask_features, levels
