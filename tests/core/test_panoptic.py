"""Packed ids in numpy, in torch and as plain numbers."""

import numpy as np
import pytest
import torch

from gvseg.core.panoptic import PACKED_VOID, PANOPTIC_DIVISOR, fast_argmax, pack, unpack


def test_packed_numbers() -> None:
    assert pack(3, 5) == 3 * 65536 + 5 and unpack(3 * 65536 + 5) == (3, 5)
    assert pack(0, 0) == 0 and unpack(0) == (0, 0)
    assert pack(PACKED_VOID, 0) == PACKED_VOID == -1 and unpack(PACKED_VOID) == (PACKED_VOID, 0)


def test_highest_layer() -> None:
    layers = torch.tensor([[0.5, 0.1, -2.0, 0.0], [0.5, 0.3, -1.0, 0.0], [0.2, 0.2, -3.0, 0.0]])
    assert fast_argmax(layers).tolist() == [0, 1, 1, 0]  # the first of equals
    layers = torch.randint(0, 4, (300, 5, 7)).float()
    assert torch.equal(fast_argmax(layers), layers.argmax(0))
    assert fast_argmax(layers[:1]).eq(0).all()


@pytest.mark.parametrize('array', [np.array, torch.tensor])
def test_packing_and_unpacking_are_inverse(array) -> None:
    category, instance = array([[0, 1, 255], [130, -1, 7]]), array([[0, 65535, 1], [12, 0, 0]])
    packed = pack(category, instance)
    assert packed.tolist() == [[0, 131071, 255 * 65536 + 1], [130 * 65536 + 12, PACKED_VOID, 7 * 65536]]
    again = unpack(packed)
    assert again[0].tolist() == category.tolist() and again[1].tolist() == instance.tolist()


def test_small_types_do_not_overflow() -> None:
    assert pack(np.array([200], np.uint8), np.array([3], np.uint8)).tolist() == [200 * 65536 + 3]
    assert pack(torch.tensor([200], dtype=torch.uint8), 3).tolist() == [200 * 65536 + 3]


def test_instances_must_fit() -> None:
    with pytest.raises(ValueError, match='instance ids'):
        pack(torch.tensor([1]), torch.tensor([PANOPTIC_DIVISOR]))
    with pytest.raises(ValueError, match='instance ids'):
        pack(1, -1)
