"""Fully sharded training: each process stores a shard of the weights, gradients and optimiser states.

For models that do not fit one GPU together with their optimiser (Swin-L on large frames). Configured by
``configs/_base_/fsdp.py`` with mmengine's ``FlexibleRunner``.
"""

from typing import Any

import torch
from mmdet.registry import MODEL_WRAPPERS
from mmengine.model import MMFullyShardedDataParallel
from mmengine.registry import FUNCTIONS
from torch import nn

STAGES = ('SwinBlockSequence', 'ResLayer')
"""Classes of backbone stages in mmdet."""


@MODEL_WRAPPERS.register_module()
class FullyShardedModel(MMFullyShardedDataParallel):
    """mmengine's wrapper that also runs on CPU processes.

    Args:
        device_id: GPU index of the process.
        args, kwargs: as upstream.
    """

    def __init__(self, *args: Any, device_id: int | None = None, **kwargs: Any) -> None:
        device = device_id if torch.cuda.is_available() else torch.device('cpu')
        super().__init__(*args, device_id=device, **kwargs)

    @staticmethod
    def set_state_dict_type(module: nn.Module, state_dict_type: Any, *configs: Any) -> Any:
        """As upstream, but without offloading on a CPU, where torch would copy weights already freed."""
        for config in configs if not torch.cuda.is_available() else ():
            if hasattr(config, 'offload_to_cpu'):
                config.offload_to_cpu = False
        return MMFullyShardedDataParallel.set_state_dict_type(module, state_dict_type, *configs)


@FUNCTIONS.register_module()
def wrap_backbone_stages(module: nn.Module, recurse: bool, nonwrapped_numel: int) -> bool:
    """Wrap policy: the stages of the backbone are gathered and freed as separate units.

    The head stays in the outermost unit, since the segmenter calls its methods instead of its ``forward``, which would
    trigger the gathering of a separate unit.
    """
    return recurse or type(module).__name__ in STAGES
