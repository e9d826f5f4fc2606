"""Fully sharded training: each process keeps a part of the weights, gradients and optimiser states.

For models that do not fit one GPU beside their optimiser (Swin-L on large frames). ``configs/_base_/fsdp.py`` sets it
up with mmengine's ``FlexibleRunner``.
"""

from typing import Any

import torch
from mmdet.registry import MODEL_WRAPPERS
from mmengine.model import MMFullyShardedDataParallel
from mmengine.registry import FUNCTIONS
from torch import nn

STAGES = ('SwinBlockSequence', 'ResLayer')
"""Classes of a backbone's stages in mmdet."""


@MODEL_WRAPPERS.register_module()
class FullyShardedModel(MMFullyShardedDataParallel):
    """mmengine's wrapper, which also runs on CPU processes where there is no GPU.

    Args:
        device_id: number of the process's GPU.
        args, kwargs: as upstream.
    """

    def __init__(self, *args: Any, device_id: int | None = None, **kwargs: Any) -> None:
        device = device_id if torch.cuda.is_available() else torch.device('cpu')
        super().__init__(*args, device_id=device, **kwargs)

    @staticmethod
    def set_state_dict_type(module: nn.Module, state_dict_type: Any, *configs: Any) -> Any:
        """As upstream; on a CPU nothing is moved to the CPU, since torch would then copy weights already freed."""
        for config in configs if not torch.cuda.is_available() else ():
            if hasattr(config, 'offload_to_cpu'):
                config.offload_to_cpu = False
        return MMFullyShardedDataParallel.set_state_dict_type(module, state_dict_type, *configs)


@FUNCTIONS.register_module()
def wrap_backbone_stages(module: nn.Module, recurse: bool, nonwrapped_numel: int) -> bool:
    """Which modules are gathered and freed on their own: the stages of the backbone.

    The head stays in the outermost unit, since the segmenter calls its methods and not its ``forward``, at which a unit
    of its own would be gathered.
    """
    return recurse or type(module).__name__ in STAGES
