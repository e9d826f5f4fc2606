"""Keeps what a data set read of its annotations, so that the next start skips it.

Listing the frames of 3,000 videos on a network file system, or reading half a gigabyte of JSON, takes longer than
reading it back in one piece. A cache file belongs to the class, its settings, and size and time of the annotation file
and the data folders; when any of them differs, another file is made. Frames added *inside* a video's folder are not
noticed: delete the cache folder then.
"""
import hashlib
import os
import pickle
from pathlib import Path
from typing import Any, Callable

from .reading import warn_once

_FORMAT = 1  # raise when frame dicts change


def cache_file(folder: str, dataset: Any) -> Path:
    """Where the cache of a data set is.

    Args:
        folder: Folder of all caches.
        dataset: A ``ClipDataset``.
    """
    settings = {name: value for name, value in vars(dataset).items()
                if not name.startswith('data_') and isinstance(value, (str, int, bool, tuple, list, dict, type(None)))}
    for ignored in ('cache_dir', 'seed', 'max_attempts', 'test_mode', 'max_refetch', 'lazy_init', '_fully_initialized',
                    'serialize_data', '_indices', 'filter_cfg'):
        settings.pop(ignored, None)
    paths = [dataset.ann_file, *(dataset.data_prefix or {}).values()]
    key = repr((_FORMAT, sorted(settings.items()), [_state(path) for path in paths if path]))
    return Path(folder) / f'{type(dataset).__name__}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.pkl'


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
        with open(path, 'rb') as file:
            return pickle.load(file)
    except FileNotFoundError:
        pass
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
        warn_once(f'Cache {path} is not readable ({error}); it is made anew.')
    content = make()
    part = path.with_suffix(f'.{os.getpid()}.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, 'wb') as file:
            pickle.dump(content, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(part, path)  # ranks may write at the same time
    except OSError as error:
        warn_once(f'Cache {path} cannot be written ({error}); the next start reads the annotations again.')
    return content
