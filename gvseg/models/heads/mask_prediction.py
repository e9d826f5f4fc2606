"""Masks of queries as products with mask features, at the size at which they are needed.

Shapes: B clips, N queries, n some of them, T frames, D model width, h w mask pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import interpolate, pad

from gvseg.models.structures import ObjectMemory

ABSENT = -100.0
"""Mask logit of an object in a frame before it is first shown."""


@dataclass
class LayerPrediction:
    """Predictions between two decoder layers.

    Attributes:
        classes: class logits (B, N, C + 1).
        masks: mask logits (B, N, T, h, w); ``None`` where they are not needed.
        hidden: keys that a query does not attend to in the next layer, (B, N, L) bool; ``None`` after the last.
        tubes: (clip, some of its queries: indices or a slice) -> their mask logits (n, T, h, w).
    """

    classes: Tensor
    masks: Tensor | None
    hidden: Tensor | None
    tubes: Callable[[int, Tensor | slice], Tensor]


class MaskFeatures:
    """Mask features of B clips, at their own size and at those of the decoder's levels.

    A mask is linear in the features and so is bilinear interpolation: a mask at another size is the product with
    features brought to that size once, where upstream resizes every mask of every layer.

    Args:
        full: (B, T, D, h, w).
        prior: logits that are added to every query's mask, (B, N, T, h, w); ``None``: there are none.
    """

    def __init__(self, full: Tensor, prior: Tensor | None = None) -> None:
        self.full = full
        self.prior = prior
        self._resized_prior: dict[tuple[int, int], Tensor] = {}
        self._resized: dict[tuple[int, int], Tensor] = {}

    def masks(self, embeddings: Tensor) -> Tensor:
        """Mask logits (B, N, T, h, w) of embeddings (B, N, D) at the size of the features."""
        masks = (embeddings[:, None] @ self.full.flatten(3)).transpose(1, 2).unflatten(-1, self.full.shape[-2:])
        return masks if self.prior is None else masks + self.prior.to(masks.dtype)

    def tubes(self, clip: int, chosen: Tensor | slice, embeddings: Tensor) -> Tensor:
        """Mask logits (n, T, h, w) of some of one clip's queries, with embeddings (n, D)."""
        masks = (embeddings @ self.full[clip].flatten(2)).transpose(0, 1).unflatten(-1, self.full.shape[-2:])
        return masks if self.prior is None else masks + self.prior[clip][chosen].to(masks.dtype)

    def hidden(self, embeddings: Tensor, size: tuple[int, int]) -> Tensor:
        """Where each query's mask is not, at another size; (B, N, T * h' * w') bool."""
        if size not in self._resized:
            small = interpolate(self.full.flatten(0, 1), size, mode='bilinear', align_corners=False)
            self._resized[size] = small.unflatten(0, self.full.shape[:2]).transpose(1, 2).flatten(2)
            if self.prior is not None:
                prior = interpolate(self.prior.flatten(0, 1), size, mode='bilinear', align_corners=False)
                self._resized_prior[size] = prior.unflatten(0, self.prior.shape[:2]).flatten(2).detach()
        return embeddings @ self._resized[size] + self._resized_prior.get(size, 0) < 0


def unmask_empty_rows(hidden: Tensor) -> Tensor:
    """Attention mask with the rows cleared that hide every key; (..., N, L) bool, true = hidden."""
    return hidden & ~hidden.all(-1, keepdim=True)


def without_unshown_objects(masks: Tensor, frames: Tensor, memory: ObjectMemory) -> Tensor:
    """Mask logits (N, T, h, w), ``ABSENT`` in frames before an object is shown; objects have the first K queries."""
    early = pad(memory.not_yet_shown(frames), (0, 0, 0, len(masks) - len(memory.ids)))
    return masks.masked_fill(early[..., None, None], ABSENT)
