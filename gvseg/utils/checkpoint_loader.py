"""Replaces mmengine's checkpoint loaders: no code in a file is run, whether it comes from ``load_from``, ``--resume``
or ``init_cfg``.

mmengine's own falls back to unpickling where a file is not plain weights, and its ``Runner.resume`` runs the text under
``meta.config`` as Python, hence that text is dropped here. URL schemes that cannot be read this way are refused.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, get_rank
from mmengine.runner import checkpoint as mmengine_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader

from .checkpoint import check_content, read_checkpoint
from .errors import CheckpointError

HASH_IN_NAME = re.compile(r'-([a-f0-9]{8,})\.')  # as torch writes it into the names of its files


def install() -> None:
    """Replace mmengine's loaders by those of this module."""
    loaders = {
        '': load_from_local,
        ('http://', 'https://'): load_from_http,
        ('torchvision://', 'modelzoo://'): _by_name('get_torchvision_models'),
        ('open-mmlab://', 'openmmlab://'): _by_name('get_external_models'),
        'mmcls://': _by_name('get_mmcls_models', backbone_only=True),
        ('pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://'): load_from_nowhere,
    }
    for prefixes, loader in loaders.items():
        CheckpointLoader.register_scheme(prefixes, loader, force=True)


def load_from_local(filename: str, map_location: Any = 'cpu') -> dict:
    """Content of a file on disk.

    Args:
        filename: The file.
        map_location: As in ``torch.load``.

    Raises:
        CheckpointError: The file is missing, damaged, unsafe, or holds no weights.
    """
    path = str(Path(filename).expanduser())
    content = read_checkpoint(path, map_location=map_location)
    check_content(content, path)
    if 'meta' in content:
        content['meta'].pop('config', None)
    return content


def load_from_http(filename: str, map_location: Any = 'cpu') -> dict:
    """Content of a file that is downloaded once, by the first process; see :func:`load_from_local`."""
    if get_rank() == 0:
        download(filename)
    barrier()
    return load_from_local(str(download(filename)), map_location)  # other machines have their own disks


def load_from_nowhere(filename: str, map_location: Any = 'cpu') -> dict:
    """Refuse a URL scheme whose reader would run code in the file."""
    raise CheckpointError(f'Checkpoint {filename} has an unsupported URL scheme: download it and give the file.')


def download(url: str) -> Path:
    """Path of a URL's file in torch's checkpoint folder; downloaded if it is missing.

    A name with torch's hash is kept and the hash checked; any other gets a hash of the URL, so names never collide.

    Raises:
        CheckpointError: The download fails, or the file does not match the hash in its name.
    """
    name = Path(urlparse(url).path).name or 'checkpoint.pth'
    hashed = HASH_IN_NAME.search(name)
    folder = Path(torch.hub.get_dir()) / 'checkpoints'
    if not hashed:
        folder /= hashlib.sha256(url.encode()).hexdigest()[:16]
    path = folder / name
    if not path.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(path), hashed and hashed.group(1), progress=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise CheckpointError(
                f'Checkpoint {url} cannot be downloaded ({error}): check the address, or download it and give the file.'
            ) from error
    return path


def _by_name(table: str, backbone_only: bool = False) -> Callable[..., dict]:
    """Loader of names in a table of mmengine, such as ``torchvision://resnet50``.

    Args:
        table: mmengine's function that returns the table.
        backbone_only: Drop weights without the prefix ``backbone.``.
    """

    def load_from_table(filename: str, map_location: Any = 'cpu') -> dict:
        name = filename.split('://', 1)[1]
        known = getattr(mmengine_checkpoint, table)()
        address = known.get(mmengine_checkpoint.get_deprecated_model_names().get(name, name))
        if address is None:
            raise CheckpointError(
                f'Checkpoint {filename} is unknown to mmengine; it has {len(known)}, such as '
                f'{", ".join(sorted(known)[:3])}.'
            )
        if '://' not in address:
            address = str(Path(mmengine_checkpoint._get_mmengine_home()) / address)
        load = load_from_http if '://' in address else load_from_local
        content = load(address, map_location)
        return mmengine_checkpoint._process_mmcls_checkpoint(content) if backbone_only else content

    return load_from_table
