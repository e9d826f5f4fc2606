"""Models of public weights: converted once, then read from a cache.

The cache is ``$GVSEG_CACHE``, by default ``~/.cache/gvseg``. A converted file's name depends on the content of its
source, on the config, and on the version of GvSeg and of the converters, so that none is ever out of date.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import torch

from gvseg.formats.files import atomic_file
from gvseg.formats.locks import folder_lock
from gvseg.utils.config import load_config
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PUBLIC_WEIGHTS, PublicWeights
from gvseg.utils.shipped import home
from gvseg.utils.weight_conversion import read_model_json
from gvseg.version import __version__

from .hub_files import check_content, fetch, identity
from .weight_conversion import ConversionReport, convert_file

CACHE_VARIABLE = 'GVSEG_CACHE'
CONVERTER_VERSION = 1
"""To be raised when a converter changes what it makes of the same file."""
BACKBONES = dict(swin='SwinTransformer', resnet='ResNet')


def public_model(weights: PublicWeights, file: Path | None = None) -> tuple[Path, Path]:
    """Config and converted checkpoint of public weights.

    Args:
        weights: row of the table.
        file: the weights' file, where it was fetched by hand; ``None``: from the hub's cache, or the hub.

    Raises:
        CheckpointError: the file is missing, damaged, or of another network.
    """
    file = fetch(weights) if file is None else file
    config = home() / weights.config
    target = cache_folder() / weights.name / f'{_key(file, config)}.pth'
    if not target.is_file():
        with folder_lock(target.parent, wait=True):
            if not target.is_file():  # another process may have converted it meanwhile
                check_content(file, weights)
                _convert(weights, file, config, target)
    return config, target


def cache_folder() -> Path:
    """Folder of the converted files."""
    given = os.environ.get(CACHE_VARIABLE)
    root = Path(given) if given else Path(os.environ.get('XDG_CACHE_HOME') or '~/.cache') / 'gvseg'
    return root.expanduser() / 'converted'


def is_public_file(path: Path) -> bool:
    """Whether a path is a file or folder of public weights, as the hub and Mask2Former's authors name them."""
    if path.is_dir():
        return (path / 'config.json').is_file()
    return path.is_file() and any(path.name in row.files for row in PUBLIC_WEIGHTS)


def public_model_of_path(path: Path) -> tuple[Path, Path]:
    """Config and converted checkpoint of weights that were fetched by hand.

    Args:
        path: folder with ``config.json`` and the weights, or the weights' file in it; or a file of the table that is
            published without the former.

    Raises:
        CheckpointError: the folder lacks the weights, or none of the table's networks is that of its ``config.json``.
    """
    rows = [row for row in PUBLIC_WEIGHTS if row.url and path.name in row.files]
    if rows:
        return public_model(rows[0], path)
    folder = path if path.is_dir() else path.parent
    if not (folder / 'config.json').is_file():
        raise CheckpointError(f'{path} needs its config.json beside it, which says what network it is: fetch that too.')
    row = _row_of(folder)
    files = [folder / name for name in row.files if (folder / name).is_file()]
    if not files:
        raise CheckpointError(
            f'{folder} has no {" and no ".join(row.files)}: run "{row.command} --local-dir {folder}".'
        )
    return public_model(row, path if path.is_file() else files[0])


def _row_of(folder: Path) -> PublicWeights:
    """The row whose config describes the network of a folder's ``config.json``."""
    content = read_model_json(folder / 'config.json')
    described = _mask2former(content) if content.get('model_type') == 'mask2former' else None
    rows = [row for row in PUBLIC_WEIGHTS if not row.url and described == _described(row)]
    if not described or not rows:
        kind = content.get('model_type', 'of no kind')
        raise CheckpointError(
            f'{folder / "config.json"} describes a network ({kind!s:.40}) that no public weights of the table have '
            '(gvseg segment --list-models): convert it with tools/model_converters/huggingface_to_gvseg.py and a '
            'config of your own.'
        )
    return next((row for row in rows if f'models--{row.owner}--{row.name}' in folder.parts), rows[0])


def _mask2former(content: dict[str, Any]) -> tuple:
    """Backbone, its width and depths, and number of classes of a Mask2Former's ``config.json``."""
    body = content.get('backbone_config') or {}
    width = body.get('embed_dim', body.get('embedding_size'))
    return BACKBONES.get(body.get('model_type')), width, tuple(body.get('depths', ())), len(content.get('id2label', ()))


def _described(row: PublicWeights) -> tuple:
    """The same of a row's config."""
    model = load_config(str(home() / row.config)).model
    body = model.backbone
    width = body.get('embed_dims', body.get('stem_channels', 64))
    return body.type, width, tuple(body.get('depths', (3, 4, 6, 3))), model.track_head.num_classes


def _key(file: Path, config: Path) -> str:
    """Name of a converted file."""
    parts = (identity(file), load_config(str(config)).model.to_dict(), CONVERTER_VERSION, __version__)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _convert(weights: PublicWeights, file: Path, config: Path, target: Path) -> None:
    """Convert a file and write the result; nothing is left where that fails."""
    source = file.parent if (file.parent / 'config.json').is_file() else file
    content, report = convert_file(str(source), str(config), weights.dialect)
    _check_complete(report, source, weights)
    content['meta'].update(config=weights.config, public_weights=weights.name)
    with atomic_file(target) as stream:
        torch.save(content, stream)


def _check_complete(report: ConversionReport, source: Path, weights: PublicWeights) -> None:
    """Check that the file has all weights and classes of the model."""
    lacking = [*report.missing, *report.fresh_classes]
    if lacking:
        raise CheckpointError(
            f'{source} lacks {len(lacking)} weights or classes of {weights.config}, the first is {lacking[0]}: it is '
            f'not {weights.name}. Fetch it again with "{weights.command}".'
        )
