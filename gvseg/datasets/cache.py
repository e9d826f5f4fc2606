"""Keeps what a data set read of its annotations, so that the next start skips it.

Listing the frames of 3,000 videos on a network file system, or reading half a gigabyte of JSON, takes longer than
reading it back in one piece. A cache file belongs to the class, its settings, and size and time of the annotation file
and the data folders; when any of them differs, another file is made. Frames added *inside* a video's folder are not
noticed: delete the cache folder then.

A cache is JSON, so that a file laid there by somebody else cannot run code; what JSON has no word for is marked
with its kind.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gvseg.formats.files import write_text

from .reading import warn_once

_FORMAT = 3  # raise when frame dicts change
KIND = '__kind__'


def cache_file(folder: str, dataset: Any) -> Path:
    """Where the cache of a data set is.

    Args:
        folder: Folder of all caches.
        dataset: A ``ClipDataset``.
    """
    settings = {
        name: value
        for name, value in vars(dataset).items()
        if not name.startswith('data_') and isinstance(value, (str, int, bool, tuple, list, dict, type(None)))
    }
    for ignored in (
        'cache_dir',
        'seed',
        'max_attempts',
        'test_mode',
        'max_refetch',
        'lazy_init',
        '_fully_initialized',
        'serialize_data',
        '_indices',
        'filter_cfg',
    ):
        settings.pop(ignored, None)
    paths = [dataset.ann_file, *(dataset.data_prefix or {}).values()]
    key = repr((_FORMAT, sorted(settings.items()), [_state(path) for path in paths if path]))
    return Path(folder) / f'{type(dataset).__name__}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json'


def _state(path: str) -> Any:
    try:
        state = os.stat(path)
    except OSError:
        return str(path), None
    return os.path.abspath(path), state.st_mtime_ns, state.st_size


def load_or_make(folder: str, dataset: Any, make: Callable[[], Any]) -> Any:
    """What ``make`` returns, from the cache where it is there.

    A cache that cannot be read or written is no error: the annotations are read as without one.

    Args:
        folder: Folder of all caches.
        dataset: The data set that the content belongs to.
        make: Reads the annotations.
    """
    path = cache_file(folder, dataset)
    try:
        return json.loads(path.read_text(encoding='utf-8'), object_hook=unpack)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        warn_once(f'Cache {path} is not readable ({error}); it is made anew.')
    content = make()
    try:  # ranks may write at the same time
        write_text(path, json.dumps(pack(content), separators=(',', ':')))
    except (OSError, TypeError) as error:
        warn_once(f'Cache {path} cannot be written ({error}); the next start reads the annotations again.')
    return content


def pack(value: Any) -> Any:
    """A value as JSON can hold it: what JSON has no word for becomes a dict with the one key ``KIND``.

    Raises:
        TypeError: It is of a kind that is not kept.
    """
    if value is None or type(value) in (str, bool, int, float):
        return value
    if type(value) is list:
        return [pack(part) for part in value]
    if isinstance(value, tuple):
        return {KIND: 'tuple', 'of': [pack(part) for part in value]}
    if isinstance(value, dict):
        if KIND not in value and all(type(key) is str for key in value):
            return {key: pack(part) for key, part in value.items()}
        return {KIND: 'dict', 'of': [[pack(key), pack(part)] for key, part in value.items()]}
    if isinstance(value, bytes):
        return {KIND: 'bytes', 'of': value.decode('latin1')}
    raise TypeError(f'a {type(value).__name__} cannot be kept')


def unpack(packed: dict) -> Any:
    """What :func:`pack` was given; called for every dict of the file, the innermost first."""
    kind = packed.get(KIND)
    if kind is None:
        return packed
    of = packed['of']
    return dict(of) if kind == 'dict' else tuple(of) if kind == 'tuple' else of.encode('latin1')
