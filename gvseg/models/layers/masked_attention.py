"""Attention of the decoder's layers through torch's fused kernel.

Shapes: B clips, N queries, L keys, D model width.
"""

import torch
from mmcv.cnn.bricks.transformer import MultiheadAttention
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention


class FusedAttention(MultiheadAttention):
    """mmcv's module without attention weights in memory: at 720p these take 138 MB a layer and are not used.

    Training on a CPU does it as upstream: bit for bit, which a test compares.
    """

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        query_pos: Tensor | None = None,
        key_pos: Tensor | None = None,
        attn_mask: Tensor | None = None,
        **kwargs,
    ) -> Tensor:
        """Attended queries with the residual, (B, N, D).

        Args:
            query: (B, N, D).
            key: (B, L, D).
            value: (B, L, D).
            query_pos: (B, N, D).
            key_pos: (B, L, D).
            attn_mask: what is hidden, the same for all heads, (B, N, L) bool; ``None``: nothing.
            kwargs: arguments of upstream's that its decoder leaves at ``None``.
        """
        if torch.is_grad_enabled() and query.device.type == 'cpu':
            if attn_mask is not None:
                attn_mask = attn_mask.repeat_interleave(self.num_heads, 0)
            places = dict(query_pos=query_pos, key_pos=key_pos, attn_mask=attn_mask)
            return super().forward(query=query, key=key, value=value, **places)
        placed = query if query_pos is None else query + query_pos
        key = key if key_pos is None else key + key_pos
        queries, keys, values = self._heads(placed, key, value)
        seen = None if attn_mask is None else ~attn_mask[:, None]
        mixed = scaled_dot_product_attention(queries, keys, values, attn_mask=seen).transpose(1, 2).flatten(2)
        return query + self.dropout_layer(self.proj_drop(self.attn.out_proj(mixed)))

    def _heads(self, *inputs: Tensor) -> list[Tensor]:
        """Queries, keys and values of every head, each (B, heads, tokens, D / heads)."""
        weights, biases = self.attn.in_proj_weight.chunk(3), self.attn.in_proj_bias.chunk(3)
        projected = (linear(*parts) for parts in zip(inputs, weights, biases))
        return [part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in projected]
