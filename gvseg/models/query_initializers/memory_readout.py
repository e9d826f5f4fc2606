"""What remembered places say of the places of a clip: the readout of ``ExemplarMatching``.

Shapes: B clips, T frames, n objects, M remembered places, Q places of a clip, D width of keys, k places that count,
h w matching pixels, H W mask pixels.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

FLOOR = 1e-3
"""Share of a remembered place that is always inside and always outside: bounds the logits to about +-7."""
CHUNK = 2048
"""Places of a clip that are matched at a time at test."""


@dataclass(frozen=True)
class MatchingRules:
    """Rules of ``ExemplarMatching(at_test=dict(...))``; by default frames that show objects and the last one count.

    Attributes:
        found: one frame in ``every`` is kept with the masks found in it, the last ``capacity`` of them.
        recent: near places are looked for in this many past frames, too.
        top_k: of all places of a readout this many count, those most similar; ``None``: all.
        classifier: settings of :class:`OnlineClassifier`, fitted to the same places; ``None``: there is none.
    """

    found: dict | None = None
    recent: int = 0
    top_k: int | None = None
    classifier: dict | None = None


@dataclass
class MatchedPlaces:
    """M places whose content is known, for n objects.

    Attributes:
        keys: (B, M, D).
        places: centres (x, y) in units of the map's height, (M, 2).
        masks: share of an object in each, (B, n, M).
        known: whether an object's mask is known there, 1 or 0, (B, n, M).
    """

    keys: Tensor
    places: Tensor
    masks: Tensor
    known: Tensor


def read_places(
    query: Tensor,
    places: Tensor,
    memory: MatchedPlaces,
    scale: Tensor,
    near: Tensor,
    top_k: int | None = None,
    chunk: int | None = CHUNK,
) -> Tensor:
    """Logits (B, n, Q) of being inside for places of the clip with keys (B, Q, D) at (Q, 2).

    Args:
        query: keys, of length 1.
        places: as those of the memory.
        memory: what is known.
        scale: of the cosine of two keys, ().
        near: of the squared distance of two places, ().
        top_k: for every place of the clip this many remembered ones count, the most similar; ``None``: all.
        chunk: places matched at a time; ``None``: all.
    """
    batch, count = memory.masks.shape[:2]
    if not memory.keys.shape[1] or not count:
        return query.new_zeros(batch, count, query.shape[1])
    # -near |p - r|^2 as a product; what depends on the asking place alone changes nothing.
    ours = torch.cat(
        (query * scale, _repeat(2 * near * places, batch), _repeat(torch.ones_like(places[:, :1]), batch)), -1
    )
    height = -near * memory.places.square().sum(-1, keepdim=True)
    theirs = torch.cat((memory.keys, _repeat(memory.places, batch), _repeat(height, batch)), -1).transpose(1, 2)
    values = torch.cat((memory.masks * memory.known, memory.known), 1).transpose(1, 2)
    parts = [_mean_of(part @ theirs, values, top_k) for part in ours.split(chunk or ours.shape[1], 1)]
    inside, total = torch.cat(parts, 1).transpose(1, 2).chunk(2, 1)
    return ((inside + FLOOR) / ((total - inside).clamp(min=0) + FLOOR)).log()


def _mean_of(affinity: Tensor, values: Tensor, top_k: int | None) -> Tensor:
    """Sums (B, Q, v) of values (B, M, v), weighted by the exponential of the affinity (B, Q, M)."""
    if top_k is None or top_k >= affinity.shape[-1]:
        return (affinity - affinity.amax(-1, keepdim=True).detach()).exp() @ values
    best, indices = affinity.topk(top_k, -1)
    weights = (best - best[..., :1].detach()).exp()
    chosen = values.gather(1, indices.flatten(1)[..., None].expand(-1, -1, values.shape[-1]))
    return torch.einsum('bqk,bqkv->bqv', weights, chosen.unflatten(1, indices.shape[1:]))


def flat_keys(keys: Tensor) -> Tensor:
    """(B, T, D, h, w) to (B, T * h * w, D)."""
    return keys.permute(0, 1, 3, 4, 2).flatten(1, 3)


def grid_places(rows: int, columns: int, device: torch.device) -> Tensor:
    """Centres (x, y) of cells in units of the map's height, (rows * columns, 2)."""
    y, x = torch.meshgrid(torch.arange(rows, device=device), torch.arange(columns, device=device), indexing='ij')
    return (torch.stack((x, y), -1).flatten(0, 1) + 0.5) / rows


def small_mask(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """Masks (..., H, W) at another size: shares of each place."""
    return F.interpolate(masks.reshape(-1, 1, *masks.shape[-2:]), size, mode='area').view(*masks.shape[:-2], *size)


def _repeat(values: Tensor, batch: int) -> Tensor:
    return values.expand(batch, -1, -1)
