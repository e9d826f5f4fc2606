"""Contours of masks as points in polar coordinates, for all masks at once.

Shapes: N masks, H W pixels, M points of a mask, P contour pixels of all masks.
Pixel (row, column) has its centre at (row + 0.5, column + 0.5).
"""
import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ContourPoints:
    """Points of all masks around the centres of their masks. The fields broadcast to one shape, whatever it is.

    Attributes:
        owner: index of the mask, long.
        turn: angle as a share of a full turn, in [0, 1].
        distance: distance from the centre in pixels.
        weight: how often the point counts; 0 for a place that is no point.
    """
    owner: Tensor
    turn: Tensor
    distance: Tensor
    weight: Tensor


def contour_of(masks: Tensor) -> Tensor:
    """Masks minus their 3 x 3 erosion; pixels at the frame's border have neighbours outside.

    Args:
        masks: (N, H, W) bool.

    Returns:
        (N, H, W) bool.
    """
    rows = masks[:, :-2] & masks[:, 1:-1] & masks[:, 2:]
    inner = rows[..., :-2] & rows[..., 1:-1] & rows[..., 2:]
    contour = masks.clone()
    contour[:, 1:-1, 1:-1] &= ~inner
    return contour


def mask_centres(masks: Tensor) -> tuple[Tensor, Tensor]:
    """Centroids and areas.

    Args:
        masks: (N, H, W) bool.

    Returns:
        (N, 2) float32 row and column of the centroid, and (N,) areas.
    """
    rows, columns = (torch.arange(side, device=masks.device, dtype=torch.float32) for side in masks.shape[-2:])
    terms = torch.stack((torch.ones_like(columns), columns), -1)
    with torch.autocast(masks.device.type, enabled=False):
        # Per row the sums are whole numbers below 2^24, exact in float32; over the frame they need float64.
        per_row = (masks.float() @ terms).double()
    area = per_row[..., 0].sum(1)
    row = (per_row[..., 0] * rows).sum(1)
    column = per_row[..., 1].sum(1)
    centres = torch.stack((row, column), -1) / area.clamp(min=1)[:, None] + 0.5
    return centres.float(), area


def contour_points(contour: Tensor, centres: Tensor, count: int | None) -> ContourPoints:
    """Points of contours around the masks' centres.

    Args:
        contour: (N, H, W) bool.
        centres: row and column, (N, 2).
        count: points per mask, evenly spaced by rank of angle; ``None``: every contour pixel once.
    """
    if contour.device.type == 'cpu':
        owner, row, column = contour.nonzero(as_tuple=True)
        weight = torch.ones(len(owner))
    else:
        # Listing the pixels would wait for the device to tell their number: take all, those off the contour weigh 0.
        shapes = ((-1, 1, 1), (1, -1, 1), (1, 1, -1))
        owner, row, column = (torch.arange(side, device=contour.device).view(shape)
                              for side, shape in zip(contour.shape, shapes))
        weight = contour.float()
    down = row + 0.5 - centres[:, 0][owner]
    right = column + 0.5 - centres[:, 1][owner]
    turn = torch.atan2(down, right) / (2 * math.pi) % 1
    points = ContourPoints(owner, turn, (down.square() + right.square()).sqrt(), weight)
    return points if count is None else _spaced(points, contour.flatten(1).sum(1), count)


def _spaced(points: ContourPoints, totals: Tensor, count: int) -> ContourPoints:
    """Of each mask ``count`` points, evenly spaced in the order of their angles, (N, count).

    Args:
        points: grouped by owner.
        totals: number of points of each mask, (N,).
        count: M. A mask of fewer points has some of them several times.
    """
    owner, turn, distance, weight = torch.broadcast_tensors(
        points.owner, points.turn, points.distance, points.weight)
    if owner.numel() == 0:
        return points
    # Sorts by owner, then by angle; places that are no point come last in their group.
    key = 2 * owner.double() + torch.where(weight > 0, turn, 1.5)
    order = key.flatten().argsort(stable=True)
    sizes = totals if weight.dim() == 1 else torch.full_like(totals, weight[0].numel())
    steps = torch.arange(count, device=totals.device)
    rank = (2 * steps + 1) * totals[:, None] // (2 * count)
    chosen = order[((sizes.cumsum(0) - sizes)[:, None] + rank).clamp(max=len(order) - 1)]
    real = (totals > 0).float()[:, None].expand(-1, count)
    masks = torch.arange(len(totals), device=totals.device)[:, None]
    return ContourPoints(masks, turn.flatten()[chosen], distance.flatten()[chosen], real)
