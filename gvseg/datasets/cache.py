"""Cache of parsed annotations.

Listing the frames of 3,000 videos on a network file system, or parsing half a gigabyte of JSON, is slower than reading
one cache file. The key is the dataset class, its settings, and size and modification time of the annotation file and
the data folders; if any of them changes, a new file is written. Frames added *inside* a video's folder are not
detected: delete the cache folder in that case.

The cache is JSON, so that a file from another user cannot run code. Types that JSON lacks are stored with a type tag.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gvseg.formats.files import write_text

from .reading import warn_once

_FORMAT = 3  # increase when the frame dicts change
KIND = '__kind__'


def cache_file(folder: str, dataset: Any) -> Path:
    """Path of a dataset's cache file.

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
    """Return the result of ``make``, from the cache if there is one.

    A cache that cannot be read or written is not an error: the annotations are parsed instead.

    Args:
        folder: Folder of all caches.
        dataset: The dataset that the content belongs to.
        make: Reads the annotations.
    """
    path = cache_file(folder, dataset)
    try:
        return json.loads(path.read_text(encoding='utf-8'), object_hook=unpack)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        warn_once(f'Cache {path} is not readable ({error}); it is written again.')
    content = make()
    try:  # ranks may write at the same time
        write_text(path, json.dumps(pack(content), separators=(',', ':')))
    except (OSError, TypeError) as error:
        warn_once(f'Cache {path} cannot be written ({error}); the next start reads the annotations again.')
    return content


def pack(value: Any) -> Any:
    """Convert a value to JSON types; other types become a dict with the single key ``KIND``.

    Raises:
        TypeError: The type is not supported.
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
    """Inverse of :func:`pack`; called for every dict of the file, innermost first."""
    kind = packed.get(KIND)
    if kind is None:
        return packed
    of = packed['of']
    return dict(of) if kind == 'dict' else tuple(of) if kind == 'tuple' else of.encode('latin1')
