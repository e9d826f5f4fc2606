"""From a public Mask2Former checkpoint to one that a GvSeg config starts from.

Shapes: N queries, D model width.
"""

import argparse
import logging
from dataclasses import dataclass, field
from pathlib import Path

import torch
from mmdet.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from gvseg.core.tracking.assignment import assign
from gvseg.formats.class_lists import VIPSEG_CLASSES, VIPSEG_THINGS
from gvseg.models.query_initializers import LearnedQueries
from gvseg.utils.command_line import readable_errors
from gvseg.utils.config import check_parts, load_config
from gvseg.utils.errors import CheckpointError, ConfigError
from gvseg.utils.weight_conversion import (
    DIALECTS,
    WeightFile,
    check_same_network,
    match_classes,
    read_weights,
    remap_classes,
    translate,
)
from gvseg.version import __version__

from .loading import class_names

#: Lists of classes that a file may have been trained with, by the name that the user gives, and who knows them.
CLASS_LISTS = {
    'coco-panoptic': 'CocoPanopticDataset',
    'coco-things': 'CocoDataset',
    'youtube-vis-2019': 'YouTubeVIS2019Dataset',
    'youtube-vis-2021': 'YouTubeVIS2021Dataset',
    'ovis': 'OVISDataset',
    'kitti-step': 'KITTISTEPDataset',
    'vspw': 'VSPWDataset',
}
#: VIPSeg's files name the classes, things first; its data set knows them only once it has read one.
VIPSEG = VIPSEG_THINGS + tuple(name for name in VIPSEG_CLASSES if name not in VIPSEG_THINGS)
CLASS_HEAD = ('track_head.cls_embed.weight', 'track_head.cls_embed.bias')
QUERY_TABLES = ('track_head.query_feat.weight', 'track_head.query_embed.weight')
#: Counters and index tables that every network computes for itself.
UNLEARNED = ('num_batches_tracked', 'relative_position_index')


@dataclass
class ConversionReport:
    """What became of every tensor and every class.

    Attributes:
        loaded: our names of tensors that were taken over.
        missing: our names of tensors that the file has nothing for; they keep their initialisation.
        unexpected: the file's names that we have no use for.
        reshaped: what was joined, reordered, cut or remapped, one line each.
        kept_classes: (our class, theirs).
        fresh_classes: our classes that start from nothing.
    """

    loaded: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    kept_classes: list[tuple[str, str]] = field(default_factory=list)
    fresh_classes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For the user: counts, then names where there are some."""
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
    """Checkpoint for a config from a file or folder of another project.

    Args:
        source: see :func:`gvseg.utils.weight_conversion.read_weights`.
        config_path: config of the model that is to start from it.
        dialect: 'mmdet', 'detectron2' or 'huggingface'.
        source_classes: a key of ``CLASS_LISTS``; ``None``: as the file says, or as its number of classes tells.
        trusted: let a pickle run code.

    Returns:
        What goes into the checkpoint file, and the report.

    Raises:
        CheckpointError, ConfigError: one sentence on what cannot work.
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
    """Full state of a model, filled from a file as far as it goes; arguments as :func:`convert_file`."""
    translation = translate(file.weights, DIALECTS[dialect])
    own = model.state_dict()
    check_same_network(translation.weights, own, file.path, DIALECTS[dialect].title, str(config.filename))
    report = ConversionReport(reshaped=list(translation.reshaped), unexpected=list(translation.unexpected))
    found = dict(translation.weights)
    matches = _fit_classes(found, own, file, target_classes(config), source_classes, report)
    _fit_queries(found, own, file.path, model, [place is not None for place in matches], report)
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
    """Classes of the config's model in the order of its head; empty where only annotation files know them."""
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
            f"The config's model has {len(own[CLASS_HEAD[0]]) - 1} classes, its data set names "
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
    """Names of the file's classes: as the user says, as the file says, or the one COCO list of that length."""
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
    """Classes of a data set."""
    return tuple(DATASETS.get(CLASS_LISTS[name]).METAINFO['classes'])


