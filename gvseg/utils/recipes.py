"""Recipes of a general model, as configs write them.

``model.recipes`` says what is different in each recipe, ``recipe_tests`` what belongs to its test: ``test_dataloader``,
``test_evaluator``, ``clip_length`` and ``clip_overlap``. ``recipe`` names the one in use.

Imports mmengine; import it as ``gvseg.utils.recipes``, not through ``gvseg.utils``.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from mmengine.config import Config, ConfigDict

from gvseg.formats import class_lists

from .errors import ConfigError

CLASS_LISTS: dict[str, tuple[str, ...]] = dict(
    youtube_vis_2019=class_lists.YOUTUBE_VIS_2019_CLASSES,
    youtube_vis_2021=class_lists.YOUTUBE_VIS_2021_CLASSES,
    ovis=class_lists.OVIS_CLASSES,
    vspw=class_lists.VSPW_CLASSES,
    vipseg=tuple(sorted(class_lists.VIPSEG_CLASSES, key=lambda name: name not in class_lists.VIPSEG_THINGS)),
    kitti_step=tuple(
        sorted(class_lists.KITTI_STEP_CLASSES, key=lambda name: name not in class_lists.KITTI_STEP_THINGS)
    ),
)
"""Classes of the benchmarks in the order of their data sets' labels: in panoptic ones, things come first."""

READING = ('GridQueries', 'ExemplarQueries')
"""Initialisers that read a feature map."""
WIDE = (*READING, 'PrototypeQueries', 'FrozenPrototypeQueries', 'TaskOrientedContrastiveLoss')
"""Parts that ask for the width of the network."""


def classes_of(recipe: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of a recipe's classes, which may be given by a key of :data:`CLASS_LISTS`.

    Raises:
        ConfigError: there is no such list.
    """
    classes = recipe['classes']
    if not isinstance(classes, str):
        return tuple(classes)
    if classes not in CLASS_LISTS:
        raise ConfigError(f'classes of a recipe are names or one of {", ".join(CLASS_LISTS)}, not {classes!r}')
    return CLASS_LISTS[classes]


def recipes_of(config: Config | Mapping[str, Any]) -> dict[str, dict]:
    """Recipes of a config's model by name; empty for a model of one task."""
    model = config.get('model')
    return dict(model.get('recipes') or {}) if isinstance(model, dict) else {}


def in_order(recipes: Mapping[str, Any]) -> dict[str, Any]:
    """Recipes with most classes first, equal ones by name.

    Rows of classes and queries follow this order, not that of the config: a config that a run has written (its work
    directory, its checkpoints) has its keys sorted.
    """
    return dict(sorted(recipes.items(), key=lambda item: (-len(classes_of(item[1])), item[0])))


def parts_in_use(config: Config | Mapping[str, Any]) -> dict[str, Any]:
    """Where a config says what its task output and associator are: the recipe in use, or a model of one task itself."""
    recipes = recipes_of(config)
    model = config.get('model') or {}
    return recipes[model.get('recipe') or next(iter(in_order(recipes)))] if recipes else model


def choose_recipe(config: Config, recipe: str | None = None) -> None:
    """Use a recipe: the model's ``recipe``, and loader, evaluator and clips of its test.

    Args:
        config: changed in place; a config without recipes is left as it is.
        recipe: its name; ``None``: as the config says.

    Raises:
        ConfigError: the model has no such recipe, or no recipes at all.
    """
    recipes = recipes_of(config)
    if not recipes:
        if recipe is not None:
            raise ConfigError(f'Config {config.filename} has one model of one task: leave the recipe {recipe!r} out.')
        return
    recipe = recipe or config.get('recipe') or config.model.get('recipe') or next(iter(in_order(recipes)))
    if recipe not in recipes:
        raise ConfigError(f'Config {config.filename} has no recipe {recipe!r}; it has {", ".join(recipes)}.')
    config.recipe = config.model.recipe = recipe
    for key, value in (config.get('recipe_tests') or {}).get(recipe, {}).items():
        config[key] = deepcopy(value)


def number_of_queries(initializer: Mapping[str, Any]) -> int:
    """N of an initialiser's config."""
    if 'parts' in initializer:
        return sum(number_of_queries(part) for part in initializer['parts'])
    return initializer['num_queries']


def recipe_head(recipe: Mapping[str, Any], shared: Mapping[str, Any]) -> ConfigDict:
    """Config of a recipe's head, which is that of a single-task model.

    Parts that leave out their ``embed_dims``, and initialisers that leave out the ``in_channels`` of their feature map,
    get those of the network.

    Args:
        recipe: with ``classes`` and ``track_head``, and ``no_object``, the weight of "no object" in the class loss.
        shared: settings of all heads.
    """
    classes = len(classes_of(recipe))
    head = ConfigDict(deepcopy({**shared, **recipe['track_head']}))
    head.num_classes = classes
    for part in [head.query_initializer, *head.query_initializer.get('parts', ()), head.get('contrastive') or {}]:
        if part.get('type') in WIDE:
            part.setdefault('embed_dims', shared['feat_channels'])
        if part.get('type') in READING and 'in_channels' not in part:
            part.in_channels = [*shared['in_channels'], shared['out_channels']][part.get('level', -2)]
    head.num_queries = number_of_queries(head.query_initializer)
    head.loss_cls = dict(shared['loss_cls'], class_weight=[1.0] * classes + [recipe.get('no_object', 0.1)])
    return head


def single_task_config(config: Config, recipe: str) -> Config:
    """The part of a general config that a recipe uses, as a config of a model of one task."""
    model, parts = config.model, recipes_of(config)[recipe]
    training = (config.get('train_dataloader') or {}).get('dataset') or {}
    own = [part for part in training.get('datasets', ()) if (part.get('metainfo') or {}).get('recipe') == recipe]
    test = (config.get('recipe_tests') or {}).get(recipe, {})
    return Config(
        dict(
            model=dict(track_head=recipe_head(parts, model.track_head)),
            train_dataloader=dict(dataset=dict(datasets=own)),
            test_dataloader=test.get('test_dataloader', {}),
        )
    )
