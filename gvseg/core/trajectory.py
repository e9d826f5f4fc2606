"""Where tubes are, how they move, and where they will be.

Shapes: N M tubes, T frames, S remembered places, h w mask pixels. Places are (x, y) in mask pixels.
"""
import torch
from torch import Tensor

from .contour_points import mask_centres


def centres_and_areas(masks: Tensor) -> tuple[Tensor, Tensor]:
    """Centroids (N, T, 2) and pixel counts (N, T) of boolean masks (N, T, h, w); an empty mask has centroid 0."""
    centres, areas = mask_centres(masks.flatten(0, 1))
    return (centres - 0.5).flip(-1).view(*masks.shape[:2], 2), areas.float().view(masks.shape[:2])


def speeds(centres: Tensor, times: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Speed along the straight line that fits the known places best.

    Two places give a speed, but a bad one, so three are asked for.

    Args:
        centres: (N, S, 2).
        times: when they were seen, in frames, (N, S).
        known: which entries count, (N, S) bool.

    Returns:
        Pixels per frame (N, 2), and whether they are worth anything, (N,) bool.
    """
    weights = known.float()
    mean_time = (times * weights).sum(1) / weights.sum(1).clamp(min=1)
    offsets = (times - mean_time[:, None]) * weights
    spread = offsets.square().sum(1)
    speed = (offsets[..., None] * centres).sum(1) / spread.clamp(min=1e-6)[:, None]
    return speed, (known.sum(1) >= 3) & (spread > 0)


def extrapolate(centres: Tensor, times: Tensor, known: Tensor, at: Tensor) -> Tensor:
    """Places at other times on the straight line that fits the known ones best.

    A tube without a :func:`speeds` worth anything is expected to stay at its last known place.

    Args:
        centres, times, known: as :func:`speeds`.
        at: times asked for, (T,), or (N, T) where each tube has its own.

    Returns:
        (N, T, 2); 0 for a tube of which nothing is known.
    """
    speed, moves = speeds(centres, times, known)
    weights = known.float()
    count = weights.sum(1).clamp(min=1)
    mean_time = (times * weights).sum(1) / count
    mean_place = (centres * weights[..., None]).sum(1) / count[:, None]
    line = mean_place[:, None] + speed[:, None] * (at.float() - mean_time[:, None])[..., None]
    latest = torch.where(known, times, times.new_full((), -1e9)).argmax(1)
    stay = centres[torch.arange(len(centres), device=centres.device), latest] * known.any(1)[:, None]
    return torch.where(moves[:, None, None], line, stay[:, None].expand_as(line))


def shared_overlap(first: Tensor, second: Tensor) -> Tensor:
    """IoU of every pair of tubes over the frames that both have, (N, T, h, w) and (M, T, h, w) bool -> (N, M)."""
    first, second = first.flatten(1).float(), second.flatten(1).float()
    common = first @ second.T
    return common / (first.sum(1)[:, None] + second.sum(1)[None] - common).clamp(min=1)


def covered_share(masks: Tensor, places: Tensor) -> Tensor:
    """Share of frames in which a place lies in a mask: masks (M, T, h, w) bool and places (N, T, 2) -> (N, M)."""
    height, width = masks.shape[-2:]
    x = places[..., 0].round().long().clamp(0, width - 1)
    y = places[..., 1].round().long().clamp(0, height - 1)
    frames = torch.arange(masks.shape[1], device=masks.device)
    return masks[:, frames, y, x].float().mean(-1).T


def keep_best(masks: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Tubes that do not repeat a better one, (N,) bool.

    From the best down, a tube is kept if its IoU with every tube kept so far is below the threshold.

    Args:
        masks: (N, T, h, w) bool.
        scores: (N,).
        threshold: greatest IoU of two kept tubes, exclusive.
    """
    overlap = shared_overlap(masks, masks)
    kept = torch.zeros_like(scores, dtype=torch.bool)
    for index in scores.argsort(descending=True).tolist():
        kept[index] = not bool((overlap[index][kept] >= threshold).any())
    return kept
