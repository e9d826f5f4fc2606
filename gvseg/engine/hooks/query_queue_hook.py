"""Gathers matched queries of all ranks and adds them to queues and prototypes.

Shapes: n matched queries, D model width.
"""

from itertools import zip_longest

import torch
from mmdet.registry import HOOKS
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from gvseg.core.protocols import MatchedQueryMemory, MatchedQuerySource, VideoQueries


@HOOKS.register_module()
class QueryQueueHook(Hook):
    """After every step: gather the matched queries of all ranks, update every memory and log its fill level.

    Queries are read from each :class:`MatchedQuerySource` and passed to each :class:`MatchedQueryMemory`. All ranks
    receive the same queries in the same order, so queues and prototypes stay equal without synchronisation.
    """

    priority = 'NORMAL'

    def before_train(self, runner: Runner) -> None:
        """Enable recording of queries if the model has a memory."""
        model = _unwrap(runner.model)
        wanted = bool(_memories(model))
        for source in _sources(model):
            source.record_matched_queries(wanted)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Gather, update and log; with gradient accumulation, after the last iteration of a step."""
        model = _unwrap(runner.model)
        memories = _memories(model)
        if not memories or not runner.optim_wrapper.should_update():
            return
        videos = [video for source in _sources(model) for video in source.pop_matched_queries()]
        gathered = _in_global_order(all_gather_object([tuple(part.cpu() for part in video) for video in videos]))
        if not gathered:
            return
        device = next(model.parameters()).device
        labels, initial, final = (torch.cat(parts).to(device) for parts in zip(*gathered))
        for name, memory in memories:
            memory.update_memory(labels, initial, final)
            runner.message_hub.update_scalar(f'train/{name.split(".")[-1]}_fill', memory.fill())


def _in_global_order(ranks: list[list[VideoQueries]]) -> list[VideoQueries]:
    """Videos in single-process order: a distributed sampler assigns items to ranks round-robin."""
    return [video for turn in zip_longest(*ranks) for video in turn if video is not None]


def _sources(model: nn.Module) -> list[MatchedQuerySource]:
    return [module for module in model.modules() if isinstance(module, MatchedQuerySource)]


def _memories(model: nn.Module) -> list[tuple[str, MatchedQueryMemory]]:
    return [(name, module) for name, module in model.named_modules() if isinstance(module, MatchedQueryMemory)]


def _unwrap(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model
