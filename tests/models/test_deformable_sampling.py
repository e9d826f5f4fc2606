"""Every implementation of the sampling in deformable attention gives mmcv's numbers."""

import functools

import pytest
import torch
from mmcv.ops.multi_scale_deform_attn import multi_scale_deformable_attn_pytorch

from gvseg.models.layers import deformable_sampling
from gvseg.models.layers.deformable_sampling import implementation, sample_in_bags, sample_levels

SIZES = ((2, 3), (4, 6))


def inputs(tokens: int = 30) -> tuple[torch.Tensor, ...]:
    """Two frames, two heads of eight channels, three points; one sample in four or so is off the frame."""
    generator = torch.Generator().manual_seed(0)
    value = torch.randn(2, 30, 2, 8, generator=generator)
    centres = torch.rand(tokens, 2, generator=generator)
    offsets = 3 * torch.randn(2, tokens, 2, 2, 3, 2, generator=generator)
    weights = torch.rand(2, tokens, 2, 2, 3, generator=generator)
    return value, centres, offsets, weights


def reference(value: torch.Tensor, centres: torch.Tensor, offsets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    extents = torch.tensor([[width, height] for height, width in SIZES])
    places = centres[:, None, None, None] + offsets / extents[:, None]
    return multi_scale_deformable_attn_pytorch(value, torch.tensor(SIZES), places, weights)


def test_bags_give_mmcvs_numbers_whatever_the_chunk(monkeypatch):
    monkeypatch.setattr(deformable_sampling, 'CHUNK', 7)
    value, centres, offsets, weights = inputs()
    expected = reference(value, centres, offsets, weights)
    torch.testing.assert_close(sample_in_bags(value, SIZES, centres, offsets, weights), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('size', [1.0, 1e4])
def test_a_sample_outside_of_the_frame_is_zero(size: float):
    """At (-1, -1) pixels and beyond nothing of the frame is left; at (-0.5, 0) half of pixel (0, 0)."""
    value = torch.ones(1, 1, 1, 1)
    corner = torch.tensor([[0.0, 0.0], [0.0, 0.5]])  # of one pixel, whose centre is at (0.5, 0.5)
    offsets = torch.tensor([[-0.5 - size, -0.5 - size], [0.0, 0.0]]).view(1, 2, 1, 1, 1, 2)
    found = sample_in_bags(value, ((1, 1),), corner, offsets, torch.ones(1, 2, 1, 1, 1))
    assert found.flatten().tolist() == [0.0, 0.5]


def test_gradients_come_from_plain_torch():
    value, centres, offsets, weights = inputs()
    value.requires_grad_()
    assert implementation(value) == 'torch'
    sample_levels(value, SIZES, centres, offsets, weights).sum().backward()
    assert value.grad.abs().sum() > 0
    with torch.no_grad():
        assert implementation(value) == 'embedding_bag'


def test_half_precision_comes_back_as_it_went_in():
    value, centres, offsets, weights = inputs()
    expected = reference(value, centres, offsets, weights)
    for gradients in (True, False):
        with torch.set_grad_enabled(gradients):
            found = sample_levels(value.bfloat16(), SIZES, centres, offsets, weights)
        assert found.dtype == torch.bfloat16
        torch.testing.assert_close(found.float(), expected, rtol=2e-2, atol=2e-2)


def test_a_kernel_that_fails_is_left_alone(monkeypatch):
    """deformops is tried once, then plain torch goes on with the same numbers."""

    def broken(*arguments, **options):
        raise RuntimeError('no kernel for this card')

    monkeypatch.setattr(deformable_sampling, '_broken', [])
    monkeypatch.setattr(
        deformable_sampling, 'implementation', lambda value: 'torch' if broken_before() else 'deformops'
    )
    monkeypatch.setattr(deformable_sampling, 'triton_kernel', functools.lru_cache(lambda: (broken, None)))
    value, centres, offsets, weights = inputs()
    with pytest.warns(UserWarning, match='continues without it'):
        found = sample_levels(value, SIZES, centres, offsets, weights)
    torch.testing.assert_close(found, reference(value, centres, offsets, weights))
    assert str(deformable_sampling._broken[0]) == 'no kernel for this card'


def broken_before() -> bool:
    return bool(deformable_sampling._broken)
