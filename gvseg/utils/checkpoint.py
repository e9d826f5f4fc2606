"""Reading checkpoints safely and checking that one fits a model before it is used.

mmengine logs a mismatch and goes on with random weights; a test run must not.
"""
import pickle
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ContextManager, Dict, List, Mapping

import torch
from torch import Tensor, nn

from .errors import CheckpointError
from .shipped import local_path


def _trusted_types() -> ContextManager:
    """Context in which the types that mmengine's checkpoints hold beside tensors may be loaded."""
    if not hasattr(torch.serialization, 'safe_globals'):  # torch < 2.5
        return nullcontext()
    from mmengine.runner import checkpoint as mmengine_checkpoint
    listed = getattr(mmengine_checkpoint, 'get_torch_safe_globals', None)
    if listed is None:  # the classic line of mmengine
        from mmengine.logging import HistoryBuffer
        return torch.serialization.safe_globals([HistoryBuffer])
    return torch.serialization.safe_globals(listed())


def read_checkpoint(path: str, trusted: bool = False) -> Any:
    """Content of a checkpoint file; loads tensors and plain values only, runs no code.

    Args:
        path (str): The file, or ``gvseg://NAME`` for weights that come with GvSeg.
        trusted (bool): Let the file run code while it loads; only for a source that the user trusts.

    Raises:
        CheckpointError: The file is missing, damaged or unsafe.
    """
    path = local_path(path)
    if not Path(path).is_file():
        raise CheckpointError(f'Checkpoint {path} does not exist; check the path.')
    try:
        with _trusted_types():
            return torch.load(path, map_location='cpu', weights_only=not trusted)
    except pickle.UnpicklingError as error:
        if 'Unsupported' in str(error) or 'weights_only' in str(error).lower():
            raise CheckpointError(
                f'Checkpoint {path} is not a file of plain weights: it is damaged, or needs code to be run in '
                'order to load. Use a file written by this project, or save only its state_dict.') from error
        raise _damaged(path, error) from error
    except (RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        raise _damaged(path, error) from error


def read_state(path: str) -> Dict[str, Tensor]:
    """Weights in a checkpoint file, by name; loads tensors and plain values only, runs no code.

    Args:
        path (str): A checkpoint of mmengine or a plain state dict.

    Raises:
        CheckpointError: The file is missing, damaged, unsafe, or holds no weights.
    """
    content = read_checkpoint(path)
    state = content.get('state_dict', content) if isinstance(content, dict) else None
    weights = {re.sub(r'^module\.', '', name): value
               for name, value in (state or {}).items() if isinstance(value, Tensor)}
    if not weights:
        raise CheckpointError(f'Checkpoint {path} holds no weights (no state_dict in it); use another file.')
    return weights


def _damaged(path: str, error: Exception) -> CheckpointError:
    """The error for a file that ends early or is no checkpoint at all."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return CheckpointError(f'Checkpoint {path} cannot be read: it is damaged or incomplete ({reason}). '
                           'Copy or train it again, or use an older one.')


def check_fits(model: nn.Module, weights: Mapping[str, Tensor], path: str) -> List[str]:
    """Check that weights are those of this model.

    Args:
        model (nn.Module): The model that is to take them, unwrapped.
        weights (mapping): Result of :func:`read_state`.
        path (str): Their file, for messages.

    Returns:
        list[str]: Names that only one side has and that do no harm (buffers, extra weights).

    Raises:
        CheckpointError: Shapes differ (with the number of classes where that is the reason), or
            parameters of the model are absent from the file.
    """
    own = model.state_dict()
    differing = [name for name in own if name in weights and weights[name].shape != own[name].shape]
    if differing:
        raise CheckpointError(_describe_difference(path, weights, own, differing))
    absent = [name for name, _ in model.named_parameters() if name not in weights]
    if absent:
        raise CheckpointError(
            f'Checkpoint {path} has no weights for {len(absent)} of the model\'s parameters, the first is '
            f'{absent[0]}: it belongs to another config.')
    return sorted(set(own) ^ set(weights))


def _describe_difference(path: str, weights: Mapping[str, Tensor], own: Mapping[str, Tensor],
                         names: List[str]) -> str:
    """One sentence: what the file has and what the model has."""
    for name in names:
        if name.endswith('cls_embed.weight'):
            # One row more than classes: the last is "no object".
            return (f'Checkpoint {path} was trained for {len(weights[name]) - 1} classes, but the config has '
                    f'{len(own[name]) - 1}: use the config it was trained with, or train again.')
    name = names[0]
    found, expected = (tuple(part[name].shape) for part in (weights, own))
    return (f'Checkpoint {path} does not fit the config: {name} has shape {found} in the file and {expected} in '
            f'the model ({len(names)} differ in all): use the config it was trained with.')
