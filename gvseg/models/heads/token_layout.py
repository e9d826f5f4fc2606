"""Where queries, extra tokens and patches are in the tokens of a clip.

Shapes: B clips, T frames, N queries, E class and register tokens of a frame, h w patches, D model width,
L = N + T * (E + h * w) tokens of a clip.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad


@dataclass(frozen=True)
class TokenLayout:
    """Queries first, then frame after frame its extra tokens and its patches, row by row.

    Attributes:
        queries: N.
        frames: T.
        extra: E.
        size: (h, w).
    """

    queries: int
    frames: int
    extra: int
    size: tuple[int, int]

    def join(self, queries: Tensor, patches: Tensor, extra: Tensor) -> Tensor:
        """Tokens (B, L, D) from queries (B, N, D), patches (B * T, D, h, w) and extra tokens (B * T, E, D)."""
        frames = torch.cat((extra, patches.flatten(2).transpose(1, 2)), 1)
        return torch.cat((queries, frames.unflatten(0, (-1, self.frames)).flatten(1, 2)), 1)

    def split(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Queries (B, N, D) and patches (B * T, D, h, w) of tokens (B, L, D)."""
        queries, frames = tokens.split([self.queries, tokens.shape[1] - self.queries], 1)
        patches = frames.unflatten(1, (self.frames, -1)).flatten(0, 1)[:, self.extra :]
        return queries, patches.transpose(1, 2).unflatten(-1, self.size)

    def added(self, tokens: Tensor, values: Tensor) -> Tensor:
        """Tokens (B, L, D) with values (B, N, D) added to the queries."""
        return tokens + pad(values, (0, 0, 0, tokens.shape[1] - self.queries))

    def seen(self, hidden: Tensor) -> Tensor:
        """What queries attend to: everything but hidden patches, (B, N, T * h * w) bool to (B, N, L) bool."""
        frames = pad(hidden.unflatten(-1, (self.frames, -1)), (self.extra, 0))
        return ~pad(frames.flatten(2), (self.queries, 0))
