"""What is done with descriptors: their change, their mean over a clip, their form as cues."""

import math

import numpy as np
import pytest
import torch

from gvseg.core.descriptors import (
    DescriptorSpec,
    clip_descriptor,
    compute_descriptors,
    descriptor_change,
    end_frames,
    sparse,
    to_query_dim,
)


def test_change_is_relative_to_the_key() -> None:
    key, other = torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([[3.0, 0.0], [0.0, 3.0]])
    # |key| = sqrt(9 + 16) = 5, |other - key| = 1; the other way round |other| = sqrt(9 + 9).
    assert descriptor_change(key, other).item() == pytest.approx(1 / 5)
    assert descriptor_change(other, key).item() == pytest.approx(1 / math.sqrt(18))
    assert descriptor_change(key, key) == 0


def test_nothing_is_like_an_absent_key() -> None:
    nothing, something = torch.zeros(2, 2), torch.ones(2, 2)
    assert descriptor_change(nothing, something) == math.inf
    assert descriptor_change(nothing, nothing) == math.inf
    assert descriptor_change(something, nothing) == 1


def test_change_broadcasts_to_every_pair() -> None:
    keys, others = torch.rand(3, 1, 4, 5), torch.rand(1, 2, 4, 5)
    change = descriptor_change(keys, others)
    assert change.shape == (3, 2)
    torch.testing.assert_close(change[2, 1], descriptor_change(keys[2, 0], others[0, 1]))


def test_a_shape_that_moves_changes_more_the_farther_it_goes() -> None:
    masks = torch.zeros(4, 60, 90, dtype=torch.bool)
    for index, shift in enumerate((0, 1, 10, 40)):
        masks[index, 20:40, 10 + shift : 30 + shift] = True
    descriptors = compute_descriptors(masks, DescriptorSpec(), 256)
    change = descriptor_change(descriptors[:1], descriptors).tolist()
    assert change == sorted(change)
    assert change[0] == 0 and change[1] < 0.2 < change[3]


def test_the_mean_skips_frames_without_the_object() -> None:
    descriptors = torch.tensor([1.0, 2.0, 4.0, 8.0])[:, None, None].expand(4, 2, 3)
    present = torch.tensor([False, True, True, False])
    assert clip_descriptor(descriptors, present).tolist() == [[3] * 3] * 2


def test_the_ends_of_a_tube_are_its_first_and_last_frame_with_pixels() -> None:
    present = torch.tensor([[False, True, True, False], [True] * 4, [False, False, True, False]])
    assert end_frames(present).tolist() == [[1, 2], [0, 3], [2, 2]]
    assert end_frames(torch.zeros(1, 4, dtype=torch.bool)).shape == end_frames(torch.ones(1, 1)).shape == (1, 2)


def test_an_object_that_never_appears_has_no_descriptor() -> None:
    descriptors, present = torch.ones(2, 3, 4, 5), torch.tensor([[False] * 3, [True] * 3])
    found = clip_descriptor(descriptors, present)
    assert found.shape == (2, 4, 5)
    assert not found[0].any() and (found[1] == 1).all()


def test_query_width_is_reached_by_linear_interpolation() -> None:
    # Half as many places: each lies midway between two bins of the flattened descriptor.
    descriptor = torch.tensor([[0.0, 2.0], [4.0, 10.0]])
    assert to_query_dim(descriptor, 2).tolist() == [1, 7]
    assert to_query_dim(descriptor, 4).tolist() == [0, 2, 4, 10]
    assert to_query_dim(torch.ones(2, 3, 36, 12), 64).tolist() == torch.ones(2, 3, 64).tolist()
    assert to_query_dim(torch.ones(0, 36, 12), 64).shape == (0, 64)


@pytest.mark.parametrize(('bins', 'dim'), [((36, 12), 64), ((36, 12), 256), ((4, 2), 16), ((4, 2), 8), ((1, 1), 3)])
def test_numpy_resizes_as_torch_does(bins: tuple[int, int], dim: int) -> None:
    descriptors = torch.rand(5, *bins, generator=torch.Generator().manual_seed(0))
    found = sparse.to_query_dim(descriptors.numpy(), dim)
    np.testing.assert_allclose(found, to_query_dim(descriptors, dim).numpy(), atol=1e-6)
