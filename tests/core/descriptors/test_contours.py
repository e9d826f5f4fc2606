"""Contours and holes of masks, of both backends, beside scipy's."""

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_erosion, binary_fill_holes

from gvseg.core.descriptors import contour_points, sparse


@pytest.mark.parametrize('size', [(1, 1), (1, 6), (2, 5), (3, 3), (7, 4), (12, 17)])
def test_the_contour_is_what_an_erosion_takes_away(size: tuple[int, int]) -> None:
    masks = torch.rand(5, *size, generator=torch.Generator().manual_seed(0)) > 0.2
    masks[0], masks[1] = True, False
    expected = [mask & ~binary_erosion(mask, np.ones((3, 3))) for mask in masks.numpy()]
    np.testing.assert_array_equal(contour_points.contour_of(masks).numpy(), np.stack(expected))
    np.testing.assert_array_equal(sparse.contour_of(masks.numpy()), np.stack(expected))


def test_holes_are_what_cannot_be_reached_from_the_border() -> None:
    density = torch.linspace(0.2, 0.9, 40)[:, None, None]
    masks = torch.rand(40, 12, 17, generator=torch.Generator().manual_seed(0)) < density
    masks[0], masks[1] = True, False
    expected = np.stack([binary_fill_holes(mask) for mask in masks.numpy()])
    assert (expected != masks.numpy()).any((1, 2)).sum() > 10
    np.testing.assert_array_equal(sparse.fill_holes(masks.numpy()), expected)
    np.testing.assert_array_equal(contour_points.fill_holes(masks).numpy(), expected)
