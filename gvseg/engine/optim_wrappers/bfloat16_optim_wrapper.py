"""Mixed precision that also works on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Forward in bfloat16 autocast, weights and step in float32.

    bfloat16 has the range of float32, so loss scaling is not needed; mmengine's ``AmpOptimWrapper`` scales
    the loss and therefore requires a GPU. Works on CPU and on GPUs that support bfloat16.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast on the device of the model's parameters.

        Args:
            model (nn.Module): The model in training, wrapped or not.
        """
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device_type=device, dtype=torch.bfloat16):
            yield
