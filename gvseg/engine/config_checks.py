"""Settings that a config gives twice, to the head and to the data pipeline, and that must agree.

Read from the config alone: nothing is built and no file is opened.
"""
from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from gvseg.core.descriptor_spec import DescriptorSpec
from gvseg.utils.errors import ConfigError

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
DESCRIBING_PARTS = ('MakeExemplars', 'ReferencePreference')
"""Parts of pipelines that compute shape-position descriptors."""


def check_descriptors(config: Config) -> None:
    """Check that pipelines describe masks as the head does, and that references are chosen by the loss's tau.

    Args:
        config: a whole config; one without a head or without pipelines has nothing to disagree.

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
        if part['type'] == 'MakeExemplars':
            width = dict(dim=head.feat_channels)
            _compare(key, dict(dim=part.get('dim', 256)), 'model.track_head.feat_channels', width)
        else:
            _check_threshold(key, part, head.get('contrastive'))


def check_class_counts(config: Config) -> None:
    """Check that everything in the model that counts classes counts as many as its head.

    Raises:
        ConfigError: names the first place that does not, and both numbers.
    """
    head = config.get('model', {}).get('track_head') or {}
    count = head.get('num_classes')
    if count is None:
        return
    weights = (head.get('loss_cls') or {}).get('class_weight')
    if isinstance(weights, (list, tuple)) and len(weights) != count + 1:
        raise ConfigError(f'model.track_head.loss_cls.class_weight has {len(weights)} numbers, but num_classes is '
                          f'{count}: it needs {count + 1}, the last for "no object".')
    for name in ('auxiliary', 'contrastive', 'query_initializer'):
        for key, part in _parts(head.get(name), f'model.track_head.{name}'):
            last = (part.get('classes') or part.get('semantic_classes') or (0, count))[1]
            if part.get('num_classes', count) != count or last > count:
                raise ConfigError(f'{key} counts {max(part.get("num_classes", 0), last)} classes, but '
                                  f'model.track_head.num_classes is {count}: give both the same number.')


def _parts(node: Any, key: str) -> Iterator[tuple[str, dict]]:
    """Dotted key and settings of every part with a type."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    if isinstance(node, dict) and 'type' in node:
        yield key, node
    for name, child in children:
        yield from _parts(child, f'{key}.{name}')


def describing_parts(config: Config) -> Iterator[tuple[str, dict]]:
    """Dotted key and settings of every part of a pipeline that computes descriptors."""
    for loader in LOADERS:
        yield from _describing(config.get(loader), loader)


def _describing(node: Any, key: str) -> Iterator[tuple[str, dict]]:
    if isinstance(node, dict):
        part = {'type': 'ReferencePreference', **node} if key.endswith('.smart') else node
        if str(part.get('type')).rpartition('.')[2] in DESCRIBING_PARTS:
            yield key, part
        children = node.items()
    elif isinstance(node, (list, tuple)):
        children = enumerate(node)
    else:
        return
    for name, child in children:
        yield from _describing(child, f'{key}.{name}')


def _check_threshold(key: str, preference: dict, contrastive: dict | None) -> None:
    """References are chosen for positives as the contrastive loss defines them; other rules have no tau."""
    sampler = (contrastive or {}).get('sampler') or {}
    if sampler.get('type') == 'TCLSampler':
        _compare(key, dict(threshold=preference.get('threshold', 0.2)), 'model.track_head.contrastive.sampler',
                 dict(threshold=sampler.get('threshold', 0.2)))


def _compare(key: str, values: dict, other_key: str, others: dict) -> None:
    different = [name for name in values if values[name] != others[name]]
    if different:
        name = different[0]
        raise ConfigError(f'{key} has {name}={values[name]!r}, but {other_key} has {name}={others[name]!r}: the data '
                          'pipeline and the head must describe masks alike; give both the same value (the shipped '
                          'configs have one variable `descriptor` for both).')
