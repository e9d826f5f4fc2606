"""Which frames of a video make up clips, and which clips are compared in training.

Shapes: F frames, K objects, T frames of a clip.
"""

import numpy as np
import torch
from torch import Tensor


def clip_starts(length: int, clip_length: int, overlap: int = 0) -> list[int]:
    """First frames of clips that follow each other and cover a video.

    The last clip may reach beyond the end, where :func:`clip_frames` repeats the last frame; a video that is shorter
    than a clip is one clip.

    Args:
        length: frames of the video.
        clip_length: T.
        overlap: frames that a clip shares with the one before it.

    Raises:
        ValueError: the video has no frame, or clips would not advance.
    """
    if length < 1:
        raise ValueError(f'a video needs at least one frame, not {length}')
    if not 0 <= overlap < clip_length:
        raise ValueError(f'clips of {clip_length} frames cannot overlap by {overlap}: need 0 <= overlap < clip length')
    step = clip_length - overlap
    following = -(-max(length - clip_length, 0) // step)
    return [index * step for index in range(following + 1)]


def clip_frames(start: int, clip_length: int, length: int) -> list[int]:
    """The T frames of a clip; beyond the video's end its last frame repeats."""
    return [min(start + index, length - 1) for index in range(clip_length)]


def sample_reference_clips(
    key: int, length: int, clip_length: int, count: int, rng: np.random.Generator, scope: str = 'video', reach: int = 10
) -> list[int]:
    """Draw starts of reference clips for the contrastive loss.

    Different ones while there are enough, and never the key clip itself unless it is the only one.

    Args:
        key: start of the key clip.
        length: frames of the video.
        clip_length: T.
        count: how many.
        rng: random numbers.
        scope: ``'video'``: anywhere in the video (task-oriented TCL); ``'near'``: around the key (prior work).
        reach: for ``'near'``, the greatest distance from the key in frames.

    Raises:
        ValueError: the scope is none of these.
    """
    if scope not in ('video', 'near'):
        raise ValueError(f"scope must be 'video' or 'near', not {scope!r}")
    last = max(length - clip_length, 0)
    low, high = (0, last) if scope == 'video' else (max(key - reach, 0), min(key + reach, last))
    choices = [start for start in range(low, high + 1) if start != key] or [min(key, last)]
    drawn = rng.choice(len(choices), count, replace=count > len(choices))
    return [choices[int(index)] for index in drawn]


def rank_reference_frames(change: Tensor, threshold: float) -> Tensor:
    """Score of a frame as a reference of the contrastive loss, from descriptors of the ground truth.

    The score is the logarithm of (1 + positives) * sqrt(1 + hard negatives): frames with true positives come first,
    and hard negatives, the same object in another shape or place, decide between them. As logarithms the scores serve
    both sorting and drawing with probabilities in proportion to exp(score).

    Args:
        change: change of each object's descriptor from the key to each frame (Eq. 10), infinite where it is absent,
            (F, K).
        threshold: tau; below it an object is a positive.

    Returns:
        (F,), higher is better.
    """
    change = torch.as_tensor(change)
    positives = (change < threshold).sum(1)
    hard_negatives = (torch.isfinite(change) & (change >= threshold)).sum(1)
    return torch.log1p(positives.float()) + 0.5 * torch.log1p(hard_negatives.float())
