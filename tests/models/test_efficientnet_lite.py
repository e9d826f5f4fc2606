"""EfficientNet-lite as mmdet's EfficientNet with another table."""

import pytest
import torch

from gvseg.models.layers import EfficientNetLite


@pytest.mark.parametrize('arch, blocks', [('lite0', 16), ('lite1', 21)])
def test_maps_and_size(arch, blocks):
    network = EfficientNetLite(arch, out_indices=(2, 3, 4, 5))
    network.eval()
    with torch.no_grad():
        maps = network(torch.zeros(1, 3, 64, 96))
    assert [tuple(level.shape[1:]) for level in maps] == [(24, 16, 24), (40, 8, 12), (112, 4, 6), (320, 2, 3)]
    assert sum(map(len, network.layers[1:])) == blocks
    assert 'SELayer' not in repr(network) and 'Swish' not in repr(network)


def test_frozen_stages_have_no_gradient_before_training_starts():
    network = EfficientNetLite('lite0', out_indices=(2, 3, 4, 5), frozen_stages=2)
    assert not any(weight.requires_grad for weight in network.layers[:2].parameters())
    assert all(weight.requires_grad for weight in network.layers[2:].parameters())


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match='lite0'):
        EfficientNetLite('b0')
