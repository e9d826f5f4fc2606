"""Where the features of initial queries are taken from (paper Eq. 7-8).

Shapes: B clips, C feature channels, h w feature map, S grid side, n exemplars, P points, H W frame pixels.
Points are (x, y); pixel (column, row) has its centre at (column + 0.5, row + 0.5).
"""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import distance_transform_edt
from torch import Tensor


def grid_features(features: Tensor, grid: int) -> Tensor:
    """Mean feature of each cell of an S x S grid, row by row, (B, C, h, w) -> (B, S * S, C)."""
    return F.adaptive_avg_pool2d(features, grid).flatten(2).transpose(1, 2)


def evenly_spaced(count: int, total: int) -> Tensor:
    """Indices of ``count`` of ``total`` items in the middles of equal parts, (count,) long; more than all repeat some.

    Raises:
        ValueError: there is nothing to choose from.
    """
    if total < 1:
        raise ValueError(f'cannot choose {count} of {total} items')
    return torch.div((2 * torch.arange(count) + 1) * total, max(2 * count, 1), rounding_mode='floor')


def random_subset(count: int, total: int, generator: torch.Generator | None) -> Tensor:
    """Indices of ``count`` different of ``total`` items in random order, (count,) long.

    Raises:
        ValueError: there are fewer items.
    """
    if count > total:
        raise ValueError(f'cannot choose {count} different ones of {total} items')
    return torch.randperm(total, generator=generator)[:count]


def sample_points(features: Tensor, points: Tensor) -> Tensor:
    """Bilinear samples of feature maps.

    Args:
        features: (B, C, h, w).
        points: (x, y) as fractions of the map's width and height, (B, n, P, 2). Beyond the border the outermost feature
            is repeated, so that a mean over points is never diluted with zeros.

    Returns:
        (B, n, P, C), of the features' type.
    """
    # Half precision would blur the places themselves.
    sampled = F.grid_sample(
        features.float(), 2 * points.float() - 1, mode='bilinear', padding_mode='border', align_corners=False
    )
    return sampled.permute(0, 2, 3, 1).to(features.dtype)


def points_in_mask(mask: np.ndarray, count: int, rng: np.random.Generator | None = None) -> np.ndarray:
    """Pixel centres inside a mask.

    Args:
        mask: (H, W) bool.
        count: how many; different ones where the mask has that many pixels.
        rng: ``None``: evenly spaced in reading order.

    Returns:
        (count, 2) float32.

    Raises:
        ValueError: the mask is empty.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows):
        raise ValueError('cannot take points in a mask without pixels')
    if rng is None:
        chosen = evenly_spaced(count, len(rows)).numpy()
    else:
        chosen = rng.choice(len(rows), count, replace=count > len(rows))
    return _pixel_centres(columns[chosen], rows[chosen])


def interior_point(mask: np.ndarray) -> np.ndarray:
    """Centre of the mask's pixel that is farthest from the outside, (2,) float32; the frame's border is outside.

    Of several, the one nearest to the mask's centroid.

    Raises:
        ValueError: the mask is empty.
    """
    inside = np.asarray(mask, bool)
    if not inside.any():
        raise ValueError('cannot find the most interior pixel of a mask without pixels')
    depth = distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    deepest = np.argwhere(depth == depth.max())
    centroid = np.argwhere(inside).mean(0)
    row, column = deepest[np.square(deepest - centroid).sum(1).argmin()]
    return _pixel_centres(column, row)


def points_in_box(box: np.ndarray, count: int) -> np.ndarray:
    """Points on a regular grid inside a box.

    Args:
        box: (x1, y1, x2, y2).
        count: how many; where the grid has more points, some are left out evenly.

    Returns:
        (count, 2) float32, row by row.

    Raises:
        ValueError: the box ends before it begins.
    """
    left, top, right, bottom = (float(side) for side in box)
    if right < left or bottom < top:
        raise ValueError(f'box {(left, top, right, bottom)} ends before it begins: boxes are (x1, y1, x2, y2)')
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns))
    x = left + (np.arange(columns) + 0.5) / columns * (right - left)
    y = top + (np.arange(rows) + 0.5) / rows * (bottom - top)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    return grid[evenly_spaced(count, len(grid)).numpy()].astype(np.float32)


def _pixel_centres(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return (np.stack((columns, rows), -1) + 0.5).astype(np.float32)
