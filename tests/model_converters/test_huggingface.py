"""Hugging Face's Mask2Former computes the same under our names: all layers, both backbones, through its own files."""

from pathlib import Path

import pytest
import torch

from gvseg.apis.weight_conversion import convert_weights
from gvseg.utils.weight_conversion import read_weights
from tests.model_converters.small_networks import (
    CHANNELS,
    CLASSES,
    DECODER_LAYERS,
    build,
    images,
    predictions,
    small_config,
    their_mask2former,
    their_swin,
)

pytestmark = pytest.mark.usefixtures('mmdet_scope')
transformers = pytest.importorskip('transformers')
pytest.importorskip('safetensors')


def their_network(backbone: str) -> torch.nn.Module:
    """Random weights."""
    if backbone == 'swin':
        return their_mask2former(their_swin(), CLASSES)
    body = transformers.ResNetConfig(
        embedding_size=4,
        hidden_sizes=CHANNELS['resnet'],
        depths=[3, 4, 6, 3],
        layer_type='bottleneck',
        out_features=[f'stage{index}' for index in range(1, 5)],
    )
    return their_mask2former(body, CLASSES)


@pytest.mark.parametrize('backbone', ['swin', 'resnet'])
def test_logits_and_masks_of_all_layers(tmp_path: Path, backbone: str) -> None:
    theirs = their_network(backbone)
    theirs.save_pretrained(tmp_path)
    file = read_weights(str(tmp_path))
    assert file.class_names == CLASSES
    config = small_config(backbone)
    ours = build(config)
    state, report = convert_weights(file, ours, config, 'huggingface')
    ours.load_state_dict(state)
    assert not report.missing and not report.unexpected and not report.fresh_classes
    pixels = images(2)
    with torch.no_grad():
        found = theirs(pixels, output_auxiliary_logits=True)
    layers = [*found.auxiliary_logits, found]
    classes, masks = predictions(ours, pixels, videos=2)
    assert len(layers) == len(classes) == DECODER_LAYERS + 1
    for layer, our_classes, our_masks in zip(layers, classes, masks):
        torch.testing.assert_close(our_classes, layer['class_queries_logits'], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(our_masks[:, :, 0], layer['masks_queries_logits'], atol=1e-4, rtol=1e-4)
    for values in (found.masks_queries_logits.flatten(2), found.class_queries_logits):
        assert values.std(-1).min() > 0.01 and values.std(1).min() > 0.01, 'constant outputs would show nothing'
