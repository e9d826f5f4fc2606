"""Models of public weights: converted once, then read from a cache.

The cache is ``$GVSEG_CACHE``, by default ``~/.cache/gvseg``. A converted file's name depends on the content of its
source, on the config, and on the version of GvSeg and of the converters, so that none is ever out of date.
"""

import hashlib
import os
from pathlib import Path

import torch

from gvseg.formats.files import atomic_file
from gvseg.formats.locks import folder_lock
from gvseg.utils.config import load_config
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PUBLIC_WEIGHTS, PublicWeights
from gvseg.utils.shipped import home
from gvseg.version import __version__

from .hub_files import check_content, fetch, identity
from .network_of_weights import row_of_folder
from .weight_conversion import ConversionReport, convert_file

CACHE_VARIABLE = 'GVSEG_CACHE'
CONVERTER_VERSION = 1
"""To be raised when a converter changes what it makes of the same file."""


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
    row = row_of_folder(folder)
    files = [folder / name for name in row.files if (folder / name).is_file()]
    if not files:
        raise CheckpointError(
            f'{folder} has no {" and no ".join(row.files)}: run "{row.command} --local-dir {folder}".'
        )
    return public_model(row, path if path.is_file() else files[0])


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
