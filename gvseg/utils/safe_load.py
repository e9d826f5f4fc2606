"""Load a checkpoint without running code in it.

Tensors, plain values, numpy arrays and scalars, and mmengine's log buffers of past losses are allowed; everything else
is refused.

torch does this itself from 2.6 on; older releases cannot allow numpy's names, which differ between numpy 1 and 2, so
an unpickler with the same list of names is used.
"""

import importlib
import pickle
import warnings
import zipfile
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from mmengine.utils import digit_version

STATISTICS = ('min', 'max', 'mean', 'current')
DTYPES = (
    'bool',
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'float16',
    'float32',
    'float64',
    'str',
)
NUMPY_CORES = ('numpy.core', 'numpy._core')
"""Modules of numpy 1 and numpy 2 with the constructors of arrays; either version reads files of both."""


def load_plain(path: str, map_location: Any = 'cpu') -> Any:
    """Content of a file that ``torch.save`` wrote.

    Args:
        path: The file.
        map_location: As in ``torch.load``.

    Raises:
        pickle.UnpicklingError: The file needs a name that is not allowed.
        Exception: Whatever torch raises on a damaged file.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='.*weights_only.*|.*TypedStorage.*')
        if digit_version(torch.__version__) >= digit_version('2.6'):
            entries = [(value, name) for name, value in listed_names().items()]
            with torch.serialization.safe_globals(entries + _dtype_classes()):
                return torch.load(path, map_location=map_location, weights_only=True)
        return load_restricted(path, map_location)


def load_restricted(path: str, map_location: Any = 'cpu') -> Any:
    """As :func:`load_plain`, by the unpickler below, for any version of torch."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith('/constants.pkl') for name in archive.namelist()):
                raise pickle.UnpicklingError('Unsupported: it is a TorchScript program')
    reader = SimpleNamespace(__name__='restricted pickle', Unpickler=RestrictedUnpickler, load=_load)
    return torch.load(path, map_location=map_location, pickle_module=reader, weights_only=False)


@cache
def listed_names() -> dict[str, Any]:
    """Objects that a file may use besides torch's own, by their names in the file."""
    from mmengine.logging import HistoryBuffer

    names = {
        'builtins.getattr': _statistic,
        'numpy.ndarray': np.ndarray,
        'numpy.dtype': np.dtype,
        'builtins.slice': slice,
        'mmengine.logging.history_buffer.HistoryBuffer': HistoryBuffer,
    }
    core = importlib.import_module(NUMPY_CORES[np.__version__[0] != '1'])
    for place in NUMPY_CORES:
        names[f'{place}.multiarray._reconstruct'] = core.multiarray._reconstruct
        names[f'{place}.multiarray.scalar'] = core.multiarray.scalar
    return names


def _dtype_classes() -> list[type]:
    """Classes of numpy's dtypes, which torch needs to restore a dtype's state."""
    return sorted({type(np.dtype(name)) for name in DTYPES}, key=repr)


def _statistic(owner: Any, name: str) -> Any:
    """Replaces ``getattr``, which pickles of log buffers use for their statistics; refuses any other attribute."""
    from mmengine.logging import HistoryBuffer

    if owner is not HistoryBuffer or name not in STATISTICS:
        raise pickle.UnpicklingError(f'Unsupported: it asks for the attribute {name} of {owner}')
    return getattr(owner, name)


class RestrictedUnpickler(pickle.Unpickler):
    """Allows the names that torch's restricted loader allows, and those of this module."""

    def find_class(self, module: str, name: str) -> Any:
        """The object of this name, if it is allowed."""
        full = f'{"builtins" if module == "__builtin__" else module}.{name}'
        known = {
            **torch._weights_only_unpickler._get_allowed_globals(),
            '_codecs.encode': _encode,
            'builtins.set': set,
            **listed_names(),
        }
        if full not in known:
            raise pickle.UnpicklingError(f'Unsupported: it asks for {full}')
        return known[full]


def _encode(text: str, encoding: str) -> bytes:
    """How pickle writes bytes for Python 2."""
    return text.encode('latin1') if encoding == 'latin1' else text.encode('utf-8')


def _load(file: Any, **options: Any) -> Any:
    return RestrictedUnpickler(file, **options).load()
