"""Shapes: B, C, h, w, n, P."""
import torch
from torch import Tensor


def grid_features(features: Tensor, grid: int) -> Tensor:
    return torch.nn.functional.adaptive_avg_pool2d(features, grid).flatten(2).transpose(1, 2)


def evenly_spaced(count: int, total: int) -> Tensor:
    return ((torch.arange(count) + 0.5) * total / count).long()


def random_subset(count: int, total: int, generator) -> Tensor:
    return torch.randperm(total, generator=generator)[:count]


def sample_points(features: Tensor, points: Tensor) -> Tensor:
    return torch.nn.functional.grid_sample(features, 2 * points - 1, align_corners=False).permute(0, 2, 3, 1)


def points_in_mask(mask, count, rng=None):
    import numpy as np
    y, x = np.nonzero(mask)
    index = np.linspace(0, len(y) - 1, count).astype(int) if rng is None else rng.integers(0, len(y), count)
    return np.stack([x[index] + 0.5, y[index] + 0.5], 1).astype('float32')


def interior_point(mask):
    import numpy as np
    from scipy.ndimage import distance_transform_edt
    distance = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(distance.argmax(), mask.shape)
    return np.array([x + 0.5, y + 0.5], dtype='float32')


def points_in_box(box, count):
    import numpy as np
    side = int(np.ceil(count**0.5))
    ticks = (np.arange(side) + 0.5) / side
    x = box[0] + ticks * (box[2] - box[0])
    y = box[1] + ticks * (box[3] - box[1])
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)[:count].astype('float32')
