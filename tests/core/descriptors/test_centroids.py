"""Centroids of masks that a reader can compute: places are (x, y), pixel (row, column) at (column + 0.5, row + 0.5)."""

import numpy as np
import pytest
import torch

from gvseg.core.descriptors.centroids import mask_centroids, mask_centroids_numpy, sums_fit_float32


def test_the_centroid_of_a_box_is_its_middle() -> None:
    masks = torch.zeros(2, 6, 9, dtype=torch.bool)
    masks[0, 1:4, 2:7] = True  # rows 1 to 4 and columns 2 to 7, measured at the pixels' borders
    centroids, areas = mask_centroids(masks)
    assert centroids[0].tolist() == [4.5, 2.5] and areas.tolist() == [15, 0]
    assert centroids[1].tolist() == [0.5, 0.5]  # of an empty mask


@pytest.mark.parametrize('size', [(5, 7), (40, 30), (300, 280)])
def test_torch_and_numpy_have_the_same_centroids(size: tuple[int, int]) -> None:
    """The largest masks' sums do not fit float32."""
    masks = torch.rand(5, *size, generator=torch.Generator().manual_seed(0)) > 0.4
    masks[0] = False
    (centroids, areas), (places, counts) = mask_centroids(masks), mask_centroids_numpy(masks.numpy())
    np.testing.assert_array_equal(centroids.numpy(), np.stack((places.real, places.imag), -1))
    np.testing.assert_array_equal(areas.numpy(), counts)


def test_a_sum_that_float32_cannot_hold_is_known() -> None:
    assert sums_fit_float32(256, 256) and not sums_fit_float32(300, 280)
