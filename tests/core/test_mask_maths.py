"""Guided upsampling, components and shot boundaries on maps that a reader can compute."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gvseg.core.components import small_components
from gvseg.core.guided_filter import guided_upsample
from gvseg.core.shot_boundaries import colour_histograms, histogram_changes


def edge_at(column: int) -> torch.Tensor:
    """An image (1, 8, 16) that is 0 left of a column and 1 from there on."""
    image = torch.zeros(1, 8, 16)
    image[..., column:] = 1
    return image


@pytest.mark.parametrize('column', [6, 7])
def test_a_map_gets_the_edge_of_the_image(column: int) -> None:
    image = edge_at(column)
    low = F.interpolate(image[None], (4, 8), mode='area')[0]  # half the size; for column 7 one cell is 0.5
    found = guided_upsample(torch.cat((low, 1 - low)), image, radius=1, eps=1e-6)
    error = (found - torch.cat((image, 1 - image))).abs().max()
    bilinear = F.interpolate(low[None], (8, 16), mode='bilinear')[0]
    assert error < 0.1 < 0.25 <= (bilinear - image).abs().max()


def test_a_large_eps_follows_no_edge() -> None:
    image, low = edge_at(6), torch.rand(1, 4, 8, generator=torch.Generator().manual_seed(0))
    twice = F.avg_pool2d(F.avg_pool2d(low, 3, 1, 1, count_include_pad=False), 3, 1, 1, count_include_pad=False)
    expected = F.interpolate(twice[None], (8, 16), mode='bilinear')[0]
    torch.testing.assert_close(guided_upsample(low, image, 1, 1e9), expected, atol=1e-5, rtol=0)


def test_a_constant_map_stays_constant_in_colour() -> None:
    image = torch.rand(3, 8, 16, generator=torch.Generator().manual_seed(0))
    found = guided_upsample(torch.full((1, 4, 8), 0.3), image, 1, 0.01)
    torch.testing.assert_close(found, torch.full((1, 8, 16), 0.3), atol=1e-4, rtol=0)


def test_components_far_smaller_than_the_largest_are_small() -> None:
    masks = np.zeros((3, 8, 8), bool)
    masks[0, :4, :4] = True  # 16 pixels,
    masks[0, 4, 4] = True  # one more, which touches them at a corner,
    masks[0, 0, 6:] = True  # and two apart: 2 / 17 = 0.12
    masks[1, 0, 0] = masks[1, 7, 7] = True  # two of one size
    found = small_components(masks, 0.2)
    assert np.argwhere(found).tolist() == [[0, 0, 6], [0, 0, 7]]
    assert not small_components(masks, 0.1).any()


def test_the_change_of_colours_is_the_share_of_pixels_with_another_one() -> None:
    frames = torch.full((4, 3, 64, 64), -1.0)
    frames[1, :, :16] = 2.0  # a quarter of the rows
    frames[2] = frames[1].flip(-2)  # the same colours elsewhere
    frames[3] = 2.0
    histograms = colour_histograms(frames)
    assert histograms.sum(1).tolist() == [1.0] * 4
    assert histogram_changes(histograms).tolist() == [0.25, 0.0, 0.75]
