"""J and F against hand-computed values and a slow reference implementation that measures distances pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvseg.evaluation.functional.measures.region_boundary import (
    boundary_map,
    boundary_radius,
    dilate_disk,
    mask_scores,
    object_scores,
)


def slow_boundary(mask):
    """Pixels that differ from the right, lower or lower-right neighbour; frame edges look along the edge only."""
    height, width = mask.shape
    edge = np.zeros_like(mask)
    for row in range(height):
        for column in range(width):
            near = [(row, column + 1), (row + 1, column), (row + 1, column + 1)]
            near = [place for place in near if place[0] < height and place[1] < width]
            edge[row, column] = any(mask[place] != mask[row, column] for place in near)
    return edge


def slow_share(first, second, radius):
    """Fraction of the boundary pixels of `first` within the radius of one of `second`."""
    points, others = np.argwhere(first), np.argwhere(second)
    near = [((others - point) ** 2).sum(1).min() <= radius**2 for point in points]
    return np.mean(near)


def slow_scores(target, prediction, radius):
    """J and F by definition."""
    union = (target | prediction).sum()
    region = (target & prediction).sum() / union if union else 1
    first, second = slow_boundary(target), slow_boundary(prediction)
    if not first.any() or not second.any():
        return region, float(first.any() == second.any())
    precision, recall = slow_share(second, first, radius), slow_share(first, second, radius)
    return region, 2 * precision * recall / (precision + recall) if precision + recall else 0


def masks(shape=(9, 11)):
    """Small masks: noise, or blocks that touch the frame's edges."""
    return st.one_of(
        arrays(np.uint8, shape, elements=st.integers(0, 1)),
        st.tuples(*[st.integers(0, 11)] * 4).map(lambda box: block(shape, *box)),
    )


def block(shape, top, left, height, width):
    """A filled box."""
    mask = np.zeros(shape, np.uint8)
    mask[top : top + height, left : left + width] = 1
    return mask


@settings(max_examples=200, deadline=None)
@given(masks(), masks(), st.integers(0, 4))
def test_equals_the_slow_restatement(target, prediction, radius):
    assert mask_scores(target, prediction, radius) == pytest.approx(slow_scores(target, prediction, radius), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(masks())
def test_boundary_map(mask):
    assert (boundary_map(mask) == slow_boundary(mask)).all()


@pytest.mark.parametrize('radius', [0, 1, 2, 3, 5, 8, 17])
def test_dilation_is_the_disk(radius):
    mask = np.zeros((41, 45), np.uint8)
    mask[20, 22] = 1
    rows, columns = np.mgrid[:41, :45]
    assert (dilate_disk(mask, radius) == ((rows - 20) ** 2 + (columns - 22) ** 2 <= radius**2)).all()


@settings(max_examples=60, deadline=None)
@given(masks())
def test_perfect_is_one_and_the_scores_are_symmetric(mask):
    assert mask_scores(mask, mask, 1) == (1, 1)
    other = np.roll(mask, 2, 1)
    assert mask_scores(mask, other, 1) == pytest.approx(mask_scores(other, mask, 1))


def test_by_hand():
    # 2x2 block against the same block one pixel to the right: 2 of 6 pixels in common.
    target, prediction = block((8, 8), 3, 3, 2, 2), block((8, 8), 3, 4, 2, 2)
    region, boundary = mask_scores(target, prediction, 1)
    assert region == pytest.approx(2 / 6)
    assert boundary == 1
    assert mask_scores(target, 0 * target, 1) == (0, 0)
    assert mask_scores(0 * target, 0 * target, 1) == (1, 1)


def test_full_frame_has_no_boundary():
    full = np.ones((6, 6), np.uint8)
    assert mask_scores(full, 0 * full, 1) == (0, 1)


@pytest.mark.parametrize('shape,expected', [((480, 854), 8), ((120, 200), 2), ((720, 1280), 12), ((10, 10), 1)])
def test_radius(shape, expected):
    assert boundary_radius(shape) == expected
    assert boundary_radius(shape, 3) == 3


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.uint8, (8, 9), elements=st.integers(0, 3)),
    arrays(np.uint8, (8, 9), elements=st.integers(0, 3)),
    st.permutations([1, 2, 3]),
)
def test_renaming_objects_on_both_sides_changes_nothing(target, prediction, order):
    table = np.array([0, *order], np.uint8)
    first = object_scores(target, prediction, [1, 2, 3])
    second = object_scores(table[target], table[prediction], order)
    assert (first == second).all()
