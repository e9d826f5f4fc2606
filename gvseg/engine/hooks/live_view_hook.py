"""Live display of frames while testing."""

from collections.abc import Sequence

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement


@HOOKS.register_module()
class LiveViewHook(Hook):
    """Shows every frame of a test as soon as it is segmented: input, prediction and, if available, ground truth.

    Needs ``visualizer=dict(type='GvSegVisualizer')`` and a display. ``tools/test.py --show`` adds it to the config.

    Args:
        wait_time: seconds for which a frame is shown; 0: until the space bar is pressed.
    """

    priority = 'LOW'

    def __init__(self, wait_time: float = 2.0) -> None:
        self.wait_time = wait_time

    def before_test_epoch(self, runner: Runner) -> None:
        """Refuse a visualizer that cannot show frames."""
        if not hasattr(runner.visualizer, 'show_frame'):
            raise TypeError(
                f'LiveViewHook cannot use {type(runner.visualizer).__name__}: set '
                "visualizer=dict(type='GvSegVisualizer') in the config, or test without --show"
            )

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[BaseDataElement] | None = None,
    ) -> None:
        """Show the frames of the iteration."""
        for clip in outputs or ():
            for frame in clip.video_data_samples:
                runner.visualizer.show_frame(frame, self.wait_time)
