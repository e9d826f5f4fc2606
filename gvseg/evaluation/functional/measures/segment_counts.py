"""Per-frame tables of (ground truth, prediction) pixel counts, the input of VPQ and STQ.

Shapes: H W size of a map, n segments, m pairs, C classes.
"""

from dataclasses import dataclass

import numpy as np

# Codes stay below 2**40, so that a label and a code, or two dense indices, fit one int64.
CODE_BITS = 40


@dataclass(frozen=True)
class Segments:
    """The segments of one frame, void regions included.

    Attributes:
        codes: unique value of the segment's pixels in the map, (n,) int64.
        labels: 0..C-1, or panoptic_rules.VOID / UNCLAIMED, (n,) int64.
        areas: pixel counts, (n,) int64.
        crowd: ignored by VPQ, (n,) bool.
        untracked: ignored by AQ if it is a thing, (n,) bool.
        places: position in the file's list, which selects between two crowds of one class, (n,) int64.
    """

    codes: np.ndarray
    labels: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray
    untracked: np.ndarray
    places: np.ndarray

    @classmethod
    def build(
        cls,
        codes: np.ndarray,
        labels: np.ndarray,
        areas: np.ndarray,
        crowd: np.ndarray | None = None,
        untracked: np.ndarray | None = None,
        places: np.ndarray | None = None,
    ) -> 'Segments':
        """Convert to arrays of the right type; crowd and untracked default to False, places to the given order."""
        nothing = np.zeros(len(codes), bool)
        return cls(
            np.asarray(codes, np.int64),
            np.asarray(labels, np.int64),
            np.asarray(areas, np.int64),
            nothing if crowd is None else np.asarray(crowd, bool),
            nothing if untracked is None else np.asarray(untracked, bool),
            np.arange(len(codes)) if places is None else np.asarray(places, np.int64),
        )


@dataclass(frozen=True)
class PairCounts:
    """Pixel counts of the (target code, prediction code) pairs of a frame: three (m,) int64 arrays."""

    targets: np.ndarray
    predictions: np.ndarray
    pixels: np.ndarray

    def per_target(self) -> tuple[np.ndarray, np.ndarray]:
        """Codes of the target map and their pixel counts."""
        return sum_by(self.targets, self.pixels)

    def per_prediction(self) -> tuple[np.ndarray, np.ndarray]:
        """Codes of the predicted map and their pixel counts."""
        return sum_by(self.predictions, self.pixels)


@dataclass(frozen=True)
class FrameTable:
    """One frame: target and predicted segments and the pixel counts of their pairs."""

    target: Segments
    prediction: Segments
    pairs: PairCounts


def sum_by(keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted unique keys, and the int64 sum of the values of each."""
    unique, inverse = np.unique(keys, return_inverse=True)
    sums = np.bincount(inverse.ravel(), weights=values, minlength=len(unique))
    # Float64 sums of integers are exact below 2**53, more than any video has pixels.
    return unique, sums.astype(np.int64)


def count_pairs(target: np.ndarray, prediction: np.ndarray) -> PairCounts:
    """Count the pairs of two (H,W) maps of codes 0..2**31-1.

    Neighbouring pixels are mostly equal, so runs are counted instead of pixels: only run starts are sorted.
    """
    target, prediction = target.ravel(), prediction.ravel()
    changes = target[1:] != target[:-1]
    changes |= prediction[1:] != prediction[:-1]
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1]) if target.size else np.zeros(0, np.int64)
    keys = target[starts].astype(np.int64) << 32 | prediction[starts].astype(np.int64)
    lengths = np.diff(starts, append=target.size)
    unique, pixels = sum_by(keys, lengths)
    return PairCounts(unique >> 32, unique & 0xFFFFFFFF, pixels)
