"""Models that can be selected on the page, and loaded copies of them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gvseg.apis import VideoSegmenter, real_video_model, shipped_model
from gvseg.apis.pretrained import find_model
from gvseg.utils.errors import InputError
from gvseg.utils.public_weights import find_public_weights, nearest_names

TASKS = dict(
    vis='VIS: things, with ids',
    vss='VSS: classes of pixels',
    vps='VPS: things and stuff',
    evs='EVS: objects that I select',
)
SHAPES_NOTE = 'Trained on the generated shapes of the examples only.'
REAL_NOTE = 'Trained on nine videos of DAVIS and 128 photos.'
PROMPT_TASKS = ('evs',)
SHAPES_SIDE, REAL_SIDE, PUBLIC_SIDE = 96, 240, 480


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


def public_models(names: Sequence[str]) -> dict[str, ModelChoice]:
    """Public weights by name, fetched and converted where they have not been; by key.

    Each is offered for its own task, and under EVS, where prompts choose among its tubes.

    Raises:
        InputError: A name is not in the table.
        CheckpointError: Weights cannot be fetched or converted.
    """
    found = {}
    for name in names:
        weights = find_public_weights(name)
        if weights is None:
            near = ' or '.join(nearest_names(name)) or 'one of those of gvseg segment --list-models'
            raise InputError(f'--model {name}: no public weights of that name; did you mean {near}?')
        note = f'{weights.data}; licence {weights.source.licence}.'
        config, checkpoint = find_model(name)
        for task in dict.fromkeys((weights.task, 'evs')):
            choice = ModelChoice(
                f'{task}-{weights.name}',
                task,
                weights.name,
                note,
                config,
                checkpoint,
                PUBLIC_SIDE,
                takes_objects=task in PROMPT_TASKS,
                real=True,
            )
            found[choice.key] = choice
    return found


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
            segmenter = VideoSegmenter(
                str(model.config),
                str(model.checkpoint),
                self.device,
                model.short_side,
                select_tracks=model.takes_objects,
            )
        try:
            yield segmenter
        finally:
            segmenter.reset()
            with self._lock:
                idle.append(segmenter)
