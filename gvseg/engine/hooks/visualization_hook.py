"""Result videos and contact sheets while testing."""

from collections.abc import Sequence
from pathlib import Path

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from mmengine.structures import BaseDataElement


@HOOKS.register_module()
class VideoVisualizationHook(Hook):
    """Writes an mp4 and a contact sheet of the first videos of a test or validation run.

    Sheets are also sent to other backends of the visualizer, such as TensorBoard, under the iteration. Needs
    ``visualizer=dict(type='GvSegVisualizer')``.

    Args:
        draw: whether to enable the hook.
        test_out_dir: output folder, relative to the work directory.
        options: options of :class:`gvseg.visualization.VideoRecorder` (``videos``, ``fps``, ``columns``, ``prefix``).
    """

    priority = 'LOW'

    def __init__(self, draw: bool = True, test_out_dir: str = 'visualizations', options: dict | None = None) -> None:
        self.draw = draw
        self.test_out_dir = test_out_dir
        self.options = options or {}
        self.files: list[Path] = []

    def start(self, runner: Runner) -> None:
        if not self.draw:
            return
        if not hasattr(runner.visualizer, 'start_recording'):
            raise TypeError(
                f'VideoVisualizationHook cannot use {type(runner.visualizer).__name__}: set '
                "visualizer=dict(type='GvSegVisualizer') in the config, or draw=False in this hook"
            )
        runner.visualizer.start_recording(Path(runner.work_dir) / self.test_out_dir, **self.options)

    def record(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[BaseDataElement] | None = None,
    ) -> None:
        if self.draw:
            for clip in outputs or ():
                for frame in clip.video_data_samples:
                    runner.visualizer.record(frame)

    def stop(self, runner: Runner, metrics: dict | None = None) -> None:
        if self.draw:
            self.files = runner.visualizer.stop_recording(step=_iteration(runner)) or []

    before_test_epoch = before_val_epoch = start
    after_test_iter = after_val_iter = record
    after_test_epoch = after_val_epoch = stop


def _iteration(runner: Runner) -> int:
    """Current iteration; ``runner.iter`` would build the training loop and its dataset even in a test."""
    loop = runner._train_loop
    return loop.iter if isinstance(loop, BaseLoop) else 0
