"""Intervals of paired differences, on values whose distribution is known."""

import numpy as np
import pytest

from gvseg.evaluation.functional.measures.bootstrap import paired_bootstrap
from gvseg.formats.errors import InputError


def test_a_difference_that_is_the_same_everywhere_has_no_width() -> None:
    assert paired_bootstrap([0.25, 0.5, 0.75], [0.5, 0.75, 1.0]) == (0.25, 0.25, 0.25)


def test_the_interval_is_that_of_a_mean() -> None:
    """400 differences of mean 1 and deviation 2: the mean's deviation is 2 / 20, its 95 % are 1.96 of them."""
    noise = np.random.default_rng(1).standard_normal(400)
    difference = 1 + 2 * (noise - noise.mean()) / noise.std()
    found = paired_bootstrap(np.zeros(400), difference, samples=20000)
    assert found.mean == pytest.approx(1) and (found.low, found.high) == pytest.approx((0.804, 1.196), abs=0.01)
    wider = paired_bootstrap(np.zeros(400), difference, samples=20000, level=0.99)
    assert wider.high - wider.low == pytest.approx(2 * 2.576 * 0.1, abs=0.02)


def test_shares_weighted_by_counts_are_the_share_of_all() -> None:
    # 1 of 2 and 3 of 6 against 2 of 2 and 3 of 6: 5/8 - 4/8. A video without links is left out.
    found = paired_bootstrap([1 / 2, 3 / 6, np.nan], [2 / 2, 3 / 6, np.nan], weights=[2, 6, 0])
    assert found.mean == 1 / 8 and (found.low, found.high) == (0, 0.5)


def test_draws_depend_on_the_seed_alone() -> None:
    a, b = np.zeros(9), np.arange(9.0) ** 2
    first, again, other = (paired_bootstrap(a, b, 50, seed=seed) for seed in (3, 3, 4))
    assert first == again != other


def test_other_videos_and_no_videos_are_refused() -> None:
    with pytest.raises(InputError, match='same videos twice, not 2, 3 and 2'):
        paired_bootstrap([0, 1], [0, 1, 2])
    with pytest.raises(InputError, match='at least one video'):
        paired_bootstrap([0.5], [0.5], weights=[0])
