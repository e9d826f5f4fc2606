"""What is written into the memory of the objects of a video, and how past features are read; not in the paper.

Shapes: K objects, S past embeddings of an object, c feature channels, u v descriptor bins.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from gvseg.core.descriptors.operations import descriptor_change


@dataclass(frozen=True)
class MemoryRules:
    """Rules of ``ExemplarQueries(memory=dict(...))``; the defaults write all that is seen and read the latest.

    Attributes:
        capacity: past embeddings that are kept of every object beside the latest one (S).
        scale: of their cosine to the latest; the higher, the less an embedding that differs from it counts.
        min_confidence: objects are written whose class probability times the mean probability inside their mask is
            above this.
        max_change: and whose descriptors of the first and of the last frame of the clip differ by a dH (Eq. 10) of no
            more than this; ``None``: by any.
    """

    capacity: int = 0
    scale: float = 10.0
    min_confidence: float = 0.0
    max_change: float | None = None

    def trusted(self, confidence: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """Objects whose result is written into the memory, (K,) bool.

        Args:
            confidence: (K,).
            first: descriptors in the first frame where each has pixels, (K, u, v).
            last: in the last one, likewise.
        """
        trusted = confidence > self.min_confidence
        return trusted if self.max_change is None else trusted & (descriptor_change(first, last) <= self.max_change)

    def push(self, past: Tensor, appearance: Tensor, written: Tensor) -> Tensor:
        """Past embeddings (K, S, c), the latest first, with the appearance (K, c) of the objects ``written`` (K,)."""
        pushed = torch.cat((appearance[:, None].to(past), past), 1)[:, : past.shape[1]]
        return torch.where(written[:, None, None], pushed, past)

    def read(self, past: Tensor, appearance: Tensor) -> Tensor:
        """Mean (K, c) of the latest embeddings (K, c) and past ones (K, S, c), weighted by their similarity to it."""
        if not past.shape[1]:
            return appearance
        all_of = torch.cat((appearance[:, None], past.to(appearance)), 1)
        likeness = self.scale * F.cosine_similarity(appearance[:, None], all_of, dim=-1)
        known = all_of.any(-1)  # zeros: not filled yet
        known[:, 0] = True
        weights = likeness.masked_fill(~known, float('-inf')).softmax(1)
        return torch.einsum('ks,ksc->kc', weights, all_of)
