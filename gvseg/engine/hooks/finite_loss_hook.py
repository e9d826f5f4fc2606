"""Stops training on non-finite losses or weights, before they are saved over a good checkpoint."""

import math

import torch
from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from gvseg.utils.errors import CheckpointError, TrainingError
from gvseg.utils.resuming import newest_checkpoint


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Checks the losses periodically, and the weights if a loss is not finite and before they are saved.

    In mixed precision the loss scaler skips a single non-finite loss, so it is tolerated while the weights are finite.

    Args:
        interval: Iterations between two checks.
        patience: Consecutive checks with non-finite losses that are tolerated while the weights are finite.
    """

    def __init__(self, interval: int = 10, patience: int = 5) -> None:
        self.interval, self.patience, self._bad_looks = interval, patience, 0

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Check the losses."""
        if not self.every_n_train_iters(runner, self.interval):
            return
        losses = {name: torch.as_tensor(value).detach() for name, value in (outputs or {}).items()}
        bad = [name for name, value in losses.items() if not math.isfinite(value)]
        self._bad_looks = self._bad_looks + 1 if bad else 0
        if bad and (self._bad_looks > self.patience or not weights_are_finite(runner.model)):
            raise TrainingError(self._message(runner, f'the losses are not numbers ({", ".join(bad[:3])})'))

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check the weights that are about to be saved."""
        if not weights_are_finite(runner.model):
            raise TrainingError(self._message(runner, 'the weights are not numbers'))

    @staticmethod
    def _message(runner: Runner, what: str) -> str:
        try:
            kept = newest_checkpoint(runner.work_dir, log=runner.logger.debug)
        except CheckpointError:
            kept = None
        go_on = (
            f'The last good checkpoint is {kept}: continue from it with --resume, but'
            if kept
            else ('No checkpoint was written before:')
        )
        return (
            f'Training has diverged by iteration {runner.iter + 1}: {what}. {go_on} lower the learning rate '
            '(optim_wrapper.optimizer.lr), clip gradients (optim_wrapper.clip_grad), or check the data with '
            'tools/analysis_tools/browse_dataset.py.'
        )


def weights_are_finite(model: torch.nn.Module) -> bool:
    """Whether all parameters are finite."""
    return all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters())
