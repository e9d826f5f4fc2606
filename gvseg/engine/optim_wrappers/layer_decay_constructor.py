"""Learning rates that fall from the last block of a vision transformer to its first."""

import re

from mmdet.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from torch import nn

from gvseg.utils.errors import ConfigError

#: Blocks of the encoder, then the joint ones of the head.
BLOCK = re.compile(r'(backbone|track_head)\.blocks\.(\d+)\.')


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class LayerDecayConstructor(DefaultOptimWrapperConstructor):
    """mmengine's constructor with a factor from one block to the one before, ``paramwise_cfg=dict(layer_decay=...)``.

    Of L blocks the last learns at the full rate, as do the head's other parameters, the first at
    ``layer_decay ** (L - 1)`` and with it what is before it: patches, class and register tokens, position embeddings.
    mmdet's constructor for this knows ConvNeXt alone.
    """

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """An optimiser wrapper for a model.

        Raises:
            ConfigError: the model has no blocks.
        """
        settings = dict(self.paramwise_cfg or {})
        decay = settings.pop('layer_decay', 1.0)
        given = dict(settings.get('custom_keys') or {})
        settings['custom_keys'] = {**layer_rates([name for name, _ in model.named_parameters()], decay), **given}
        self.paramwise_cfg = settings
        return super().__call__(model)


def layer_rates(names: list[str], decay: float) -> dict[str, dict[str, float]]:
    """``custom_keys`` with the learning-rate factor of each block.

    Args:
        names: of the model's parameters.
        decay: the factor from one block to the one before.

    Raises:
        ConfigError: the model has no blocks.
    """
    places = {(found[1], int(found[2])) for found in map(BLOCK.match, names) if found}
    if not places:
        raise ConfigError("LayerDecayConstructor needs a model with backbone.blocks (PlainViT): use mmengine's default")
    order = [f'{part}.blocks.{index}.' for part, index in sorted(places)]  # backbone before track_head
    factors = {name: decay ** (len(order) - 1 - rank) for rank, name in enumerate(order)}
    factors['backbone.'] = decay ** (len(order) - 1)  # what is before the first block learns as it does
    return {name: dict(lr_mult=factor) for name, factor in factors.items()}
