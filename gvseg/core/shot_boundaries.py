"""Hard cuts between the shots of a video, by colour histograms.

Shapes: T frames, H W their size.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

BINS = 8  # of a channel
LOWEST, HIGHEST = -2.5, 2.7  # of normalised pixels
SIDE = 64  # frames are shrunk to this


def colour_histograms(frames: Tensor) -> Tensor:
    """Shares of colours of normalised frames (T, 3, H, W), (T, 512), rows of sum 1."""
    small = F.interpolate(frames.float(), (SIDE, SIDE), mode='area')
    cells = ((small - LOWEST) / (HIGHEST - LOWEST) * BINS).long().clamp(0, BINS - 1)
    index = (cells[:, 0] * BINS + cells[:, 1]) * BINS + cells[:, 2]
    return torch.stack([torch.bincount(row, minlength=BINS**3) for row in index.flatten(1)]) / SIDE**2


def histogram_changes(histograms: Tensor) -> Tensor:
    """Share of the pixels that have another colour than in the frame before, (T, 512) -> (T - 1,), 0 to 1."""
    return (histograms[1:] - histograms[:-1]).abs().sum(1) / 2
