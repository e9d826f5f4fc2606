"""Learning rates of blocks."""

import pytest
import torch
from mmengine.optim import build_optim_wrapper

import gvseg.engine  # noqa: F401
from gvseg.engine.optim_wrappers.layer_decay_constructor import layer_rates
from gvseg.utils.errors import ConfigError

pytestmark = pytest.mark.usefixtures('mmdet_scope')


class Network(torch.nn.Module):
    """Three blocks, two in the encoder, and the parts around them."""

    def __init__(self) -> None:
        super().__init__()
        part = torch.nn.Linear
        self.backbone = torch.nn.ModuleDict(dict(patch_embed=part(1, 1), blocks=torch.nn.ModuleList([part(1, 1)] * 1)))
        self.backbone['blocks'].append(part(1, 1))
        self.track_head = torch.nn.ModuleDict(dict(blocks=torch.nn.ModuleList([part(1, 1)]), cls_embed=part(1, 1)))


def test_rates_fall_from_block_to_block_towards_the_input() -> None:
    settings = dict(
        type='OptimWrapper',
        constructor='LayerDecayConstructor',
        optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.05),
        paramwise_cfg=dict(layer_decay=0.5),
    )
    network = Network()
    groups = build_optim_wrapper(network, settings).optimizer.param_groups
    names = {id(value): name for name, value in network.named_parameters()}
    found = {names[id(group['params'][0])]: group['lr'] for group in groups}
    assert {name: rate for name, rate in found.items() if name.endswith('weight')} == {
        'backbone.patch_embed.weight': 0.25,
        'backbone.blocks.0.weight': 0.25,
        'backbone.blocks.1.weight': 0.5,
        'track_head.blocks.0.weight': 1.0,
        'track_head.cls_embed.weight': 1.0,
    }


def test_block_1_is_not_block_11() -> None:
    rates = layer_rates([f'backbone.blocks.{index}.norm1.weight' for index in range(12)], 0.5)
    assert rates['backbone.blocks.11.']['lr_mult'] == 1 and rates['backbone.blocks.1.']['lr_mult'] == 0.5**10


def test_a_model_without_blocks_is_refused() -> None:
    with pytest.raises(ConfigError, match='needs a model with backbone.blocks'):
        layer_rates(['backbone.conv1.weight'], 0.5)
