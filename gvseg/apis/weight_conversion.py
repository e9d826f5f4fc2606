"""Convert a public checkpoint of Mask2Former, EoMT or VidEoMT to an initial checkpoint for a GvSeg config.

Shapes:
    N: queries; D: model width.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import torch
from mmdet.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from gvseg.core.class_spaces import shared_classes
from gvseg.formats.class_lists import VIPSEG_CLASSES, VIPSEG_THINGS
from gvseg.utils.config import check_parts, load_config
from gvseg.utils.errors import CheckpointError, ConfigError
from gvseg.utils.recipes import classes_of, in_order, recipes_of
from gvseg.utils.weight_conversion import (
    JOINT_MARK,
    WeightFile,
    check_network,
    choose_names,
    complete,
    match_classes,
    read_weights,
    remap_classes,
    translate,
)
from gvseg.version import __version__

from .loading import class_names
from .named_classes import CLASS_LISTS
from .query_conversion import CLASS_HEAD, fit_queries

#: VIPSeg's annotation files define the classes, things first; its dataset has them only after reading one.
VIPSEG = VIPSEG_THINGS + tuple(name for name in VIPSEG_CLASSES if name not in VIPSEG_THINGS)
#: Buffers that every network computes itself (counters, index tables).
UNLEARNED = ('num_batches_tracked', 'relative_position_index')


@dataclass
class ConversionReport:
    """How every tensor and class was converted.

    Attributes:
        loaded: our names of tensors taken from the file.
        missing: our names of tensors that the file lacks; they keep their initialisation.
        unexpected: names in the file without a counterpart.
        reshaped: joined, reordered, cut or remapped tensors, one line each.
        kept_classes: (our class, theirs).
        fresh_classes: our classes that are newly initialised.
    """

    loaded: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    kept_classes: list[tuple[str, str]] = field(default_factory=list)
    fresh_classes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report as lines of text: counts, each followed by names."""
        lines = [f'loaded: {len(self.loaded)} tensors']
        for title in ('missing', 'unexpected', 'reshaped'):
            entries = getattr(self, title)
            lines += [f'{title}: {len(entries)}', *(f'  {entry}' for entry in entries)]
        total = len(self.kept_classes) + len(self.fresh_classes)
        lines.append(f'classes: {len(self.kept_classes)} of {total} taken over by name')
        lines += [f'  {own} <- {their}' for own, their in self.kept_classes if own != their]
        if self.fresh_classes:
            lines.append(f'classes initialised afresh: {", ".join(self.fresh_classes)}')
        return lines


def convert_file(
    source: str, config_path: str, dialect: str, source_classes: str | None = None, trusted: bool = False
) -> tuple[dict, ConversionReport]:
    """Convert a file or folder of another project to a checkpoint for a config.

    Args:
        source: see :func:`gvseg.utils.weight_conversion.read_weights`.
        config_path: config of the model to initialise.
        dialect: 'mmdet', 'detectron2', 'huggingface', or 'eomt' for files of EoMT's and VidEoMT's authors.
        source_classes: a key of ``CLASS_LISTS``; ``None``: as stored in the file, else by its number of classes.
        trusted: allow a pickle to run code.

    Returns:
        Content of the checkpoint file, and the report.

    Raises:
        CheckpointError, ConfigError: the file cannot be read, or does not fit the config.
    """
    config = load_config(config_path)
    file = read_weights(source, trusted)
    model = _build(config, config_path)
    state, report = convert_weights(file, model, config, dialect, source_classes)
    meta = dict(
        config=config_path,
        converted_from=Path(source).name,
        dialect=dialect,
        gvseg_version=__version__,
        dataset_meta=dict(classes=target_classes(config)),
    )
    return dict(state_dict=state, meta=meta), report


