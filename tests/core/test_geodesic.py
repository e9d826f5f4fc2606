"""Ways around edges, on pictures whose distances a reader can add up."""

import numpy as np
import pytest

from gvseg.core.geodesic import geodesic_distance


def one_channel(rows: list[list[float]]) -> np.ndarray:
    return np.array(rows, np.float32)[..., None]


def test_on_one_colour_steps_go_straight_and_diagonally() -> None:
    found = geodesic_distance(one_channel([[5] * 3] * 3), np.array([[0, 0]]))
    root = np.sqrt(2)
    assert found == pytest.approx(np.array([[0, 1, 2], [1, root, 1 + root], [2, 1 + root, 2 * root]]), abs=1e-6)


def test_an_edge_costs_its_change_of_colour() -> None:
    found = geodesic_distance(np.array([[[0, 0], [12, 5], [12, 5]]], np.float32), np.array([[0, 0]]))
    assert found[0] == pytest.approx([0, np.sqrt(1 + 12**2 + 5**2), np.sqrt(170) + 1], rel=1e-5)


def test_the_way_around_a_wall_is_taken() -> None:
    found = geodesic_distance(one_channel([[0, 99, 0], [0, 99, 0], [0, 0, 0]]), np.array([[0, 0]]))
    assert found[0, 2] == pytest.approx(2 + 2 * np.sqrt(2))  # down, two diagonal steps around the corner, up


def test_the_nearest_seed_counts() -> None:
    found = geodesic_distance(one_channel([[0] * 5]), np.array([[0, 0], [0, 4], [0, 4]]))
    assert found.tolist() == [[0, 1, 2, 1, 0]]
