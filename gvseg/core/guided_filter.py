"""Upsampling of maps along the edges of an image: He, Sun and Tang, Guided Image Filtering, TPAMI 2013; at low
resolution as in He and Sun, Fast Guided Filter, 2015.

Shapes: n maps, h w their size, c channels, H W size of the image.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def guided_upsample(maps: Tensor, image: Tensor, radius: int, eps: float) -> Tensor:
    """Maps at the size of an image whose edges they follow.

    In every window a map is a linear function of the image's channels (least squares); the functions' coefficients
    are averaged over windows, upsampled, and applied to the full image.

    Args:
        maps: (n, h, w) float.
        image: (c, H, W) float.
        radius: of the windows, in cells of the maps.
        eps: added to the variance of every channel: edges of a variance far below it are not followed.

    Returns:
        (n, H, W).
    """
    guide = F.interpolate(image[None], maps.shape[-2:], mode='area')[0]
    means, mean = _box(guide, radius), _box(maps, radius)
    products = guide[:, None] * guide[None]
    covariance = _box(products.flatten(0, 1), radius).unflatten(0, products.shape[:2]) - means[:, None] * means[None]
    covariance = covariance + eps * torch.eye(len(guide), device=maps.device)[..., None, None]
    both = _box((guide[:, None] * maps[None]).flatten(0, 1), radius).unflatten(0, (len(guide), len(maps)))
    both = both - means[:, None] * mean[None]
    slope = torch.linalg.solve(covariance.permute(2, 3, 0, 1), both.permute(2, 3, 0, 1)).permute(3, 2, 0, 1)
    offset = mean - (slope * means).sum(1)
    size = image.shape[-2:]
    slope = F.interpolate(_box(slope.flatten(0, 1), radius)[None], size, mode='bilinear')[0]
    offset = F.interpolate(_box(offset, radius)[None], size, mode='bilinear')[0]
    return (slope.unflatten(0, (len(maps), len(guide))) * image).sum(1) + offset


def _box(maps: Tensor, radius: int) -> Tensor:
    """Means over square windows, smaller at the border; (n, h, w)."""
    return F.avg_pool2d(maps[None], 2 * radius + 1, 1, radius, count_include_pad=False)[0]
