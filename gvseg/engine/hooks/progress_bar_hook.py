"""Progress bar for testing on stderr, in place of log lines."""

from typing import Any

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from gvseg.utils.progress import ProgressBar


@HOOKS.register_module()
class ProgressBarHook(Hook):
    """Shows the number of processed clips of a test run.

    Args:
        title: text before the bar.
    """

    priority = 'VERY_LOW'

    def __init__(self, title: str = 'test') -> None:
        self.title = title

    def before_test_epoch(self, runner: Runner) -> None:
        """Start the bar at zero."""
        self.progress = ProgressBar(self.title, len(runner.test_dataloader))

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """Advance the bar by one clip."""
        self.progress.step(batch_idx + 1)
