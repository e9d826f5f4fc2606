"""torchvision's MobileNetV2 computes the same under mmdet's names."""

import importlib.util
from pathlib import Path

import pytest
import torch

from gvseg.models.layers import MobileNetV2Features

PATH = Path(__file__).resolve().parents[2] / 'tools/model_converters/torchvision_mobilenet_v2.py'
SPEC = importlib.util.spec_from_file_location('torchvision_mobilenet_v2', PATH)
converter = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(converter)


@pytest.mark.parametrize(
    'name, renamed',
    [
        ('features.0.0.weight', 'conv1.conv.weight'),
        ('features.1.conv.0.0.weight', 'layer1.0.depthwise_conv.conv.weight'),
        ('features.1.conv.2.bias', 'layer1.0.linear_conv.bn.bias'),
        ('features.2.conv.1.1.running_var', 'layer2.0.depthwise_conv.bn.running_var'),
        ('features.17.conv.2.weight', 'layer7.0.linear_conv.conv.weight'),
        ('features.18.0.weight', None),
        ('classifier.1.weight', None),
    ],
)
def test_names(name, renamed):
    assert converter.rename(name) == renamed


def test_features_are_torchvisions():
    torchvision = pytest.importorskip('torchvision')
    torch.manual_seed(0)
    theirs = torchvision.models.mobilenet_v2().eval()
    ours = MobileNetV2Features(out_indices=(1, 2, 4, 6))
    ours.eval()  # mmdet's train() returns nothing
    missing, unexpected = ours.load_state_dict(converter.convert(theirs.state_dict()), strict=True)
    assert not missing and not unexpected
    image = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        expected, found = image, []
        for index, layer in enumerate(theirs.features[:18]):
            expected = layer(expected)
            found += [expected] if index in (3, 6, 13, 17) else []
        for our, their in zip(ours(image), found):
            torch.testing.assert_close(our, their)


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match='MobileNetV2'):
        converter.convert({'conv1.weight': torch.zeros(1)})
