"""Result videos of a test without training data."""

from types import SimpleNamespace
from typing import Any

from gvseg.engine import VideoVisualizationHook


class RunnerOfATest:
    """A runner whose training loop, hence training data, cannot be built."""

    _train_loop = dict(type='IterBasedTrainLoop')
    train_loop = iter = property(lambda self: exec('raise FileNotFoundError("training data")'))

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.visualizer = SimpleNamespace(stop_recording=lambda step: self.steps.append(step))


def test_the_training_data_are_not_asked_for() -> None:
    runner: Any = RunnerOfATest()
    VideoVisualizationHook().stop(runner, dict(AP=1.0))
    assert runner.steps == [0]
