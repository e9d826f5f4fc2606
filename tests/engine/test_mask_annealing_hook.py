"""Masked attention is given up block after block."""

from types import SimpleNamespace

import pytest
import torch

from gvseg.core.protocols import MasksAttention
from gvseg.engine import MaskAnnealingHook
from gvseg.utils.errors import ConfigError


class Blocks(torch.nn.Module, MasksAttention):
    num_masked_blocks = 2

    def set_mask_probabilities(self, probabilities) -> None:
        self.probabilities = probabilities


def test_each_block_falls_from_one_to_zero_in_its_interval() -> None:
    hook = MaskAnnealingHook(begin=[10, 20], end=[20, 40], power=2.0)
    assert hook.probabilities(0) == [1.0, 1.0]
    assert hook.probabilities(15) == [0.25, 1.0]
    assert hook.probabilities(30) == [0.0, 0.25]
    assert hook.probabilities(99) == [0.0, 0.0]


def test_the_models_blocks_are_told_before_every_iteration() -> None:
    model = torch.nn.Sequential(Blocks())
    hook, runner = MaskAnnealingHook([0, 0], [10, 20], power=1.0), SimpleNamespace(model=model, iter=5)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    assert model[0].probabilities == [0.5, 0.75]


def test_a_model_without_so_many_blocks_is_refused() -> None:
    hook = MaskAnnealingHook([0], [10])
    for model in (torch.nn.Sequential(Blocks()), torch.nn.Linear(1, 1)):
        with pytest.raises(ConfigError, match='has 1 blocks to anneal, the model has'):
            hook.before_train(SimpleNamespace(model=model))


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConfigError, match='a later end for each block'):
        MaskAnnealingHook([10], [5])
