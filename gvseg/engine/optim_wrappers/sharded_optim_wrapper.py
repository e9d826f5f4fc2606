"""Clipping of sharded gradients."""

import torch
import torch.distributed as dist
from mmdet.registry import OPTIM_WRAPPERS
from mmengine.optim import OptimWrapper


@OPTIM_WRAPPERS.register_module()
class ShardedOptimWrapper(OptimWrapper):
    """Clips gradients by their global norm over all shards, for fully sharded training.

    mmengine's wrapper uses the norm of each process's shard, so processes would scale by different factors. Supports
    ``clip_grad=dict(max_norm=...)`` with the 2-norm.
    """

    def _clip_grad(self) -> None:
        """Scale the gradients so that their norm is at most ``max_norm``."""
        gradients = [
            parameter.grad
            for group in self.optimizer.param_groups
            for parameter in group['params']
            if parameter.grad is not None
        ]
        device = gradients[0].device if gradients else torch.device('cpu')
        total = torch.stack([torch.zeros((), device=device), *(grad.float().pow(2).sum() for grad in gradients)]).sum()
        if dist.is_initialized():
            dist.all_reduce(total)
        norm = total.sqrt()
        factor = (self.clip_grad_kwargs['max_norm'] / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(factor)
        self.message_hub.update_scalar('train/grad_norm', float(norm))