def _fit_queries(
    found: dict[str, Tensor],
    own: dict[str, Tensor],
    path: str,
    model: nn.Module,
    kept: list[bool],
    report: ConversionReport,
) -> None:
    """Learned query tables (N, D) of another length, so that no query starts from nothing.

    Args:
        kept: of each class whether its row of the class head is the file's.

    Raises:
        CheckpointError: the model predicts with learned queries alone, so a cut would change what it finds.
    """
    theirs, ours = len(found[QUERY_TABLES[0]]), len(own[QUERY_TABLES[0]])
    if theirs == ours:
        return
    initializer = model.track_head.query_initializer
    if isinstance(initializer, LearnedQueries):
        raise CheckpointError(
            f'{path} has {theirs} queries, the config {ours}: set '
            'model.track_head.num_queries and query_initializer.num_queries to the former.'
        )
    classes = first_classes(found) * torch.tensor(kept)
    rows = torch.cat([query_rows(part, classes) for part in getattr(initializer, 'parts', [initializer])])
    for name in QUERY_TABLES:
        found[name] = found[name][rows].to(own[name].dtype)
        report.reshaped.append(f'{name}: {len(rows.unique())} of {theirs} queries for {ours}')


def first_classes(weights: dict[str, Tensor]) -> Tensor:
    """Class probabilities that Mask2Former gives its queries before its first layer, whatever the picture: (S, C)."""
    feature = weights[QUERY_TABLES[0]].float()
    norm = [weights[f'track_head.transformer_decoder.post_norm.{name}'].float() for name in ('weight', 'bias')]
    weight, bias = (weights[name].float() for name in CLASS_HEAD)
    return (nn.functional.layer_norm(feature, feature.shape[1:], *norm) @ weight.T + bias).softmax(-1)[:, :-1]


def query_rows(part: nn.Module, classes: Tensor) -> Tensor:
    """Which of the file's S queries each query of an initialiser starts from, (N,) long.

    A query per class: the one that names it most, one to one (Hungarian); what is left takes the file's queries that
    are left, in turn. Other initialisers take them from the first on: a grid reads only their positions.

    Args:
        part: the initialiser.
        classes: probabilities that the file's queries give our classes, 0 for those it does not know, (S, C).
    """
    count, (first, end) = part.num_queries, part.classes or (0, classes.shape[1])
    rows = torch.full((count,), -1)
    if part.reads_learned_features and count == end - first:
        wanted = classes[:, first:end]
        queries, places = assign(-wanted, wanted > 0)
        rows[places] = queries
    left = [query for query in range(len(classes)) if query not in set(rows.tolist())] or list(range(len(classes)))
    free = (rows < 0).nonzero()[:, 0]
    rows[free] = torch.tensor(left)[torch.arange(len(free)) % len(left)]
    return rows


def run_converter(dialect: str, description: str, arguments: list[str] | None = None) -> None:
    """What the three scripts do: read, convert, print, write.

    Args:
        dialect: of the script.
        description: the script's docstring.
        arguments: command line; ``None``: that of the process.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='the file or folder that was downloaded')
    parser.add_argument('config', help='config of the model that is to start from it')
    parser.add_argument('out', type=Path, help='checkpoint to write')
    parser.add_argument(
        '--source-classes',
        choices=sorted(CLASS_LISTS),
        help='classes the file was trained with, where neither it nor their number tells',
    )
    parser.add_argument(
        '--trust-source',
        action='store_true',
        help='let the file run code while it loads: only if you trust where it comes from',
    )
    parsed = parser.parse_args(arguments)
    with readable_errors():
        checkpoint, report = convert_file(
            parsed.source, parsed.config, dialect, parsed.source_classes, parsed.trust_source
        )
        parsed.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save(checkpoint, parsed.out)
        print('\n'.join([*report.lines(), f'written: {parsed.out}']))
