"""A pixel decoder whose encoder attends densely over all levels: for small frames on a CPU.

Shapes: B frames, L tokens of all levels, D model width.
"""
from mmdet.models.layers.msdeformattn_pixel_decoder import MSDeformAttnPixelDecoder
from mmdet.registry import MODELS
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class DenseAttention(nn.Module):
    """Self-attention over all tokens, called as mmcv's deformable attention is.

    A 96 x 160 frame has 315 tokens at strides 8 to 32: dense attention over them takes a few milliseconds, sampling
    with bilinear weights in plain torch ten times that.

    Args:
        embed_dims: D.
        num_heads: attention heads.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query_key = nn.Linear(embed_dims, 2 * embed_dims)
        self.value_proj = nn.Linear(embed_dims, embed_dims)
        self.output_proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, query: Tensor, query_pos: Tensor | None = None, **kwargs) -> Tensor:
        """Tokens (B, L, D) to tokens, residual included; geometry is in ``query_pos`` alone."""
        placed = query if query_pos is None else query + query_pos
        parts = (*self.query_key(placed).chunk(2, -1), self.value_proj(query))
        heads = (part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in parts)
        mixed = scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        return query + self.output_proj(mixed)


@MODELS.register_module()
class DensePixelDecoder(MSDeformAttnPixelDecoder):
    """Mask2Former's pixel decoder with :class:`DenseAttention` in its encoder."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.encoder.layers:
            layer.self_attn = DenseAttention(layer.self_attn.embed_dims, layer.self_attn.num_heads)
