"""Gradient accumulation that is equivalent to one step on the joined batches."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from mmdet.registry import HOOKS
from mmengine.hooks import Hook, ParamSchedulerHook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from gvseg.core.protocols import AccumulationAware


class LookAhead:
    """Yields batches one by one; announces each accumulation group before its first batch.

    Args:
        batches: endless iterator of mmengine's train loop.
        size: number of batches per group.
        start: number of batches of the first group already used, if a run resumes within a group.
        announce: called with the list of batches of a group.
    """

    def __init__(self, batches: Iterator, size: int, start: int, announce: Callable[[list], None]) -> None:
        self.batches, self.size, self.start, self.announce = batches, size, start, announce
        self.group: deque = deque()

    def __next__(self) -> Any:
        if not self.group:
            self.group.extend(next(self.batches) for _ in range(self.size - self.start))
            self.start = 0
            self.announce(list(self.group))
        return self.group.popleft()

    def skip_iter(self, count: int) -> None:
        """As in mmengine's iterator: skip batches that a resumed run has already used."""
        self.batches.skip_iter(count)


@HOOKS.register_module()
class AccumulationHook(Hook):
    """Passes the batches of the next optimiser step to modules that are :class:`AccumulationAware`.

    A loss that is normalised by the number of objects needs the number of the whole step before its first iteration,
    since the mean of ratios is not the ratio of means. The batches of a step are kept in host memory.

    Args:
        iterations: number of iterations per optimiser step, ``optim_wrapper.accumulative_counts``.
    """

    priority = 'NORMAL'

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations

    def before_train(self, runner: Runner) -> None:
        """Insert the look-ahead between the data loader and the loop."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        listeners = [module for module in model.modules() if isinstance(module, AccumulationAware)]
        if not listeners:
            return

        def announce(group: list) -> None:
            samples = [batch['data_samples'] for batch in group]
            for listener in listeners:
                listener.prepare_accumulation(samples)

        loop = runner.train_loop
        loop.dataloader_iterator = LookAhead(
            loop.dataloader_iterator, self.iterations, runner.iter % self.iterations, announce
        )


@HOOKS.register_module()
class StepSchedulerHook(ParamSchedulerHook):
    """Updates schedules per optimiser step instead of per iteration: one learning rate for all iterations of a step."""

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """As the base class, after the last iteration of a step."""
        if runner.optim_wrapper.should_update():
            super().after_train_iter(runner, batch_idx, data_batch, outputs)
