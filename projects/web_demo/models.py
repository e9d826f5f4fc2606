"""Models that can be selected on the page, and loaded copies of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gvseg.apis import VideoSegmenter, real_video_model, shipped_model

TASKS = dict(
    vis='VIS: things, with ids',
    vss='VSS: classes of pixels',
    vps='VPS: things and stuff',
    evs='EVS: objects that I select',
)
SHAPES_NOTE = 'Trained on the generated shapes of the examples only.'
REAL_NOTE = 'Trained on nine videos of DAVIS and 128 photos.'
PROMPT_TASKS = ('evs',)
SHAPES_SIDE, REAL_SIDE = 96, 240


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be selected on the page.

    Attributes:
        key: name in requests.
        task: key of ``TASKS``.
        title, note: texts for the page.
        config, checkpoint: paths.
        short_side: short side of the network's input.
        takes_objects: whether it needs prompts (EVS).
        real: whether it was trained on real video.
    """

    key: str
    task: str
    title: str
    note: str
    config: Path
    checkpoint: Path
    short_side: int
    takes_objects: bool = False
    real: bool = False


def offered_models(root: Path) -> dict[str, ModelChoice]:
    """Models with shipped weights, by key.

    Raises:
        CheckpointError: Weights are missing.
    """
    found = [
        ModelChoice(
            f'{task}-shapes',
            task,
            'Moving Shapes (tiny)',
            SHAPES_NOTE,
            *shipped_model(task, root),
            SHAPES_SIDE,
            task in PROMPT_TASKS,
        )
        for task in TASKS
    ]
    real = ModelChoice(
        'evs-real',
        'evs',
        'Real video (MobileNetV2)',
        REAL_NOTE,
        *real_video_model('evs', root),
        REAL_SIDE,
        takes_objects=True,
        real=True,
    )
    return {model.key: model for model in (*found, real)}


class SegmenterPool:
    """Pool of loaded models; each processes one video at a time.

    Args:
        device: device of the models.
    """

    def __init__(self, device: str = 'cpu') -> None:
        self.device = device
        self._idle: dict[str, list[VideoSegmenter]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, model: ModelChoice) -> Iterator[VideoSegmenter]:
        """Borrow a segmenter exclusively, in its initial state."""
        with self._lock:
            idle = self._idle.setdefault(model.key, [])
            segmenter = idle.pop() if idle else None
        if segmenter is None:
            segmenter = VideoSegmenter(str(model.config), str(model.checkpoint), self.device, model.short_side)
        try:
            yield segmenter
        finally:
            segmenter.reset()
            with self._lock:
                idle.append(segmenter)
