"""Centres written in waves, on maps small enough to check by hand."""

import math
from types import SimpleNamespace

import pytest
import torch
from mmengine.structures import InstanceData

from gvseg.models.losses import AuxiliaryLosses, DenseAuxiliaryLoss, DenseCentreLoss
from gvseg.models.structures import ClipBatch


def clips(*masks: torch.Tensor) -> ClipBatch:
    """One clip with these tubes (T, H, W) of class 0."""
    shape = masks[0].shape if masks else (1, 8, 16)
    tubes = torch.stack(masks) if masks else torch.zeros(0, *shape, dtype=torch.bool)
    targets = InstanceData(masks=tubes, labels=torch.zeros(len(tubes), dtype=torch.long), ids=torch.arange(len(tubes)))
    return ClipBatch(
        frames=shape[0],
        input_shape=tuple(shape[1:]),
        real_shapes=torch.tensor([[8.0, 16.0]]),
        seeds=[0],
        targets=[targets],
    )


def square(row: int, column: int) -> torch.Tensor:
    """A tube of one frame of 8 x 16 pixels with a square of side 4."""
    mask = torch.zeros(1, 8, 16, dtype=torch.bool)
    mask[:, row : row + 4, column : column + 4] = True
    return mask


def decoded(features: torch.Tensor) -> SimpleNamespace:
    """What decoding gives of these mask features."""
    return SimpleNamespace(features=[features])


def silent(loss: DenseCentreLoss) -> DenseCentreLoss:
    """The loss with a regressor that says 0."""
    torch.nn.init.zeros_(loss.regressor.weight)
    torch.nn.init.zeros_(loss.regressor.bias)
    return loss


def test_a_silent_regressor_is_as_wrong_as_the_waves_are_high():
    # On the map of 4 x 8 places the square covers rows 0-1 and columns 2-3: its centre is x = 3 / 4, y = 1 / 4 heights.
    loss = silent(DenseCentreLoss(5, wavelengths=(1.0,)))(decoded(torch.rand(1, 5, 4, 8)), clips(square(0, 4)))
    x, y = 2 * math.pi * 0.75, 2 * math.pi * 0.25
    expected = sum(abs(value) for value in (math.sin(x), math.sin(y), math.cos(x), math.cos(y))) / 4
    assert loss['loss_centre'].item() == pytest.approx(expected, abs=1e-5)


def test_a_regressor_that_knows_the_centres_of_twins_has_no_loss():
    loss = DenseCentreLoss(4, wavelengths=(2.0,))
    batch = clips(square(0, 0), square(4, 12))
    waves, inside = loss._wave_map(batch.targets[0].masks, (4, 8))
    loss.regressor.weight.data = torch.eye(4)[:, :, None, None]
    torch.nn.init.zeros_(loss.regressor.bias)
    assert int(inside.sum()) == 8
    assert loss(decoded(waves), batch)['loss_centre'].item() == pytest.approx(0, abs=1e-6)
    assert not torch.allclose(waves[0, :, 0, 0], waves[0, :, 3, 7])


def test_without_an_instance_there_is_no_loss_but_a_gradient():
    features = torch.rand(1, 5, 4, 8, requires_grad=True)
    loss = DenseCentreLoss(5)(decoded(features), clips())['loss_centre']
    loss.backward()
    assert loss.item() == 0 and features.grad is not None


def test_two_losses_are_reported_beside_each_other():
    both = AuxiliaryLosses(
        [dict(type='DenseAuxiliaryLoss', embed_dims=5, num_classes=1), dict(type='DenseCentreLoss', embed_dims=5)]
    )
    assert isinstance(both[0], DenseAuxiliaryLoss)
    assert set(both(decoded(torch.rand(1, 5, 4, 8)), clips(square(0, 0)))) == {'loss_dense', 'loss_centre'}
