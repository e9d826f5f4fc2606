"""Checks of settings that a config gives to both the head and the data pipeline and that must agree.

Only the config is read: nothing is built and no file is opened.
"""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from gvseg.core.descriptors.spec import DescriptorSpec
from gvseg.utils.errors import ConfigError
from gvseg.utils.recipes import recipes_of, single_task_config

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
SHOWING_PART = 'MakeExemplars'
DESCRIBING_PARTS = (SHOWING_PART, 'ReferenceFrameSelector')
"""Transforms that compute shape-position descriptors."""
CLIP_MAKING_PARTS = ('TemporalContrastiveFrameSample', 'PseudoVideo', 'CameraPseudoVideo')
"""Transforms that select the frames of an item; the last of them counts."""


def check_shared_settings(config: Config) -> None:
    """Run every check of this module on a whole config; a config without a head always passes.

    Raises:
        ConfigError: names both places and values of the first disagreement.
    """
    if recipes := recipes_of(config):
        for recipe in recipes:
            try:
                check_shared_settings(single_task_config(config, recipe))
            except ConfigError as error:
                raise ConfigError(f'recipe {recipe!r}: {error}') from error
        return
    check_class_counts(config)
    check_descriptors(config)
    check_clips(config)


def check_descriptors(config: Config) -> None:
    """Check that pipelines and head use the same descriptor settings, and that references are chosen by the loss's tau.

    Raises:
        ConfigError: names both places and values of the first disagreement.
    """
    head = config.get('model', {}).get('track_head')
    if head is None:
        return
    own = DescriptorSpec(**(head.get('descriptor') or {}))
    for key, part in describing_parts(config):
        other = DescriptorSpec(**(part.get('descriptor') or {}))
        _compare(f'{key}.descriptor', vars(other), 'model.track_head.descriptor', vars(own))
        if _name(part) == SHOWING_PART:
            width = part.get('dim', 256)
            _compare(key, dict(dim=width), 'model.track_head.feat_channels', dict(dim=head.get('feat_channels', width)))
        else:
            _check_threshold(key, part, head.get('contrastive'))


def check_clips(config: Config) -> None:
    """Check that training items are cut into clips as the head cuts them.

    Raises:
        ConfigError: names both places and values of the first disagreement.
    """
    head = config.get('model', {}).get('track_head')
    if head is None:
        return
    contrastive = head.get('contrastive') or {}
    for key, steps in _pipelines(config.get('train_dataloader'), 'train_dataloader'):
        makers = [(f'{key}.{index}', step) for index, step in enumerate(steps) if _name(step) in CLIP_MAKING_PARTS]
        if not makers:
            continue
        place, step = makers[-1]
        length = step.get('clip_length', 3)
        _compare(
            place,
            dict(clip_length=length),
            'model.track_head.num_frames',
            dict(clip_length=head.get('num_frames', length)),
        )
        if contrastive:
            near = dict(near=contrastive.get('near_references', 0))
            _compare(
                place,
                dict(near=step.get('num_near_references', 0)),
                'model.track_head.contrastive.near_references',
                near,
            )


def check_class_counts(config: Config) -> None:
    """Check that all parts of the model have the same number of classes as the head.

    Raises:
        ConfigError: names the first part that differs, and both numbers.
    """
    head = config.get('model', {}).get('track_head') or {}
    count = head.get('num_classes')
    if count is None:
        return
    weights = (head.get('loss_cls') or {}).get('class_weight')
    if isinstance(weights, (list, tuple)) and len(weights) != count + 1:
        raise ConfigError(
            f'model.track_head.loss_cls.class_weight has {len(weights)} numbers, but num_classes is '
            f'{count}: it needs {count + 1}, the last for "no object".'
        )
    for name in ('auxiliary', 'contrastive', 'query_initializer'):
        for key, part in _dicts(head.get(name), f'model.track_head.{name}'):
            last = (part.get('classes') or part.get('semantic_classes') or (0, count))[1]
            if part.get('num_classes', count) != count or last > count:
                raise ConfigError(
                    f'{key} counts {max(part.get("num_classes", 0), last)} classes, but '
                    f'model.track_head.num_classes is {count}: give both the same number.'
                )


def describing_parts(config: Config) -> Iterator[tuple[str, dict]]:
    """Dotted key and settings of every transform that computes descriptors."""
    for loader in LOADERS:
        for key, node in _dicts(config.get(loader), loader):
            part = {'type': 'ReferenceFrameSelector', **node} if key.endswith('.smart') else node
            if _name(part) in DESCRIBING_PARTS:
                yield key, part


def _pipelines(node: Any, key: str) -> Iterator[tuple[str, list]]:
    for place, data in _dicts(node, key):
        if isinstance(data.get('pipeline'), (list, tuple)):
            yield f'{place}.pipeline', data['pipeline']


def _dicts(node: Any, key: str) -> Iterator[tuple[str, dict]]:
    """Dotted key and value of every dict at or below a node."""
    if isinstance(node, dict):
        yield key, node
        children = node.items()
    elif isinstance(node, (list, tuple)):
        children = enumerate(node)
    else:
        return
    for name, child in children:
        yield from _dicts(child, f'{key}.{name}')


def _name(part: Any) -> str:
    """Registered name of a module without its scope."""
    return str(part.get('type')).rpartition('.')[2] if isinstance(part, dict) else ''


def _check_threshold(key: str, preference: dict, contrastive: dict | None) -> None:
    """Check that references are chosen by the contrastive loss's definition of positives; other rules have no tau."""
    sampler = (contrastive or {}).get('sampler') or {}
    if _name(sampler) == 'TCLSampler':
        _compare(
            key,
            dict(threshold=preference.get('threshold', 0.2)),
            'model.track_head.contrastive.sampler',
            dict(threshold=sampler.get('threshold', 0.2)),
        )


def _compare(key: str, values: dict, other_key: str, others: dict) -> None:
    different = [name for name in values if values[name] != others[name]]
    if different:
        name = different[0]
        raise ConfigError(
            f'{key} has {name}={values[name]!r}, but {other_key} has {name}={others[name]!r}: the data '
            'pipeline and the head must agree; give both the same value (the shipped configs have one '
            'variable for both, such as `descriptor`).'
        )