def convert_weights(
    file: WeightFile, model: nn.Module, config: Config, dialect: str, source_classes: str | None = None
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Full state of a model, filled with the weights that a file has; arguments as :func:`convert_file`."""
    own, place = model.state_dict(), str(config.filename)
    names = choose_names(file, dialect, own, place)
    translation = translate(file.weights, names)
    check_network(translation.weights, own, file.path, names.title, place)
    report = ConversionReport(reshaped=list(translation.reshaped), unexpected=list(translation.unexpected))
    found = dict(translation.weights)
    if JOINT_MARK in own:
        complete(found, own, file.path, report.reshaped)
    matches = _fit_classes(found, own, file, target_classes(config), source_classes, report)
    fit_queries(found, own, file.path, model, [place is not None for place in matches], report.reshaped)
    state = {}
    for name, value in own.items():
        if name in found and found[name].shape != value.shape:
            raise CheckpointError(
                f'{file.path} does not fit {config.filename}: {name} has shape '
                f'{tuple(found[name].shape)} in the file and {tuple(value.shape)} in the model.'
            )
        state[name] = found[name].to(value.dtype) if name in found else value
        if name in found:
            report.loaded.append(name)
        elif not name.endswith(UNLEARNED):
            report.missing.append(name)
    report.unexpected += [name for ours, names in translation.sources.items() if ours not in own for name in names]
    return state, report


def target_classes(config: Config) -> tuple[str, ...]:
    """Classes of the config's model in the order of its head; empty where only annotation files define them."""
    if recipes := recipes_of(config):
        return shared_classes(map(classes_of, in_order(recipes).values()))
    named = class_names(config)
    dataset = config.get('test_dataloader', {}).get('dataset', {}).get('type')
    if not named and dataset == 'VIPSegDataset' and config.model.track_head.num_classes == len(VIPSEG):
        return VIPSEG
    return named


def _build(config: Config, path: str) -> nn.Module:
    """The config's model, newly initialised and without a download."""
    if 'model' not in config:
        raise ConfigError(f'Config {path} describes no model.')
    check_parts(Config(dict(default_scope=config.get('default_scope', 'mmdet'), model=config.model)), path)
    init_default_scope(config.get('default_scope', 'mmdet'))
    config.model.backbone.init_cfg = None
    torch.manual_seed(config.get('randomness', {}).get('seed') or 0)
    model = MODELS.build(config.model)
    logging.disable(logging.INFO)  # mmengine logs how every tensor was initialised
    try:
        model.init_weights()
    finally:
        logging.disable(logging.NOTSET)
    return model


def _fit_classes(
    found: dict[str, Tensor],
    own: dict[str, Tensor],
    file: WeightFile,
    target: tuple[str, ...],
    source_classes: str | None,
    report: ConversionReport,
) -> list[int | None]:
    """Class head for the target's classes, row by row, by name; returns the file's row of each, if it has one."""
    count = len(found[CLASS_HEAD[0]]) - 1
    source = _source_classes(file, count, source_classes)
    target = target or tuple(f'class {index}' for index in range(len(own[CLASS_HEAD[0]]) - 1))
    if len(target) != len(own[CLASS_HEAD[0]]) - 1:
        raise ConfigError(
            f"The config's model has {len(own[CLASS_HEAD[0]]) - 1} classes, its dataset has "
            f'{len(target)}: set num_classes of the head.'
        )
    matches = match_classes(source, target)
    for name, place in zip(target, matches):
        if place is None:
            report.fresh_classes.append(name)
        else:
            report.kept_classes.append((name, source[place]))
    if matches != list(range(count)):
        for name in CLASS_HEAD:
            found[name] = remap_classes(found[name], own[name], matches)
            report.reshaped.append(f'{name}: {count} classes to {len(target)}')
    return matches


def _source_classes(file: WeightFile, count: int, given: str | None) -> tuple[str, ...]:
    """Names of the file's classes: given by the user, stored in the file, or the one COCO list of that length."""
    if given is None and len(file.class_names) == count:
        return file.class_names
    if given is not None:
        names = _class_list(given)
        if len(names) != count:
            raise CheckpointError(
                f'{file.path} was trained for {count} classes, but {given} has {len(names)}: name '
                f'another list of {", ".join(CLASS_LISTS)}.'
            )
        return names
    for name in ('coco-panoptic', 'coco-things'):
        if len(_class_list(name)) == count:
            return _class_list(name)
    raise CheckpointError(
        f'{file.path} was trained for {count} classes and does not say which: name their list with '
        f'--source-classes, one of {", ".join(CLASS_LISTS)}.'
    )


def _class_list(name: str) -> tuple[str, ...]:
    """Classes of a registered dataset."""
    return tuple(DATASETS.get(CLASS_LISTS[name]).METAINFO['classes'])
