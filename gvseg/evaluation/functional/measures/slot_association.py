"""Association of things to slots over a video, measured independently of segmentation quality.

Shapes: S clips, K things, N queries, P pixels of a clip.
"""

import numpy as np


def best_queries(truth: np.ndarray, found: np.ndarray, confident: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Confident query of highest IoU with each thing, -1 if no IoU exceeds the threshold; (K,) int.

    Args:
        truth: (K, P) bool ground-truth masks.
        found: (N, P) bool predicted masks.
        confident: (N,) bool.
    """
    truth, found = truth.astype(np.float32), found.astype(np.float32)
    both = truth @ found.T
    iou = both / np.maximum(truth.sum(1)[:, None] + found.sum(1) - both, 1) * confident
    return np.where(iou.max(1, initial=0) > threshold, iou.argmax(1), -1)


def kept_links(slots: np.ndarray) -> tuple[int, int]:
    """Number of things found in two consecutive clips that kept their slot, and number of those found in both.

    Args:
        slots: slot of each thing in each clip, -1: not found, (S, K) int.
    """
    before, after = slots[:-1], slots[1:]
    found = (before >= 0) & (after >= 0)
    return int((found & (before == after)).sum()), int(found.sum())


def association(slots: np.ndarray) -> tuple[float, int]:
    """Sum over found things of n(thing, slot) / (n(thing) + n(slot) - n(thing, slot)), and the number of terms.

    Their quotient is HOTA's AssA over clips instead of frames, restricted to detected things: the number of clips in
    which this thing has this slot over the number of clips in which either occurs.

    Args:
        slots: as :func:`kept_links`.
    """
    things = (slots >= 0).nonzero()[1]
    if not len(things):
        return 0.0, 0
    together = np.zeros((slots.shape[1], slots.max() + 1))
    np.add.at(together, (things, slots[slots >= 0]), 1)
    either = together.sum(1, keepdims=True) + together.sum(0) - together
    return float((together * together / np.maximum(either, 1)).sum()), len(things)
