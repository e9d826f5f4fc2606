"""Sources of initial queries on maps and masks of a few pixels."""

import numpy as np
import pytest
import torch

from gvseg.core.query_init import (
    evenly_spaced,
    grid_features,
    interior_point,
    points_in_box,
    points_in_mask,
    random_subset,
    sample_points,
)


def test_grid_cells_are_means_row_by_row() -> None:
    features = torch.arange(16.0).view(1, 1, 4, 4)
    # The upper left cell holds 0 1 4 5.
    assert grid_features(features, 2).tolist() == [[[2.5], [4.5], [10.5], [12.5]]]
    assert grid_features(torch.zeros(3, 7, 10, 13), 4).shape == (3, 16, 7)


@pytest.mark.parametrize(
    ('count', 'total', 'expected'), [(2, 8, [2, 6]), (3, 3, [0, 1, 2]), (1, 5, [2]), (4, 2, [0, 0, 1, 1]), (0, 5, [])]
)
def test_evenly_spaced(count: int, total: int, expected: list) -> None:
    assert evenly_spaced(count, total).tolist() == expected


def test_random_subset_is_repeatable_and_has_no_repeats() -> None:
    first, second = (random_subset(10, 50, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert len(set(first.tolist())) == 10 and int(first.min()) >= 0 and int(first.max()) < 50


def test_too_few_items_are_refused() -> None:
    with pytest.raises(ValueError, match='4 different ones of 3'):
        random_subset(4, 3, None)
    with pytest.raises(ValueError, match='2 of 0'):
        evenly_spaced(2, 0)


def test_samples_between_pixels_are_bilinear() -> None:
    features = torch.tensor([[0.0, 1.0], [2.0, 3.0]]).view(1, 1, 2, 2)
    # Pixel centres are at 1/4 and 3/4 of the map; the middle is the mean of all four; the corner is its own pixel.
    points = torch.tensor([[[[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.5, 0.5], [0.0, 0.0], [1.0, 1.0]]]])
    assert sample_points(features, points)[0, 0, :, 0].tolist() == [0, 1, 2, 1.5, 0, 3]


def test_samples_keep_batch_exemplar_point_and_channel() -> None:
    features = torch.rand(2, 5, 6, 7, dtype=torch.bfloat16)
    sampled = sample_points(features, torch.full((2, 3, 4, 2), 0.5))
    assert sampled.shape == (2, 3, 4, 5) and sampled.dtype == torch.bfloat16


def mask_of(*rows: str) -> np.ndarray:
    return np.array([[character == '#' for character in row] for row in rows])


def test_points_in_a_mask_are_centres_of_its_pixels() -> None:
    mask = mask_of('.##', '...', '##.')
    assert points_in_mask(mask, 4).tolist() == [[1.5, 0.5], [2.5, 0.5], [0.5, 2.5], [1.5, 2.5]]
    assert points_in_mask(mask, 2).tolist() == [[2.5, 0.5], [1.5, 2.5]]


@pytest.mark.parametrize('count', [1, 4, 9])
def test_random_points_are_inside_and_different_where_they_can_be(count: int) -> None:
    mask = mask_of('.##', '...', '##.')
    points = points_in_mask(mask, count, np.random.default_rng(0))
    assert points.shape == (count, 2) and points.dtype == np.float32
    assert all(mask[int(y), int(x)] for x, y in points)
    assert len({tuple(point) for point in points.tolist()}) == min(count, 4) or count > 4


def test_most_interior_pixel() -> None:
    assert interior_point(mask_of('....', '.###', '.###', '.###')).tolist() == [2.5, 2.5]
    # The whole frame: its border counts as outside.
    assert interior_point(np.ones((3, 5), bool)).tolist() == [2.5, 1.5]


def test_of_equally_deep_pixels_the_central_one() -> None:
    assert interior_point(mask_of('#####')).tolist() == [2.5, 0.5]


@pytest.mark.parametrize('function', [interior_point, lambda mask: points_in_mask(mask, 3)])
def test_empty_masks_are_refused(function) -> None:
    with pytest.raises(ValueError, match='without pixels'):
        function(np.zeros((3, 3), bool))


def test_points_in_a_box_form_a_grid() -> None:
    assert points_in_box(np.array([0, 0, 4, 8]), 4).tolist() == [[1, 2], [3, 2], [1, 6], [3, 6]]
    assert points_in_box(np.array([2, 2, 2, 2]), 1).tolist() == [[2, 2]]


def test_points_in_a_box_reach_all_of_its_rows() -> None:
    points = points_in_box(np.array([10.0, 20.0, 70.0, 80.0]), 32)
    assert points.shape == (32, 2) and points.dtype == np.float32
    assert len({tuple(point) for point in points.tolist()}) == 32
    assert points.min(0).tolist() == [15, 25] and points.max(0).tolist() == [65, 75]


def test_a_box_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match='x1, y1, x2, y2'):
        points_in_box(np.array([4, 0, 0, 8]), 4)
