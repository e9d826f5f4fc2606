"""Find config and weights by one name."""

import ast
from pathlib import Path
from typing import Any

from mmengine.config import Config

from gvseg.utils.checkpoint import read_meta
from gvseg.utils.config import load_config
from gvseg.utils.errors import CheckpointError, ConfigError
from gvseg.utils.public_weights import find_public_weights, nearest_names
from gvseg.utils.shipped import SCHEME, home, local_path, shipped_names

from .loading import general_model, real_video_model
from .public_models import is_public_file, public_model, public_model_of_path

Model = tuple[str | Path | Config, str | Path]


def is_task(name: object) -> bool:
    """Whether a name is a task that a model is shipped for."""
    return isinstance(name, str) and any((home() / 'configs' / name).glob('gvseg-*_tiny_*_moving-shapes.py'))


def task_model(task: Any) -> Model:
    """The shipped model of a task: that of real video where there is one, else the one of generated shapes.

    Raises:
        ConfigError, CheckpointError: it is no task (but a config), or weights are missing.
    """
    if not is_task(task):
        raise ConfigError(
            f'{getattr(task, "filename", task)} needs a checkpoint: VideoSegmenter(config, checkpoint). Without one, '
            'give a task or use VideoSegmenter.from_pretrained(name).'
        )
    return real_video_model(task) or shapes_model(task)


def shapes_model(task: str) -> Model:
    """The model of generated shapes for a task: the general one, by its recipe of that name.

    Raises:
        ConfigError, CheckpointError: there is no such task, or the weights are missing.
    """
    config, weights = general_model()
    return load_config(str(config), dict(recipe=task)), weights


def find_model(name: str | Path) -> Model:
    """Config and weights of a name.

    Args:
        name: a task ('vis', 'vss', 'vps', 'evs'); shipped weights ('gvseg-evs_mobilenet-v2_davis-coco128', with or
            without ``gvseg://``); public weights ('mask2former-swin-tiny-coco-panoptic', see
            :mod:`gvseg.utils.public_weights`), which are fetched and converted the first time, or their file or folder;
            a checkpoint of training, which holds its config; or a work directory, whose newest checkpoint is taken.

    Raises:
        CheckpointError: it is none of them, or a file is missing or damaged or cannot be fetched.
    """
    path, public = Path(name), find_public_weights(str(name))
    if is_public_file(path):
        return public_model_of_path(path)
    if path.is_dir():
        return _of_work_dir(path)
    if path.suffix in ('.pth', '.pt') and not str(name).startswith(SCHEME):
        return _config_of(str(path)), path
    if is_task(str(name)):
        return task_model(str(name))
    if public is not None:
        return public_model(public)
    return _of_shipped_weights(str(name))


def _of_shipped_weights(name: str) -> Model:
    """Config and weights of a name of shipped weights, the last thing that a name can be."""
    plain, shipped = name.removeprefix(SCHEME).removesuffix('.pth'), shipped_names()
    if plain not in shipped:
        near = ' or '.join(nearest_names(plain, shipped))
        raise CheckpointError(
            f'{name} is no model: {f"did you mean {near}?" if near else "there is no such file, folder or task."} '
            f'Shipped weights: {", ".join(shipped) or "none"}; public ones: "gvseg segment --list-models".'
        )
    weights = local_path(f'{SCHEME}{plain}')
    return _config_of(weights), weights


def _of_work_dir(folder: Path) -> Model:
    """Config and newest checkpoint of a run."""
    configs, last = sorted(folder.glob('*.py')), folder / 'last_checkpoint'
    weights = Path(last.read_text(encoding='utf-8').strip()) if last.is_file() else None
    if weights is not None and not weights.is_file():
        weights = folder / weights.name  # the folder was moved
    if len(configs) != 1 or weights is None or not weights.is_file():
        raise CheckpointError(
            f'{folder} is no work directory of training: it needs one config and the checkpoint that last_checkpoint '
            'names. Give config and checkpoint.'
        )
    return configs[0], weights


def _config_of(path: str) -> Config:
    """The config of a checkpoint: by name for shipped weights, else the text stored in it.

    Raises:
        CheckpointError: the file has none, or its text is not plain settings.
    """
    meta = read_meta(path)
    if 'config' in meta and (home() / str(meta['config'])).is_file():
        return load_config(str(home() / str(meta['config'])))
    if not isinstance(meta.get('cfg'), str):
        raise CheckpointError(f'{path} holds no config: give config and checkpoint.')
    try:
        config = Config(settings_of(meta['cfg']))
    except (SyntaxError, ValueError) as error:
        raise CheckpointError(f'The config in {path} cannot be read ({error}): give config and checkpoint.') from error
    config.model.backbone.init_cfg = None
    return config


def settings_of(text: str) -> dict[str, Any]:
    """Settings of a config's text as mmengine writes it into checkpoints. Nothing is executed.

    Raises:
        SyntaxError, ValueError: it holds more than assignments of plain values.
    """
    settings: dict[str, Any] = {}
    for line in ast.parse(text).body:
        if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
            raise ValueError(f'line {line.lineno} is no plain setting')
        settings[line.targets[0].id] = _value(line.value)
    return settings


def _value(node: ast.expr) -> Any:
    """A literal, or ``dict(...)`` of such."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict' and not node.args:
        return {keyword.arg: _value(keyword.value) for keyword in node.keywords if keyword.arg}
    if isinstance(node, ast.Dict):
        return {_value(key): _value(value) for key, value in zip(node.keys, node.values) if key is not None}
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [_value(value) for value in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    return ast.literal_eval(node)
