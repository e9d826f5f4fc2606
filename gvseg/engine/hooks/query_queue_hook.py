"""Gathers matched queries of all ranks and adds them to queues and prototypes.

Shapes: n matched queries, D model width.
"""

from collections.abc import Sequence

import torch
from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from gvseg.core.protocols import MatchedQueryMemory, MatchedQuerySource, VideoQueries
from gvseg.utils.distributed import gather_round_robin


@HOOKS.register_module()
class QueryQueueHook(Hook):
    """After every step: gather the matched queries of all ranks, update memories and log their fill levels.

    Queries are read from each :class:`MatchedQuerySource` and passed to every :class:`MatchedQueryMemory` inside it.
    All ranks receive the same queries in the same order, so queues and prototypes stay equal without synchronisation.
    """

    priority = 'NORMAL'

    def before_train(self, runner: Runner) -> None:
        """Enable recording of queries in sources that have a memory."""
        for _, source in _sources(_unwrap(runner.model)):
            source.record_matched_queries(bool(_memories(source)))

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Gather, update and log; with gradient accumulation, after the last iteration of a step."""
        sources = _sources(_unwrap(runner.model))
        if not any(_memories(source) for _, source in sources) or not runner.optim_wrapper.should_update():
            return
        for (
            name,
            source,
        ) in sources:  # all ranks train one recipe at a time: a source has queries on all of them or none
            videos = source.pop_matched_queries()
            if not videos:
                continue
            labels, initial, final = gather_queries(videos)
            for part, memory in _memories(source):
                memory.update_memory(labels, initial, final)
                title = [name.split('.')[-1]] * (len(sources) > 1) + [part.split('.')[-1]]
                runner.message_hub.update_scalar(f'train/{".".join(title)}_fill', memory.fill())


def gather_queries(videos: Sequence[VideoQueries]) -> VideoQueries:
    """Matched queries of the videos of all ranks, each of which has at least one video, joined.

    They are in single-process order: a distributed sampler assigns items to ranks round-robin. The queries stay on
    their device.
    """
    labels, initial, final = videos[0]
    # One table of numbers; labels are far below 2**24, up to which float32 holds every integer.
    table = gather_round_robin([torch.cat((video[0][:, None].to(final), *video[1:]), 1) for video in videos])
    parts = table.split((1, initial.shape[1], final.shape[1]), 1)
    return parts[0][:, 0].to(labels), parts[1].contiguous(), parts[2].contiguous()


def _sources(model: nn.Module) -> list[tuple[str, MatchedQuerySource]]:
    return [(name, module) for name, module in model.named_modules() if isinstance(module, MatchedQuerySource)]


def _memories(source: nn.Module) -> list[tuple[str, MatchedQueryMemory]]:
    return [(name, module) for name, module in source.named_modules() if isinstance(module, MatchedQueryMemory)]


def _unwrap(model: nn.Module) -> nn.Module:
    return model.module if is_model_wrapper(model) else model
