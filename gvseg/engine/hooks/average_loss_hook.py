"""Logs the loss of the whole batch where several processes share it."""

import torch
from mmdet.registry import HOOKS
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor


@HOOKS.register_module()
class AverageLossHook(Hook):
    """Replaces the losses of this process by their mean over all processes, before they are logged.

    mmengine logs those of the first process, a fraction of the batch, so that logs of one and of
    several processes cannot be compared. The gradients are averaged in any case, by the wrapper.
    """

    priority = 'HIGHEST'  # before RuntimeInfoHook takes the values

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
