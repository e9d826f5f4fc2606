"""Class queries that compete for every pixel, on maps small enough to check by hand."""

import math
from types import SimpleNamespace

import pytest
import torch
from mmengine.structures import InstanceData

from gvseg.models.losses.extras import SemanticMaskLoss
from gvseg.models.structures import ClipBatch


def decoded(left: float, right: float, layers: int = 1) -> SimpleNamespace:
    """Two class queries, sure of their classes, with these mask logits everywhere in a frame of 4 x 4."""
    masks = torch.tensor([left, right])[None, :, None, None, None].repeat(1, 1, 1, 2, 2)
    classes = torch.tensor([[[50.0, 0, 0], [0, 50.0, 0]]])
    queries = SimpleNamespace(classes=torch.eye(2, dtype=torch.bool))
    return SimpleNamespace(classes=[classes] * layers, masks=[masks] * layers, queries=queries)


def clips(*labels: int) -> ClipBatch:
    """A frame of 4 x 4 whose first columns have these labels, one column each."""
    masks = torch.zeros(len(labels), 1, 4, 4, dtype=torch.bool)
    for column in range(len(labels)):
        masks[column, :, :, column] = True
    target = InstanceData(masks=masks, labels=torch.tensor(labels), ids=torch.arange(len(labels)))
    return ClipBatch(1, (4, 4), torch.tensor([[4.0, 4.0]]), [0], targets=[target])


def test_the_loss_is_that_of_a_classification_of_the_labelled_pixels():
    loss = SemanticMaskLoss()(decoded(0.0, math.log(3)), clips(0, 1, 1))['loss_semantic']
    # Class 1 has 3 of 4 parts everywhere; one labelled column in three is of class 0, the fourth has no label.
    assert loss.item() == pytest.approx((math.log(4) + 2 * math.log(4 / 3)) / 3, abs=1e-5)


def test_layers_before_the_last_have_half_the_weight_together():
    value = SemanticMaskLoss()(decoded(0.0, 0.0), clips(0))['loss_semantic'].item()
    assert SemanticMaskLoss(2.0)(decoded(0.0, 0.0, 3), clips(0))['loss_semantic'].item() == pytest.approx(3 * value)


def test_a_class_that_is_said_to_be_absent_loses():
    unsure = decoded(0.0, 0.0)
    unsure.classes = [torch.tensor([[[0.0, 0.0, 50.0], [0, 50.0, 0]]])]
    assert SemanticMaskLoss()(unsure, clips(1))['loss_semantic'].item() == pytest.approx(0, abs=1e-5)
