"""Affinity, cues and slots of a handful of queries."""

import numpy as np
import pytest
import torch

from gvseg.core import matching, shape_position
from gvseg.core.linking import affinity, change_affinity, fill_unmatched, hungarian_match
from gvseg.core.shape_position_arrays import to_query_dim


def test_affinity_is_the_cosine_and_zero_for_zero_vectors() -> None:
    first = np.array([[3, 4], [0, 0]], np.float32)
    second = np.array([[6, 8], [-8, 6], [0, -1]], np.float32)
    np.testing.assert_allclose(affinity(first, second), [[1, 0, -0.8], [0, 0, 0]], atol=1e-6)
    theirs = matching.affinity(torch.from_numpy(first), torch.from_numpy(second))
    np.testing.assert_allclose(affinity(first, second), theirs.numpy(), atol=1e-6)


def test_the_change_is_that_of_equation_10() -> None:
    first, second = (torch.rand(count, 4, 3, generator=torch.Generator().manual_seed(count)) for count in (3, 5))
    change = shape_position.descriptor_change(first[:, None], second[None])
    np.testing.assert_allclose(change_affinity(first.numpy(), second.numpy(), 0.3), (-change / 0.3).exp(), rtol=1e-5)
    assert change_affinity(first.numpy(), first.numpy(), 0.3).diagonal() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(('bins', 'dim'), [((36, 12), 64), ((36, 12), 256), ((4, 2), 16), ((4, 2), 8), ((1, 1), 3)])
def test_cues_are_the_networks_own(bins: tuple[int, int], dim: int) -> None:
    descriptors = torch.rand(5, *bins, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(
        to_query_dim(descriptors.numpy(), dim), shape_position.to_query_dim(descriptors, dim).numpy(), atol=1e-6
    )


def test_slots_follow_the_greatest_total_affinity() -> None:
    # 0.8 + 0.85 is more than 0.9 and anything beside it.
    scores = np.array([[0.9, 0.8, 0], [0.85, 0, 0], [0, 0, 0.1]])
    assert hungarian_match(scores).tolist() == [1, 0, 2]


def test_a_slot_without_an_allowed_partner_is_unmatched() -> None:
    allowed = np.array([[True, False], [True, False], [False, False]])
    assert hungarian_match(np.array([[0.1, 0.9], [0.2, 0.9], [1, 1]]), allowed).tolist() == [-1, 0, -1]


def test_queries_left_over_keep_their_place_if_it_is_free() -> None:
    assert fill_unmatched(np.array([1, -1, -1, 3])).tolist() == [
        1,
        0,
        2,
        3,
    ]  # query 0 finds its place taken, 2 does not
    assert fill_unmatched(np.array([-1, -1])).tolist() == [0, 1]
    assert fill_unmatched(np.zeros(0, int)).tolist() == []
