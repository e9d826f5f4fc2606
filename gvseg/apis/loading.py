"""A trained model from its config and checkpoint."""

from copy import deepcopy
from pathlib import Path

import torch
from mmdet.registry import DATASETS, MODELS, TASK_UTILS
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from torch import nn

from gvseg.utils.checkpoint import check_fits, read_meta, read_state
from gvseg.utils.checkpoint import class_names as checkpoint_class_names
from gvseg.utils.config import check_parts, load_config
from gvseg.utils.devices import check_device
from gvseg.utils.errors import CheckpointError, ConfigError
from gvseg.utils.precision import half_precision
from gvseg.utils.recipes import choose_recipe, classes_of, parts_in_use, recipes_of
from gvseg.utils.shipped import home

from .track_selection import with_selected_tracks

SHIPPED_WEIGHTS = 'gvseg-{task}_tiny_moving-shapes.pth'
SHIPPED_CONFIG = 'configs/{task}/gvseg-*_tiny_*_moving-shapes.py'
GENERAL_CONFIG = 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py'
GENERAL_WEIGHTS = 'gvseg-general_tiny_moving-shapes.pth'
REAL_VIDEO = dict(
    evs=(
        'configs/evs/gvseg-evs_mobilenet-v2_1xb2-2k5_davis-coco128.py',
        'weights/gvseg-evs_mobilenet-v2_davis-coco128.pth',
    ),
    vss=('configs/vss/gvseg-vss_mobilenet-v2_1xb2-1k2_camvid.py', 'weights/gvseg-vss_mobilenet-v2_camvid.pth'),
)
"""Config and weights, by task, of shipped models that were trained on real video."""


def load_model(
    config: str | Path | Config,
    checkpoint: str | Path | None,
    device: str | torch.device = 'cpu',
    dtype: str | None = None,
    compiled: bool = False,
    channels_last: bool = False,
    recipe: str | None = None,
    select_tracks: bool = False,
) -> tuple[nn.Module, Config]:
    """Build a model and load its weights.

    Args:
        config: file or loaded config.
        checkpoint: file; ``None`` leaves random weights (for trying things out).
        device: where the model goes.
        dtype, compiled, channels_last: as :func:`accelerate`.
        recipe: of a general model; ``None``: the one in its config.
        select_tracks: see :func:`gvseg.apis.track_selection.with_selected_tracks`.

    Returns:
        The model in evaluation mode, and its config.

    Raises:
        InputError: there is no such device.
        ConfigError, CheckpointError: name the file and what is wrong with it.
    """
    device = check_device(device)
    path = str(config.filename if isinstance(config, Config) else config)
    config = config if isinstance(config, Config) else load_config(path)
    if recipe is not None:
        config = deepcopy(config)
        choose_recipe(config, recipe)
    if select_tracks:
        config = with_selected_tracks(config)
    if 'model' not in config or 'test_dataloader' not in config:
        raise ConfigError(f'Config {path} has no model, or no test dataset with a pipeline.')
    # Hooks and metrics are not needed here, so they may be unknown.
    scope = config.get('default_scope', 'mmdet')
    check_parts(Config(dict(default_scope=scope, model=config.model, test_dataloader=config.test_dataloader)), path)
    init_default_scope(scope)
    model = revert_sync_batchnorm(MODELS.build(config.model))
    if checkpoint is not None:
        weights = read_state(str(checkpoint))
        check_fits(model, weights, str(checkpoint))
        model.load_state_dict(weights, strict=False)
    accelerate(model, dtype, compiled, channels_last)
    return model.to(device).eval(), config


def accelerate(model: nn.Module, dtype: str | None = None, compiled: bool = False, channels_last: bool = False) -> None:
    """Run a model's network in mixed precision, compiled, or with its channels last.

    Args:
        model: changed in place.
        dtype: ``'float16'`` or ``'bfloat16'``: the network runs under autocast; ``None``: as configured.
        compiled: compile the network (see :meth:`gvseg.models.segmenters.GvSeg.compile_network`).
        channels_last: see :meth:`gvseg.models.segmenters.GvSeg.use_channels_last`.
    """
    if channels_last:
        model.use_channels_last()
    if dtype is not None:
        model.test_dtype = half_precision(dtype)
    if compiled:
        if not hasattr(torch.compiler, 'is_compiling'):
            raise ConfigError(
                f'--compile (compiled=True) needs torch 2.3 or later, not {torch.__version__}: leave it out.'
            )
        model.compile_network()


def class_names(config: Config, checkpoint: str | Path | None = None) -> tuple[str, ...]:
    """Names of the classes, without data on disk: those of the recipe of a general model, else those written into the
    checkpoint by training, else the config's ``metainfo``, else those of the dataset class; empty where only the
    annotation file has them. An output that leaves the head's classes out has the class ``object``."""
    parts = parts_in_use(config)
    output = parts.get('task_output') or {}
    if 'type' in output and getattr(TASK_UTILS.get(output['type']), 'class_agnostic', False):
        return ('object',)
    if recipes_of(config):
        return classes_of(parts)
    if checkpoint is not None:
        named = checkpoint_class_names(read_meta(str(checkpoint)))
        if named:
            return named
    dataset = config.get('test_dataloader', {}).get('dataset', {})
    named = (dataset.get('metainfo') or {}).get('classes')
    if named is None and 'type' in dataset:
        named = getattr(DATASETS.get(dataset.type), 'METAINFO', {}).get('classes')
    return tuple(named or ())


def shipped_model(task: str, root: str | Path | None = None, weights: str | Path = 'weights') -> tuple[Path, Path]:
    """Config and weights that come with GvSeg for a task, from a checkout as from a wheel.

    Args:
        task: a folder of ``configs/``.
        root: folder that holds ``configs``; ``None``: that of this installation.
        weights: folder of the weights, relative to it.

    Raises:
        ConfigError, CheckpointError: there is no such config, or its weights are missing.
    """
    root = home() if root is None else Path(root)
    configs = sorted(root.glob(SHIPPED_CONFIG.format(task=task)))
    if not configs:
        known = sorted({path.parent.name for path in root.glob(SHIPPED_CONFIG.format(task='*'))})
        raise ConfigError(
            f'There is no shipped config for task {task!r} ({SHIPPED_CONFIG.format(task=task)}); tasks '
            f'with one: {", ".join(known) or "none"}.'
        )
    return _present(configs[0], root / weights / SHIPPED_WEIGHTS.format(task=task))


def general_model(root: str | Path | None = None, weights: str | Path = 'weights') -> tuple[Path, Path]:
    """As :func:`shipped_model`, one model of generated shapes for all tasks, which are its recipes."""
    root = home() if root is None else Path(root)
    return _present(root / GENERAL_CONFIG, root / weights / GENERAL_WEIGHTS)


def real_video_model(task: str, root: str | Path | None = None) -> tuple[Path, Path] | None:
    """As :func:`shipped_model`, trained on real video instead of generated shapes; ``None``: the task has none."""
    root = home() if root is None else Path(root)
    return _present(*(root / name for name in REAL_VIDEO[task])) if task in REAL_VIDEO else None


def _present(config: Path, weights: Path) -> tuple[Path, Path]:
    """Both files; raises where the weights are missing."""
    if not weights.is_file():
        raise CheckpointError(
            f'The shipped weights {weights} are missing: get them back with "git checkout -- '
            f'{weights}", or train them with "python tools/train.py {config}".'
        )
    return config, weights
