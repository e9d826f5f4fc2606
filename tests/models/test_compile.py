"""The pixel decoder is one graph for torch.compile, with the numbers it has without."""

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

import gvseg.models  # noqa: F401
from tests.models.builders import head_config


@pytest.mark.skipif(not hasattr(torch.compiler, 'is_compiling'), reason='needs torch 2.3: older ones break the graph')
@pytest.mark.parametrize('name', ['DeformablePixelDecoder', 'DensePixelDecoder'])
def test_the_pixel_decoder_compiles_without_breaks(name):
    torch.manual_seed(0)
    head = head_config(num_classes=5)
    config = dict(head['pixel_decoder'], type=name)
    config.update({key: head[key] for key in ('in_channels', 'strides', 'feat_channels', 'out_channels')})
    config['encoder'].update(num_layers=1)
    decoder = MODELS.build(ConfigDict(config)).eval()
    features = [
        torch.randn(2, channels, 64 // stride, 96 // stride)
        for channels, stride in zip(head['in_channels'], (4, 8, 16, 32))
    ]
    with torch.no_grad():
        expected = decoder(features)
        found = torch.compile(decoder.forward, backend='eager', fullgraph=True, dynamic=False)(features)
    torch.testing.assert_close(found[0], expected[0], rtol=1e-3, atol=1e-3)
    for own, theirs in zip(found[1], expected[1]):
        torch.testing.assert_close(own, theirs, rtol=1e-3, atol=1e-3)
