"""Confidence intervals of a paired difference between two methods."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gvseg.formats.errors import InputError


class Difference(NamedTuple):
    """Difference between two methods and its confidence interval.

    Attributes:
        mean: mean difference, weighted.
        low, high: ends of the interval.
    """

    mean: float
    low: float
    high: float


def paired_bootstrap(
    a: Sequence[float],
    b: Sequence[float],
    samples: int = 10000,
    seed: int = 0,
    level: float = 0.95,
    weights: Sequence[float] | None = None,
) -> Difference:
    """Mean of ``b - a`` over videos and its percentile-bootstrap interval over videos.

    Args:
        a, b: one value per video of each method, (V,).
        samples: number of bootstrap samples of V videos.
        seed: random seed.
        level: confidence level.
        weights: weight of each video, such as its number of links, (V,); ``None``: equal weights. With fractions as
            values and counts as weights, the mean is the fraction over all videos.

    Raises:
        InputError: ``a`` and ``b`` have different lengths, or no video has a positive weight.
    """
    before, after = np.asarray(a, float), np.asarray(b, float)
    counts = np.ones(len(before)) if weights is None else np.asarray(weights, float)
    if not len(before) == len(after) == len(counts):
        raise InputError(
            f'a paired bootstrap needs the same videos twice, not {len(before)}, {len(after)} and {len(counts)} values'
        )
    counts_for = counts > 0
    difference, counts = (after - before)[counts_for], counts[counts_for]
    if not len(counts):
        raise InputError('a paired bootstrap needs at least one video that counts, there is none')
    drawn = np.random.default_rng(seed).integers(len(counts), size=(samples, len(counts)))
    sums, totals = (difference * counts)[drawn].sum(1), counts[drawn].sum(1)
    low, high = np.quantile(sums / totals, ((1 - level) / 2, (1 + level) / 2))
    return Difference(float((difference * counts).sum() / counts.sum()), float(low), float(high))
