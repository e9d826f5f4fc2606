"""Contrastive pairs and losses. Shapes: K keys, M references, D width, u v bins."""
import torch
from torch import Tensor

from .shape_position import descriptor_change


def positive_pairs(key_ids, key_descriptors, ref_ids, ref_descriptors, threshold):
    same = key_ids[:, None] == ref_ids[None]
    close = descriptor_change(key_descriptors[:, None], ref_descriptors[None]) < threshold
    return same & close, ~(same & close)


def contrastive_loss(embeddings: Tensor, references: Tensor, positive: Tensor, negative: Tensor,
                     normalize: bool = False) -> Tensor:
    if normalize:
        embeddings, references = (torch.nn.functional.normalize(v, dim=-1) for v in (embeddings, references))
    scores = embeddings.float() @ references.float().T
    low = torch.finfo(scores.dtype).min
    pull = torch.logsumexp((-scores).masked_fill(~positive, low), 1)
    push = torch.logsumexp(scores.masked_fill(~negative, low), 1)
    both = positive.any(1) & negative.any(1)
    if not bool(both.any()):
        return scores.sum() * 0
    return torch.nn.functional.softplus((pull + push)[both]).mean()


def cosine_pull_loss(embeddings, references, positive, negative):
    scores = torch.nn.functional.normalize(embeddings.float(), dim=-1) @ torch.nn.functional.normalize(
        references.float(), dim=-1).T
    good = (scores[positive] - 1).square()
    bad = scores[negative].square()
    if len(good) and len(bad) > 3 * len(good):
        bad = bad.topk(3 * len(good)).values
    both = torch.cat((good, bad))
    return both.mean() if len(both) else scores.sum() * 0
