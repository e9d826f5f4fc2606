"""Assignment on matrices that can be solved in the head."""

import itertools
import math

import numpy as np
import pytest
import torch

from gvseg.core.tracking.assignment import assign, assignment_matrix, fill_unmatched, hungarian_match


def pairs(cost: list, allowed: list | None = None) -> list[tuple[int, int]]:
    rows, columns = assign(torch.tensor(cost), None if allowed is None else torch.tensor(allowed))
    assert rows.dtype == columns.dtype == torch.long
    return list(zip(rows.tolist(), columns.tolist()))


def test_the_least_total_wins_over_the_least_single_cost() -> None:
    # Greedy would take 1 + 100; the optimum is 2 + 3.
    assert pairs([[1.0, 2.0], [3.0, 100.0]]) == [(0, 1), (1, 0)]


def test_more_queries_than_tubes() -> None:
    assert pairs([[5.0], [1.0], [3.0]]) == [(1, 0)]
    assert pairs([[5.0, 1.0, 3.0]]) == [(0, 1)]


def test_forbidden_pairs_are_never_returned() -> None:
    assert pairs([[0.0, 9.0], [9.0, 0.0]], [[False, True], [True, False]]) == [(0, 1), (1, 0)]
    assert pairs([[0.0, 9.0], [9.0, 0.0]], [[False, True], [False, True]]) == [(1, 1)]
    assert pairs([[0.0, 0.0]], [[False, False]]) == []


def test_as_many_allowed_pairs_as_possible_whatever_they_cost() -> None:
    # Row 0 alone with column 0 would be cheap, but then row 1 would stay alone.
    assert pairs([[-1e6, 1e6], [1e6, 0.0]], [[True, True], [True, False]]) == [(0, 1), (1, 0)]


def test_equals_trying_all_permutations() -> None:
    cost = torch.rand(4, 4, generator=torch.Generator().manual_seed(0))
    allowed = torch.rand(4, 4, generator=torch.Generator().manual_seed(1)) > 0.3
    best = min(
        (
            order
            for order in itertools.permutations(range(4))
            if all(allowed[row, column] for row, column in enumerate(order))
        ),
        key=lambda order: sum(cost[row, column] for row, column in enumerate(order)),
    )
    assert assign(cost, allowed)[1].tolist() == list(best)


def test_no_tubes_no_pairs() -> None:
    rows, columns = assign(torch.zeros(3, 0), torch.zeros(3, 0, dtype=torch.bool))
    assert rows.tolist() == columns.tolist() == []


@pytest.mark.parametrize('bad', [math.nan, math.inf, -math.inf])
def test_costs_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match='diverged'):
        assign(torch.tensor([[0.0, bad]]))


def test_assignment_matrix_has_ones_at_the_pairs() -> None:
    matrix = assignment_matrix(torch.tensor([0, 2]), torch.tensor([1, 0]), 3, 2)
    assert matrix.tolist() == [[0, 1], [0, 0], [1, 0]]


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
