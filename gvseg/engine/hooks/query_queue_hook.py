"""Shares matched queries between ranks and feeds them to queues and prototypes.

Shapes: n matched queries, D model width.
"""

from itertools import zip_longest

import torch
from mmdet.registry import HOOKS
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn


@HOOKS.register_module()
class QueryQueueHook(Hook):
    """After every step: gather matched queries of all ranks, let every module that absorbs them do so, log fill.

    A module takes part by having ``update_memory(labels, initial, final)`` and ``fill()``; one that owns a record of
    matched queries by having ``query_record``. All ranks absorb the same queries in the same order, so queues and
    prototypes stay equal without being synchronised themselves.
    """

    priority = 'NORMAL'

    def before_train(self, runner: Runner) -> None:
        """Ask for the record to be kept, if anything absorbs it."""
        model = _unwrap(runner.model)
        wanted = bool(_absorbers(model))
        for module in model.modules():
            if hasattr(module, 'query_record'):
                module.query_record.wanted = wanted

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Gather, absorb, log; where several iterations make one step of the optimiser, after the last of them."""
        model = _unwrap(runner.model)
        absorbers = _absorbers(model)
        if not absorbers or not runner.optim_wrapper.should_update():
            return
        videos = [
            video
            for module in model.modules()
            if hasattr(module, 'query_record')
            for video in module.query_record.pop_all()
        ]
        gathered = _in_global_order(all_gather_object([tuple(part.cpu() for part in video) for video in videos]))
        if not gathered:
            return
        device = next(model.parameters()).device
        labels, initial, final = (torch.cat(parts).to(device) for parts in zip(*gathered))
        for name, module in absorbers:
            module.update_memory(labels, initial, final)
            runner.message_hub.update_scalar(f'train/{name.split(".")[-1]}_fill', module.fill())


def _in_global_order(ranks: list[list[tuple[Tensor, ...]]]) -> list[tuple[Tensor, ...]]:
    """Videos in the order in which one process would have seen them: a sampler deals items to ranks in turn."""
    return [video for turn in zip_longest(*ranks) for video in turn if video is not None]


def _absorbers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    return [(name, module) for name, module in model.named_modules() if hasattr(module, 'update_memory')]


def _unwrap(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model
