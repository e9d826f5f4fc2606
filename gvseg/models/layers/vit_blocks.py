"""Blocks of a vision transformer whose tokens may be joined by queries.

A block is that of DINOv2 (pre-norm attention and feed-forward, each with a learned scale). In the last blocks of an
encoder-only segmenter the queries are tokens like those of the frames (EoMT, CVPR 2025).

Shapes: B clips, T frames, N queries, L tokens of a frame, D model width, d width of a head.
"""

import torch
from mmengine.model import ModuleList
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention, silu


class TokenAttention(nn.Module):
    """Self-attention of the tokens of a frame, or of queries and the frames of a clip.

    Args:
        dim: D.
        num_heads: attention heads.
    """

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor, num_queries: int = 0, frames: int = 1, seen: Tensor | None = None) -> Tensor:
        """Attended tokens, (B, N + T * L, D).

        A token of a frame attends to the queries and to its own frame, a query to everything: a query is a tube of the
        clip, and frames meet in it alone. With one frame this is attention over all tokens.

        Args:
            tokens: queries first, then frame after frame, (B, N + T * L, D).
            num_queries: N.
            frames: T.
            seen: what queries attend to, (B, N, N + T * L) bool; ``None``: all.
        """
        parts = self.qkv(tokens).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        if seen is None and frames == 1:
            mixed = scaled_dot_product_attention(*parts)
        else:
            mixed = torch.cat(
                (
                    scaled_dot_product_attention(
                        parts[0, :, :, :num_queries], parts[1], parts[2], attn_mask=_per_head(seen)
                    ),
                    _attend_within_frames(parts, num_queries, frames),
                ),
                2,
            )
        return self.proj(mixed.transpose(1, 2).flatten(2))


def _per_head(seen: Tensor | None) -> Tensor | None:
    return None if seen is None else seen[:, None]


def _attend_within_frames(parts: Tensor, num_queries: int, frames: int) -> Tensor:
    """Tokens of frames after attention to the queries and their own frame.

    Args:
        parts: queries, keys and values of attention, (3, B, heads, N + T * L, d).
        num_queries: N.
        frames: T.

    Returns:
        (B, heads, T * L, d).
    """
    own = parts[..., num_queries:, :].unflatten(-2, (frames, -1))
    shared = parts[1:, ..., None, :num_queries, :].expand(-1, -1, -1, frames, -1, -1)
    keys, values = torch.cat((shared, own[1:]), -2)
    return scaled_dot_product_attention(own[0], keys, values).flatten(2, 3)


class FeedForward(nn.Module):
    """Two linear layers with GELU between them.

    Args:
        dim: D.
        ratio: hidden width as a multiple of D.
    """

    def __init__(self, dim: int, ratio: float) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, int(dim * ratio))
        self.fc2 = nn.Linear(int(dim * ratio), dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """(..., D) to (..., D)."""
        return self.fc2(gelu(self.fc1(tokens)))


class SwiGLU(nn.Module):
    """Feed-forward with a gate, as DINOv2's giant network has it.

    Args:
        dim: D.
        ratio: hidden width of the feed-forward that it replaces, as a multiple of D; a gate costs a third of it.
    """

    def __init__(self, dim: int, ratio: float) -> None:
        super().__init__()
        hidden = -(-int(int(dim * ratio) * 2 / 3) // 8) * 8
        self.fc1 = nn.Linear(dim, 2 * hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """(..., D) to (..., D)."""
        gate, value = self.fc1(tokens).chunk(2, -1)
        return self.fc2(silu(gate) * value)


class LayerScale(nn.Module):
    """A learned factor of each channel of what a block adds to its tokens.

    Args:
        dim: D.
        value: its value before training.
    """

    def __init__(self, dim: int, value: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((dim,), float(value)))

    def forward(self, tokens: Tensor) -> Tensor:
        """(..., D) to (..., D)."""
        return tokens * self.gamma


class TokenBlock(nn.Module):
    """Attention and feed-forward of a vision transformer, names as timm's.

    Args:
        dim: D.
        num_heads: attention heads.
        mlp_ratio: hidden width of the feed-forward as a multiple of D.
        swiglu: feed-forward with a gate.
        layer_scale: initial factor of what the block adds.
    """

    def __init__(
        self, dim: int, num_heads: int, mlp_ratio: float = 4.0, swiglu: bool = False, layer_scale: float = 1.0
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = TokenAttention(dim, num_heads)
        self.ls1 = LayerScale(dim, layer_scale)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = (SwiGLU if swiglu else FeedForward)(dim, mlp_ratio)
        self.ls2 = LayerScale(dim, layer_scale)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)

    def forward(self, tokens: Tensor, num_queries: int = 0, frames: int = 1, seen: Tensor | None = None) -> Tensor:
        """Tokens to tokens; arguments as :meth:`TokenAttention.forward`."""
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens), num_queries, frames, seen))
        return tokens + self.ls2(self.mlp(self.norm2(tokens)))


def token_blocks(depth: int, **settings) -> ModuleList:
    """That many :class:`TokenBlock` with the same settings."""
    return ModuleList([TokenBlock(**settings) for _ in range(depth)])
