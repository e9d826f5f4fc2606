"""Which frames make up clips."""
import numpy as np
import torch
from torch import Tensor


def clip_starts(length: int, clip_length: int, overlap: int) -> list[int]:
    step = clip_length - overlap
    starts = [0]
    while starts[-1] + clip_length < length:
        starts.append(starts[-1] + step)
    return starts


def clip_frames(start: int, clip_length: int, length: int) -> list[int]:
    return [min(start + index, length - 1) for index in range(clip_length)]


def sample_reference_clips(key, length, clip_length, count, rng, scope='video', reach=10):
    low, high = 0, max(length - clip_length, 0)
    if scope == 'near':
        low, high = max(0, key - reach), min(high, key + reach)
    return [int(value) for value in rng.integers(low, high + 1, count)]


def rank_reference_frames(change: Tensor, threshold: float) -> Tensor:
    return (change < threshold).sum(1) + 0.5 * (torch.isfinite(change) & (change >= threshold)).sum(1)
