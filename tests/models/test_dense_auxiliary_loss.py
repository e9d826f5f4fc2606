"""Cross-entropy over places, on a map of which every place can be counted."""

import math

import pytest
import torch
from torch import Tensor

from gvseg.models.losses.extras import BalancedDenseAuxiliaryLoss, DenseAuxiliaryLoss, dense_auxiliary_loss

from .test_dense_centre_loss import clips, decoded, square

FAVOURED = math.log(1 + math.exp(-1)), math.log(1 + math.e)
"""Cross-entropy of a classifier that prefers class 0 to nothing by 1: at places of the class, and at the others."""


def decided(kind: type) -> DenseAuxiliaryLoss:
    """A loss of one class with a classifier that says the same everywhere."""
    loss = kind(5, num_classes=1)
    torch.nn.init.zeros_(loss.classifier.weight)
    loss.classifier.bias.data = torch.tensor([1.0, 0.0])
    return loss


def value(kind: type, *masks: Tensor) -> float:
    """Loss on a map of 4 x 8 places, of which a square covers 4."""
    return decided(kind)(decoded(torch.rand(1, 5, 4, 8)), clips(*masks))['loss_dense'].item()


def test_every_place_counts_alike():
    assert value(DenseAuxiliaryLoss, square(0, 4)) == pytest.approx((4 * FAVOURED[0] + 28 * FAVOURED[1]) / 32)


def test_a_class_counts_by_the_root_of_its_places():
    inside, outside = 4**0.5, 28**0.5
    expected = (inside * FAVOURED[0] + outside * FAVOURED[1]) / (inside + outside)
    assert value(BalancedDenseAuxiliaryLoss, square(0, 4)) == pytest.approx(expected)


def test_nothing_to_see():
    assert value(BalancedDenseAuxiliaryLoss) == pytest.approx(FAVOURED[1])


def test_ranks_have_the_loss_of_their_whole_batch(monkeypatch):
    loss = decided(BalancedDenseAuxiliaryLoss)
    loss.classifier.weight.data.normal_()
    logits = loss.classifier(torch.rand(2, 5, 4, 8))
    truth = torch.ones(2, 4, 8, dtype=torch.long)
    truth[0, :2, :2], truth[1, :, :3] = 0, 0
    whole = loss._mean(logits, truth)
    halves = torch.bincount(truth.flatten()) / 2
    monkeypatch.setattr(dense_auxiliary_loss, 'reduce_mean', lambda counts: halves)
    ranks = [loss._mean(logits[rank : rank + 1], truth[rank : rank + 1]) for rank in range(2)]
    assert sum(ranks).item() / 2 == pytest.approx(whole.item(), rel=1e-6)
    assert ranks[0].item() != pytest.approx(ranks[1].item(), rel=1e-3)
