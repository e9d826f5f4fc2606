"""Models that can be selected on the page, and loaded copies of them."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmdet.registry import TASK_UTILS
from mmengine.config import Config

from gvseg.apis import VideoSegmenter, real_video_model, shipped_model
from gvseg.apis.loading import general_model
from gvseg.apis.pretrained import find_model
from gvseg.models.task_outputs import ExemplarOutput, InstanceOutput, PanopticOutput, SemanticOutput
from gvseg.utils.config import load_config
from gvseg.utils.public_weights import find_public_weights
from gvseg.utils.recipes import recipes_of

TASKS = dict(
    vis='VIS: things, with ids',
    vss='VSS: classes of pixels',
    vps='VPS: things and stuff',
    evs='EVS: objects that I select',
)
SHAPES_NOTE = 'Trained on the generated shapes of the examples only.'
REAL = dict(
    vss=('Street video (MobileNetV2)', 'Trained on street video, CamVid: eleven classes.', 360),
    evs=('Real video (MobileNetV2)', 'Trained on nine videos of DAVIS and 128 photos.', 240),
)
"""Title, note and short side of the models of real video, by task."""
PROMPT_TASKS = ('evs',)
OUTPUTS = dict(vis=InstanceOutput, vss=SemanticOutput, vps=PanopticOutput, evs=ExemplarOutput)
SHAPES_SIDE, PUBLIC_SIDE = 96, 480


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be selected on the page.

    Attributes:
        key: name in requests.
        task: key of ``TASKS``.
        title, note: texts for the page.
        config, checkpoint: paths; the config may be loaded.
        short_side: short side of the network's input; ``None``: as the config's test.
        takes_objects: whether it needs prompts (EVS).
        real: whether it was trained on real video.
        recipe: which one of a general model.
    """

    key: str
    task: str
    title: str
    note: str
    config: str | Path | Config
    checkpoint: str | Path
    short_side: int | None
    takes_objects: bool = False
    real: bool = False
    recipe: str | None = None


def offered_models(root: Path) -> dict[str, ModelChoice]:
    """Models with shipped weights, by key.

    Raises:
        CheckpointError: Weights are missing.
    """
    general = general_model(root)
    shapes = [('general', 'Shapes, all tasks (tiny)', task, general, task) for task in TASKS]
    shapes += [('shapes', 'Shapes, one task (tiny)', task, shipped_model(task, root), None) for task in TASKS]
    found = [
        ModelChoice(
            f'{task}-{name}', task, title, SHAPES_NOTE, *files, SHAPES_SIDE, task in PROMPT_TASKS, recipe=recipe
        )
        for name, title, task, files, recipe in shapes
    ]
    real = [
        ModelChoice(
            f'{task}-real', task, title, note, *real_video_model(task, root), side, task in PROMPT_TASKS, real=True
        )
        for task, (title, note, side) in REAL.items()
    ]
    return {model.key: model for model in (*found, *real)}


def added_models(names: Sequence[str]) -> dict[str, ModelChoice]:
    """Models of ``--model``, by key: public or shipped weights by name, a checkpoint or work directory of training.

    Each is offered for its own task, and under EVS, where prompts choose among its tubes; a general model for the task
    of each recipe.

    Raises:
        CheckpointError: A name fits nothing, or weights cannot be fetched or converted.
    """
    return {choice.key: choice for name in names for choice in _choices(name)}


def _choices(name: str) -> list[ModelChoice]:
    """Choices of one name."""
    config, checkpoint = find_model(name)
    config = config if isinstance(config, Config) else load_config(str(config))
    weights = find_public_weights(name)
    note, side = ('', None) if weights is None else (f'{weights.data}; licence {weights.source.licence}.', PUBLIC_SIDE)
    title = _title(name) if weights is None else weights.name
    recipes = recipes_of(config) or {None: config.model}
    tasks = [(task_of(parts['task_output']), recipe) for recipe, parts in recipes.items()]
    if not any(task in PROMPT_TASKS for task, _ in tasks):
        tasks.append(('evs', tasks[0][1]))
    named = Counter(task for task, _ in tasks)
    choices = []
    for task, recipe in tasks:
        own = f'{title} ({recipe})' if named[task] > 1 else title  # two data sets of one task
        key = re.sub(r'[^\w.]+', '-', f'{task}-{own}').strip('-')  # part of addresses
        options = dict(takes_objects=task in PROMPT_TASKS, real=True, recipe=recipe)
        choices.append(ModelChoice(key, task, own, note, config, checkpoint, side, **options))
    return choices


def _title(name: str) -> str:
    """What a checkpoint or work directory is called on the page: all runs have an ``iter_4000.pth``."""
    path = Path(name).resolve()
    return f'{path.parent.name}/{path.stem}' if path.is_file() else path.name.removesuffix('.pth')


def task_of(output: dict) -> str:
    """The task that a model's results are of, by the class of its ``task_output``."""
    kind = TASK_UTILS.get(output['type'])
    return next(task for task, known in OUTPUTS.items() if issubclass(kind, known))


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
                model.config if isinstance(model.config, Config) else str(model.config),
                str(model.checkpoint),
                self.device,
                model.short_side,
                recipe=model.recipe,
                select_tracks=model.takes_objects,
            )
        try:
            yield segmenter
        finally:
            segmenter.reset()
            with self._lock:
                idle.append(segmenter)
