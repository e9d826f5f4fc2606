"""Stops a training whose loss or weights are no longer numbers, before they take a good checkpoint's place."""

import math

import torch
from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from gvseg.utils.errors import CheckpointError, TrainingError
from gvseg.utils.resuming import newest_checkpoint


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Looks at the losses now and then, and at the weights where a loss is not a number and before they are saved.

    In mixed precision a single bad loss is left out by the loss scaling, so it is borne while the weights are good.

    Args:
        interval: Iterations between two looks.
        patience: Looks in a row at bad losses that are borne while the weights are good.
    """

    def __init__(self, interval: int = 10, patience: int = 5) -> None:
        self.interval, self.patience, self._bad_looks = interval, patience, 0

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Look at the losses."""
        if not self.every_n_train_iters(runner, self.interval):
            return
        losses = {name: torch.as_tensor(value).detach() for name, value in (outputs or {}).items()}
        bad = [name for name, value in losses.items() if not math.isfinite(value)]
        self._bad_looks = self._bad_looks + 1 if bad else 0
        if bad and (self._bad_looks > self.patience or not weights_are_finite(runner.model)):
            raise TrainingError(self._message(runner, f'the losses are not numbers ({", ".join(bad[:3])})'))

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Look at the weights that are about to be written."""
        if not weights_are_finite(runner.model):
            raise TrainingError(self._message(runner, 'the weights are not numbers'))

    @staticmethod
    def _message(runner: Runner, what: str) -> str:
        try:
            kept = newest_checkpoint(runner.work_dir, log=runner.logger.debug)
        except CheckpointError:
            kept = None
        go_on = (
            f'The last good checkpoint is {kept}: go on from it with --resume, but'
            if kept
            else ('No checkpoint was written before:')
        )
        return (
            f'Training has diverged by iteration {runner.iter + 1}: {what}. {go_on} lower the learning rate '
            '(optim_wrapper.optimizer.lr), clip gradients (optim_wrapper.clip_grad), or look at the data with '
            'tools/analysis_tools/browse_dataset.py.'
        )


def weights_are_finite(model: torch.nn.Module) -> bool:
    """Whether every parameter is a number."""
    return all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters())
