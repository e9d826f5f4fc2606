"""How well things of a video keep their slots, apart from how well they are segmented.

Shapes: S clips, K things, N queries, P pixels of a clip.
"""

import numpy as np


def best_queries(truth: np.ndarray, found: np.ndarray, confident: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Confident query that covers each thing best, -1: none by an IoU above the threshold; (K,) int.

    Args:
        truth: (K, P) bool.
        found: (N, P) bool.
        confident: (N,) bool.
    """
    truth, found = truth.astype(np.float32), found.astype(np.float32)
    both = truth @ found.T
    iou = both / np.maximum(truth.sum(1)[:, None] + found.sum(1) - both, 1) * confident
    return np.where(iou.max(1, initial=0) > threshold, iou.argmax(1), -1)


def kept_links(slots: np.ndarray) -> tuple[int, int]:
    """Of the things found in two consecutive clips, those that kept their slot, and how many there are.

    Args:
        slots: slot of each thing in each clip, -1: not found, (S, K) int.
    """
    before, after = slots[:-1], slots[1:]
    found = (before >= 0) & (after >= 0)
    return int((found & (before == after)).sum()), int(found.sum())


def association(slots: np.ndarray) -> tuple[float, int]:
    """Sum over all that is found of n(thing, slot) / (n(thing) + n(slot) - n(thing, slot)), and how much is found.

    Their quotient is HOTA's AssA with clips for frames, had everything been detected: the share of clips in which this
    thing and this slot are together, of those in which either is found.

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
