"""Pairs and losses of task-oriented temporal contrastive learning (paper section 3.1, Eq. 10).

Shapes: K key embeddings, M reference embeddings, D model width, u v descriptor bins.
No function here synchronises with the device.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from .descriptors import descriptor_change
from .similarity import cosine_similarity

NEGATIVES_PER_POSITIVE = 3


class PairLabels(NamedTuple):
    """Labels of every pair of key and reference; a pair has at most one.

    Attributes:
        positive: the same object in a similar shape and place, or the same semantic class, (K, M) bool.
        negative: another object or class, (K, M) bool.
        changed: the same object in another shape or place, (K, M) bool.
    """

    positive: Tensor
    negative: Tensor
    changed: Tensor

    def among(self, keys: Tensor, references: Tensor) -> 'PairLabels':
        """The same, of some keys (K,) bool and some references (M,) bool only; other pairs are nothing.

        Selecting them would synchronise with the device for their number.
        """
        pairs = keys[:, None] & references[None]
        return PairLabels(*(labels & pairs for labels in self))


def label_instances(
    key_ids: Tensor, key_descriptors: Tensor, ref_ids: Tensor, ref_descriptors: Tensor, threshold: float
) -> PairLabels:
    """Positive and negative references of every key (paper section 3.1, "Task-Oriented TCL").

    Args:
        key_ids: identities, (K,).
        key_descriptors: (K, u, v).
        ref_ids: (M,).
        ref_descriptors: (M, u, v).
        threshold: tau, above the relative change of the descriptor (Eq. 10) among positives.
    """
    same = key_ids[:, None] == ref_ids[None]
    like = descriptor_change(key_descriptors[:, None], ref_descriptors[None]) < threshold
    return PairLabels(same & like, ~same, same & ~like)


def label_identities(key_ids: Tensor, ref_ids: Tensor) -> PairLabels:
    """The same object or class is positive, everything else negative; (K,) and (M,)."""
    same = key_ids[:, None] == ref_ids[None]
    return PairLabels(same, ~same, torch.zeros_like(same))


def contrastive_loss(
    embeddings: Tensor, references: Tensor, positive: Tensor, negative: Tensor, normalize: bool = False
) -> Tensor:
    """log(1 + sum over positives k+ and negatives k- of exp(v.k- - v.k+)), the mean over keys v that have both.

    The double sum is the product of two sums, so its logarithm is a sum of two logsumexp, which do not overflow.

    Args:
        embeddings: keys, (K, D).
        references: (M, D).
        positive: (K, M) bool.
        negative: (K, M) bool.
        normalize: compare cosines instead of dot products.

    Returns:
        Scalar; 0 that keeps the graph where no key has both.
    """
    with torch.autocast(embeddings.device.type, enabled=False):
        scores = cosine_similarity(embeddings, references) if normalize else embeddings.float() @ references.float().T
    low = torch.finfo(scores.dtype).min / 4
    pull = torch.logsumexp((-scores).masked_fill(~positive, low), 1)
    push = torch.logsumexp(scores.masked_fill(~negative, low), 1)
    counts = positive.any(1) & negative.any(1)
    # Keys that do not count are cleared before the softplus, so that they have no gradient.
    exponent = torch.where(counts, pull + push, torch.zeros_like(pull))
    return (F.softplus(exponent) * counts).sum() / counts.sum().clamp(min=1) + scores.sum() * 0


def cosine_pull_loss(embeddings: Tensor, references: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """Mean squared distance of the cosine to 1 for positive and 0 for negative pairs (auxiliary loss of IDOL).

    Negatives are many: only the hardest ones, three per positive (at least three), count.

    Args:
        embeddings: keys, (K, D).
        references: (M, D).
        positive: (K, M) bool.
        negative: (K, M) bool.

    Returns:
        Scalar; 0 that keeps the graph where there is no pair.
    """
    cosines = cosine_similarity(embeddings, references)
    pulled = ((cosines - 1).square() * positive).sum()
    pushed = torch.where(negative, cosines.square(), torch.full_like(cosines, -1)).flatten()
    pushed = pushed.sort(descending=True).values
    most = NEGATIVES_PER_POSITIVE * positive.sum().clamp(min=1)
    kept = torch.minimum(most, negative.sum())
    chosen = torch.arange(len(pushed), device=pushed.device) < kept
    return (pulled + (pushed * chosen).sum()) / (positive.sum() + kept).clamp(min=1)
