"""Places, lines and overlaps of tubes small enough to count. A place is x + i y."""

import numpy as np

from gvseg.core.tracking.motion import covered_share, estimate_velocities, extrapolate, places_and_areas


def box(rows: slice, columns: slice) -> np.ndarray:
    """A tube of one frame of 6 x 8 pixels."""
    mask = np.zeros((1, 6, 8), bool)
    mask[0, rows, columns] = True
    return mask


def test_the_centre_of_a_box_is_its_middle() -> None:
    places, areas = places_and_areas(np.stack((box(slice(1, 4), slice(2, 7)), box(slice(0, 0), slice(0, 0)))))
    assert places[0].tolist() == [4.5 + 2.5j]
    assert areas.tolist() == [[15], [0]]


def test_a_line_through_three_places_goes_on() -> None:
    known = np.ones((1, 3), bool)
    places = extrapolate(np.array([[0 + 9j, 2 + 8j, 4 + 7j]]), np.array([[0, 1, 2]]), known, np.array([3, 5]))
    np.testing.assert_allclose(places, [[6 + 6j, 10 + 4j]])


def test_each_tube_may_have_times_of_its_own() -> None:
    line = np.array([[0 + 9j, 2 + 8j, 4 + 7j]] * 2)
    places = extrapolate(line, np.array([[0, 1, 2]] * 2), np.ones((2, 3), bool), np.array([[3], [5]]))
    np.testing.assert_allclose(places, [[6 + 6j], [10 + 4j]])


def test_unknown_places_do_not_bend_the_line() -> None:
    places = extrapolate(
        np.array([[0, 50 + 50j, 2, 3]]), np.array([[0, 1, 2, 3]]), np.array([[True, False, True, True]]), np.array([4])
    )
    np.testing.assert_allclose(places, [[4]], atol=1e-12)


def test_two_places_are_too_few_for_a_speed_and_none_give_zero() -> None:
    known = np.array([[True, True], [False, False]])
    places = extrapolate(np.array([[1 + 1j, 3 + 3j]] * 2), np.array([[0, 1]] * 2), known, np.array([2]))
    assert places.tolist() == [[3 + 3j], [0]]


def test_three_places_at_one_time_are_no_line() -> None:
    places = extrapolate(np.full((1, 3), 1 + 1j), np.zeros((1, 3), int), np.ones((1, 3), bool), np.array([9]))
    assert places.tolist() == [[1 + 1j]]


def test_a_speed_is_that_of_the_known_places_and_worth_something_from_three_on() -> None:
    places = np.array([[0 + 9j, 2 + 8j, 50, 6 + 6j], [0] * 4])
    known = np.array([[True, True, False, True], [True, True, False, False]])
    speed, moves = estimate_velocities(places, np.arange(4), known)
    np.testing.assert_allclose(speed[0], 2 - 1j)
    assert moves.tolist() == [True, False]


def test_covered_share_looks_at_each_frame_and_at_the_border_from_outside() -> None:
    tube = np.concatenate((box(slice(0, 2), slice(0, 2)), box(slice(4, 6), slice(6, 8))))[None]
    places = np.array([[1.5 + 1.5j, 1.5 + 1.5j], [1.5 + 1.5j, 99 + 99j]])
    assert covered_share(tube, places).tolist() == [[0.5], [1]]
    assert covered_share(tube[:0], places).shape == (2, 0)
