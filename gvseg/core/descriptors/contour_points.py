"""Contours of masks as points in polar coordinates, for all masks at once.

Shapes: N masks, H W pixels, M points of a mask, P contour pixels of all masks.
Coordinates as in :mod:`gvseg.core.descriptors`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .tables import cached_table


@dataclass(frozen=True)
class ContourPoints:
    """Points of all masks, in polar coordinates around the centroid of their mask. The fields broadcast to one shape.

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
    height, width = masks.shape[-2:]
    if min(height, width) < 3:
        return masks.clone()
    # One long row: border pixels get neighbours from other rows and masks, but are on the contour anyway.
    pixels = masks.flatten()
    columns = pixels[: -2 * width] & pixels[width:-width] & pixels[2 * width :]
    inner = torch.zeros_like(pixels)
    inner[width + 1 : len(pixels) - width - 1] = columns[:-2] & columns[1:-1] & columns[2:]
    return masks & ~(inner.view(masks.shape) & off_border(height, width, masks.device))


@cached_table(maxsize=16)
def off_border(height: int, width: int, device: torch.device) -> Tensor:
    """Pixels that have eight neighbours, (H, W) bool."""
    inside = torch.zeros(height, width, dtype=torch.bool, device=device)
    inside[1:-1, 1:-1] = True
    return inside


def fill_holes(masks: Tensor, turns: int = 16) -> Tensor:
    """Masks with their holes filled: what cannot be reached from the border; without waiting for the device.

    Each turn extends the outside along all rows and then all columns. Exact where every outside pixel is reached within
    that many turns; the inner part of a longer spiral is filled.

    Args:
        masks: (N, H, W) bool.
        turns: number of passes.
    """
    free = ~masks
    outside = free & ~off_border(*masks.shape[-2:], masks.device)
    for _ in range(turns):
        for dim in (2, 1):
            outside = _run_along(outside, free, dim) | _run_along(outside.flip(dim), free.flip(dim), dim).flip(dim)
    return ~outside


def _run_along(reached: Tensor, free: Tensor, dim: int) -> Tensor:
    """Free places behind a reached one along a dimension, with nothing between that is not free."""
    places = torch.arange(1, reached.shape[dim] + 1, device=reached.device, dtype=torch.int32)
    places = places.view([-1 if index == dim else 1 for index in range(reached.dim())])
    last_reached, last_wall = ((places * mask).cummax(dim).values for mask in (reached, ~free))
    return free & (last_reached > last_wall)


def contour_points(contour: Tensor, centres: Tensor) -> ContourPoints:
    """Every pixel in polar coordinates, (N, H, W), with weight 0 off the contour.

    A list of contour pixels has a length that an accelerator would have to wait for.

    Args:
        contour: (N, H, W) bool.
        centres: (x, y), (N, 2).
    """
    shapes = ((-1, 1, 1), (1, -1, 1), (1, 1, -1))
    owner, row, column = (
        torch.arange(side, device=contour.device).view(shape) for side, shape in zip(contour.shape, shapes)
    )
    right = column + 0.5 - centres[:, 0][owner]
    down = row + 0.5 - centres[:, 1][owner]
    turn = torch.atan2(down, right) / (2 * math.pi) % 1
    return ContourPoints(owner, turn, (down.square() + right.square()).sqrt(), contour.float())


def of_owner(values: Tensor, points: ContourPoints) -> Tensor:
    """Value of each point's mask, from values (N,), or (1,) for all masks."""
    return values if len(values) == 1 else values[points.owner]


def sample_contour_points(
    points: ContourPoints, totals: Tensor, count: int, max_radius: Tensor, rings: int
) -> ContourPoints:
    """Of each mask ``count`` points, evenly spaced in the order of ring by ring and of angle within a ring, (N, count).

    This order follows the contour through every bin of the histogram, as tracing it would, so that a bin gets its
    share of points to within one. By angle alone, points of near and far parts of the contour would alternate, and
    which of them are taken would change from frame to frame.

    Args:
        points: every contour pixel, grouped by owner.
        totals: number of them of each mask, (N,).
        count: M. A mask of fewer points has some of them several times.
        max_radius: radius where the last ring ends, (N,) or (1,).
        rings: number of rings.
    """
    ring = (points.distance / of_owner(max_radius, points) * rings).floor().clamp(max=rings - 1)
    # Places that are no point come last in their group.
    rank = torch.where(points.weight > 0, ring + points.turn, rings + 1)
    key = rank.double() + (rings + 2) * points.owner
    if key.numel() == 0:
        return points
    order = key.flatten().argsort(stable=True)
    sizes = totals if key.dim() == 1 else torch.full_like(totals, key[0].numel())
    steps = (2 * torch.arange(count, device=totals.device) + 1) * totals[:, None] // (2 * count)
    chosen = order[((sizes.cumsum(0) - sizes)[:, None] + steps).clamp(max=len(order) - 1)]
    turn, distance = (value.expand_as(key).flatten()[chosen] for value in (points.turn, points.distance))
    present = (totals > 0).float()[:, None].expand(-1, count)
    return ContourPoints(torch.arange(len(totals), device=totals.device)[:, None], turn, distance, present)
