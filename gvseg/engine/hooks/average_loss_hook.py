"""Logs the loss of the whole batch in distributed training."""

import torch
from mmdet.registry import HOOKS
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor


@HOOKS.register_module()
class AverageLossHook(Hook):
    """Replaces the losses of this process by their mean over all processes, before they are logged.

    mmengine logs those of the first process only, so that logs of one and of several processes cannot be
    compared. The gradients are averaged by the model wrapper in any case.
    """

    priority = 'HIGHEST'  # before RuntimeInfoHook reads the values

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict[str, Tensor] | None = None
    ) -> None:
        """Average in place.

        Args:
            runner (Runner): Not used.
            batch_idx (int): Not used.
            data_batch (dict, optional): Not used.
            outputs (dict, optional): Loss name -> scalar, the same names in every process.
        """
        if get_world_size() == 1 or not outputs:
            return
        names = sorted(outputs)
        values = torch.stack([outputs[name].detach().float().mean() for name in names])
        all_reduce(values, op='mean')
        outputs.update(zip(names, values))
