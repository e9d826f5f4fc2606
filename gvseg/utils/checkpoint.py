"""Read checkpoints safely and check that they fit a model.

mmengine logs a mismatch and continues with random weights; a test run must not.
"""

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .errors import CheckpointError
from .safe_load import load_plain
from .shipped import local_path


def read_checkpoint(path: str, trusted: bool = False, map_location: Any = 'cpu') -> Any:
    """Content of a checkpoint file; loads tensors and plain values only, runs no code.

    Args:
        path (str): The file, or ``gvseg://NAME`` for weights that come with GvSeg.
        trusted (bool): Let the file run code while it loads; only for a source that the user trusts.
        map_location: As in ``torch.load``.

    Raises:
        CheckpointError: The file is missing, damaged or unsafe.
    """
    path = local_path(path)
    if not Path(path).is_file():
        raise CheckpointError(f'Checkpoint {path} does not exist; check the path.')
    try:
        if trusted:
            return torch.load(path, map_location=map_location, weights_only=False)
        return load_plain(path, map_location)
    except pickle.UnpicklingError as error:
        if 'Unsupported' in str(error) or 'weights_only' in str(error).lower():
            raise CheckpointError(
                f'Checkpoint {path} is not a file of plain weights: it is damaged, or needs code to be run in '
                'order to load. Use a file written by this project, or save only its state_dict.'
            ) from error
        raise _damaged(path, error) from error
    except Exception as error:  # a damaged file may raise anything
        raise _damaged(path, error) from error


def read_state(path: str) -> dict[str, Tensor]:
    """Weights in a checkpoint file, by name; loads tensors and plain values only, runs no code.

    Args:
        path (str): A checkpoint of mmengine or a plain state dict.

    Raises:
        CheckpointError: The file is missing, damaged, unsafe, or holds no usable weights.
    """
    return check_content(read_checkpoint(path), path)


def read_meta(path: str) -> dict[str, Any]:
    """Metadata of a checkpoint (classes, iterations); empty where there is none.

    Raises:
        CheckpointError: As :func:`read_state`.
    """
    content = read_checkpoint(path)
    check_content(content, path)
    return content.get('meta', {})


def class_names(meta: Any) -> tuple[str, ...]:
    """Class names stored by mmengine (``dataset_meta``) or mmdet 2.x (``CLASSES``); empty where there are none."""
    meta = meta if isinstance(meta, dict) else {}
    dataset = meta.get('dataset_meta') if isinstance(meta.get('dataset_meta'), dict) else {}
    names = dataset.get('classes') or dataset.get('CLASSES') or meta.get('CLASSES') or ()
    return (names,) if isinstance(names, str) else tuple(map(str, names)) if isinstance(names, (list, tuple)) else ()


def check_content(content: Any, path: str) -> dict[str, Tensor]:
    """Extract the weights from a checkpoint's content and check them.

    Args:
        content: What :func:`read_checkpoint` returned.
        path (str): The file, for messages.

    Returns:
        dict: Tensors by name, without the prefix "module." of distributed training.

    Raises:
        CheckpointError: There are none; ``state_dict`` or ``meta`` is no dict; a weight is complex or not a number.
    """
    if not isinstance(content, dict):
        raise CheckpointError(
            f'Checkpoint {path} holds a {type(content).__name__} where weights by name were expected: use another file.'
        )
    for key in ('state_dict', 'meta'):
        if key in content and not isinstance(content[key], dict):
            raise CheckpointError(
                f'Checkpoint {path} has a {type(content[key]).__name__} as its {key}, which must be '
                'a dict: it was not written by this project or mmengine. Use another file.'
            )
    places = [content[key] for key in ('state_dict', 'model') if isinstance(content.get(key), dict)] or [content]
    weights = {
        re.sub(r'^module\.', '', name): value
        for name, value in places[0].items()
        if isinstance(value, Tensor) and isinstance(name, str)
    }
    if not weights:
        raise CheckpointError(f'Checkpoint {path} holds no weights (no state_dict in it); use another file.')
    check_numbers(weights, path)
    return weights


def check_numbers(weights: Mapping[str, Tensor], path: str) -> None:
    """Check that weights are real numbers.

    Raises:
        CheckpointError: Some are complex, or not numbers.
    """
    for name, value in weights.items():
        if value.is_complex():
            raise CheckpointError(f'Checkpoint {path} has complex numbers in {name}: use another file.')
        if value.is_floating_point() and value.isnan().any():
            raise CheckpointError(
                f'Checkpoint {path} has weights that are not numbers (NaN), the first are in {name}: '
                'its training had failed. Use an older one.'
            )


def _damaged(path: str, error: Exception) -> CheckpointError:
    """The error for a file that ends early or is no checkpoint at all."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return CheckpointError(
        f'Checkpoint {path} cannot be read: it is damaged or incomplete ({reason}). '
        'Copy or train it again, or use an older one.'
    )


def check_fits(model: nn.Module, weights: Mapping[str, Tensor], path: str) -> list[str]:
    """Check that weights are those of this model.

    Args:
        model (nn.Module): The model to load them into, unwrapped.
        weights (mapping): Result of :func:`read_state`.
        path (str): Their file, for messages.

    Returns:
        list[str]: Names in only one of the two that are harmless (buffers, extra weights).

    Raises:
        CheckpointError: Shapes differ (with the number of classes where that is the reason), integers where
            the model has floats, or parameters of the model are absent from the file.
    """
    own = model.state_dict()
    differing = [name for name in own if name in weights and weights[name].shape != own[name].shape]
    if differing:
        raise CheckpointError(_describe_difference(path, weights, own, differing))
    kinds = [
        name for name in own if name in weights and weights[name].is_floating_point() != own[name].is_floating_point()
    ]
    if kinds:
        raise CheckpointError(
            f'Checkpoint {path} does not fit the config: {kinds[0]} is {weights[kinds[0]].dtype} in the file and '
            f'{own[kinds[0]].dtype} in the model ({len(kinds)} differ in all): use another file.'
        )
    absent = [name for name, _ in model.named_parameters() if name not in weights]
    if absent:
        raise CheckpointError(
            f"Checkpoint {path} has no weights for {len(absent)} of the model's parameters, the first is "
            f'{absent[0]}: it belongs to another config.'
        )
    return sorted(set(own) ^ set(weights))


def _describe_difference(path: str, weights: Mapping[str, Tensor], own: Mapping[str, Tensor], names: list[str]) -> str:
    """One sentence: what the file has and what the model has."""
    for name in names:
        if name.endswith('cls_embed.weight'):
            # One row more than classes: the last is "no object".
            return (
                f'Checkpoint {path} was trained for {len(weights[name]) - 1} classes, but the config has '
                f'{len(own[name]) - 1}: use the config it was trained with, or train again.'
            )
    name = names[0]
    found, expected = (tuple(part[name].shape) for part in (weights, own))
    return (
        f'Checkpoint {path} does not fit the config: {name} has shape {found} in the file and {expected} in '
        f'the model ({len(names)} differ in all): use the config it was trained with.'
    )
