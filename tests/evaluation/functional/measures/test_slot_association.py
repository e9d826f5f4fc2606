"""Slots of two or three things in a few clips."""

import numpy as np
import pytest

from gvseg.evaluation.functional.measures.slot_association import association, best_queries, kept_links


def test_a_link_counts_where_the_thing_is_found_on_both_sides() -> None:
    # Thing 0 keeps slot 3, then loses it; thing 1 is not found in the second clip, so it has no link at all.
    slots = np.array([[3, 1], [3, -1], [2, 1]])
    assert kept_links(slots) == (1, 2)
    assert kept_links(slots[:1]) == kept_links(np.zeros((4, 0), int)) == (0, 0)


def test_a_thing_is_found_by_the_best_confident_query() -> None:
    truth = np.zeros((3, 4, 8), bool)
    truth[0, :, :4] = truth[1, :, 4:] = True  # things of 16 pixels; the third is not visible
    found = np.zeros((4, 4, 8), bool)
    found[0, :, :4] = True
    found[1, :, :3] = True  # thing 0 by 12/16
    found[2, :, 4:6] = True  # thing 1 by 8/16, which is not above 0.5
    truth, found, confident = truth.reshape(3, -1), found.reshape(4, -1), np.array([False, True, True, True])
    assert best_queries(truth, found, confident).tolist() == [1, -1, -1]
    assert best_queries(truth, found, ~confident).tolist() == [0, -1, -1]
    assert best_queries(truth[:0], found, confident).tolist() == []


@pytest.mark.parametrize(
    ('slots', 'expected'),
    [
        ([[0, 1], [0, 1], [0, 1], [0, 1]], 8),  # all is one: 1 each
        ([[0, 1], [0, 1], [1, 0], [1, 0]], 8 * 2 / 6),  # swapped half way: together 2, either 6
        (
            [[0, -1], [0, -1], [-1, 0], [-1, 0]],
            4 * 2 / 4,
        ),  # a slot that is given to another thing: together 2, either 4
        ([[0, -1], [-1, -1], [0, -1]], 2),  # clips without detection are ignored
        ([[-1, -1]], 0),
    ],
)
def test_association_over_a_video(slots: list, expected: float) -> None:
    total, count = association(np.array(slots))
    assert total == pytest.approx(expected) and count == (np.array(slots) >= 0).sum()
