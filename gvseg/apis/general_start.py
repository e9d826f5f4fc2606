"""Start a general model from the weights of a model of one task.

Shapes: N queries, C classes, D model width.
"""

import torch
from mmengine.config import Config
from torch import Tensor, nn

from gvseg.utils.errors import CheckpointError, ConfigError
from gvseg.utils.recipes import recipes_of

from .loading import load_model

HEAD = 'track_head.'
ROWS = ('cls_embed', 'query_embed', 'query_feat')


def start_general(
    config: Config, recipe: str, weights: dict[str, Tensor], path: str
) -> tuple[dict[str, Tensor], list[str]]:
    """State of a general model whose ``recipe`` predicts as a model of one task, as far as the two are alike.

    Parts of other recipes that are built alike start from the same values, the rest at random.

    Args:
        config: of the general model.
        recipe: the recipe of the task.
        weights: of the model of one task.
        path: their file, for messages.

    Returns:
        The state, and a report.

    Raises:
        ConfigError: the config has no recipes.
        CheckpointError: the weights are of another network, or of other classes.
    """
    if not recipes_of(config):
        raise ConfigError(f'{config.filename} has no recipes: it is no general model.')
    torch.manual_seed(0)
    config.model.backbone.init_cfg = None
    model, _ = load_model(config, None)
    model.use(recipe)
    left = dict(weights)
    taken = _take(model.backbone, left, 'backbone.') + _take_rows(model.track_head, left, path)
    taken += _take(model.track_head, left, HEAD) + _take(model.track_head, left, HEAD, 'mask_embed.', 'looks.')
    if taken < len(model.backbone.state_dict()):
        raise CheckpointError(f'{path} has another network than {config.filename}: {taken} tensors fit.')
    copied = [name for name in model.general_head.recipes if name != recipe and _copy_alike(model, recipe, name)]
    return model.state_dict(), [
        f'taken: {taken} tensors of {path}, as recipe {recipe!r}',
        f'left: {len(left)}' + ''.join(f'\n  {name}' for name in left),
        f'recipes that have parts of it: {", ".join(copied) or "none"}',
    ]


@torch.no_grad()
def _take(module: nn.Module, left: dict[str, Tensor], prefix: str, inside: str = '', added: str = '') -> int:
    """Copy what has the same name and shape, and take it off ``left``; returns how many tensors.

    Args:
        module: takes the values.
        left: the file's tensors.
        prefix: of the module's tensors in the file.
        inside, added: after ``prefix + inside`` the module's names have ``added``.
    """
    own = module.state_dict()
    fitting = {
        name: theirs
        for name, value in own.items()
        if (theirs := prefix + (name.replace(inside + added, inside, 1) if added else name)) in left
        and left[theirs].shape == value.shape
    }
    for name, theirs in fitting.items():
        own[name].copy_(left.pop(theirs))
    return len(fitting)


@torch.no_grad()
def _take_rows(head: nn.Module, left: dict[str, Tensor], path: str) -> int:
    """Rows of the class head and of learned queries."""
    taken = 0
    for layer in ROWS:
        part = getattr(head, layer)
        for name, values in part.shared.named_parameters():
            theirs = left.pop(f'{HEAD}{layer}.{name}')
            if len(theirs) != len(part.rows):
                raise CheckpointError(
                    f'{path} has {len(theirs)} rows of {layer}, the recipe {len(part.rows)}: it has other '
                    'classes or queries.'
                )
            values[part.rows] = theirs.to(values)
            taken += 1
    return taken


@torch.no_grad()
def _copy_alike(model: nn.Module, source: str, target: str) -> int:
    """Copy parameters of a recipe to another one where a part is built alike; returns how many."""
    recipes, spaces = model.general_head.recipes, model.class_spaces
    found = 0
    for name, part in recipes[target].named_modules():
        twin = _twin(part, recipes[source])
        if twin is None or ('auxiliary' in name and spaces[source] != spaces[target]):
            continue
        for own, other in zip(part.parameters(), twin.parameters()):
            own.copy_(other)
            found += 1
    return found


def _twin(part: nn.Module, recipe: nn.Module) -> nn.Module | None:
    """A part of a recipe that has parameters of the same names and shapes, and that is of the same or a base class."""
    shapes = [(name, value.shape) for name, value in part.named_parameters()]
    return next(
        (
            other
            for other in recipe.modules()
            if shapes
            and isinstance(part, type(other))
            and type(other).__module__.startswith('gvseg.')
            and [(name, value.shape) for name, value in other.named_parameters()] == shapes
        ),
        None,
    )
