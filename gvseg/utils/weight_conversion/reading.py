"""Read weights of other projects; code in them is run only if the user trusts the source."""

import importlib
import io
import pickle
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gvseg.formats.errors import InputError
from gvseg.formats.files import safe_join
from gvseg.formats.json_files import read_json

from ..checkpoint import check_numbers, class_names, read_checkpoint
from ..errors import CheckpointError
from .safetensors import read_safetensors

#: Files of a Hugging Face folder, in order of preference.
FOLDER_FILES = ('model.safetensors', 'pytorch_model.bin')
#: Names that a pickle of numpy arrays needs (detectron2's model zoo).
ARRAY_PARTS = {
    ('collections', 'OrderedDict'),
    ('_codecs', 'encode'),
    ('numpy', 'ndarray'),
    ('numpy', 'dtype'),
    ('numpy.core.multiarray', '_reconstruct'),
    ('numpy.core.multiarray', 'scalar'),
    ('numpy._core.multiarray', '_reconstruct'),
    ('numpy._core.multiarray', 'scalar'),
}


@dataclass(frozen=True)
class WeightFile:
    """Content of a file or folder.

    Attributes:
        path: where it is.
        weights: by their names in the file.
        class_names: in the order of the class head; empty where the file has none.
        model_type: what ``config.json`` calls the network; empty where nothing does.
    """

    path: str
    weights: dict[str, Tensor]
    class_names: tuple[str, ...] = ()
    model_type: str = ''


def read_weights(path: str, trusted: bool = False) -> WeightFile:
    """Weights of a ``.pth``, ``.pkl``, ``.bin`` or ``.safetensors`` file, or of a Hugging Face folder.

    Args:
        path: file or folder.
        trusted: allow a pickle to run code while it loads.

    Raises:
        CheckpointError: missing, damaged, unsafe, or without weights.
    """
    place = Path(path)
    if place.is_dir():
        return _read_folder(place, trusted)
    content = _read_file(place, trusted)
    weights = _tensors(content)
    if not weights:
        raise CheckpointError(f'{path} holds no weights: neither tensors nor a "state_dict" or "model" with tensors.')
    check_numbers(weights, path)
    return WeightFile(path, weights, class_names(content.get('meta')))


def _read_file(path: Path, trusted: bool) -> dict[str, Any]:
    """Content of one file of any format."""
    if path.suffix == '.safetensors':
        return read_safetensors(str(path))
    content = _read_pickle(path, trusted) if path.suffix == '.pkl' else read_checkpoint(str(path), trusted=trusted)
    if not isinstance(content, dict):
        raise CheckpointError(f'{path} holds a {type(content).__name__} where weights by name were expected.')
    return content


def _tensors(content: dict[str, Any]) -> dict[str, Tensor]:
    """Tensors by name, at the top level or under one of the usual keys."""
    for key in ('state_dict', 'model'):
        if isinstance(content.get(key), dict):
            content = content[key]
    found = {}
    for name, value in content.items():
        if type(value).__name__ == 'ndarray' and value.dtype.kind in 'fiu':
            value = torch.as_tensor(value)
        if isinstance(value, Tensor):
            found[re.sub(r'^module\.', '', str(name))] = value
    return found


def _read_folder(folder: Path, trusted: bool) -> WeightFile:
    """Read a Hugging Face folder: weights in one or several files, class names in ``config.json``."""
    weights: dict[str, Tensor] = {}
    for file in _files_of(folder):
        weights.update(_tensors(_read_file(file, trusted)))
    if not weights:
        raise CheckpointError(f'{folder} holds no weights: its files have no tensors. Download it again.')
    check_numbers(weights, str(folder))
    config = folder / 'config.json'
    said = read_model_json(config) if config.is_file() else {}
    names = _class_names_of(said, config)
    given = not all(re.fullmatch(r'LABEL_\d+', name) for name in names)
    return WeightFile(str(folder), weights, names if given else (), str(said.get('model_type') or ''))


def _class_names_of(said: dict[str, Any], config: Path) -> tuple[str, ...]:
    """Class names in the content of a folder's ``config.json``, in order of their numbers; () if there are none."""
    labels = said.get('id2label')
    if labels is None:
        return ()
    if not isinstance(labels, dict) or not all(
        re.fullmatch('[0-9]{1,9}', key) and isinstance(name, str) for key, name in labels.items()
    ):
        raise CheckpointError(f'{config}: "id2label" is no list of names by number. Download it again.')
    return tuple(labels[key] for key in sorted(labels, key=int))


def _files_of(folder: Path) -> list[Path]:
    """The weight files of a folder."""
    for name in FOLDER_FILES:
        index = folder / f'{name}.index.json'
        if index.is_file():
            parts = read_model_json(index).get('weight_map')
            if not isinstance(parts, dict) or not parts:
                raise CheckpointError(
                    f'{index}: "weight_map" does not name the files of the weights. Download it again.'
                )
            return sorted({safe_join(folder, part, index, 'weight_map') for part in parts.values()}, key=str)
        if (folder / name).is_file():
            return [folder / name]
    raise CheckpointError(
        f'{folder} holds neither {" nor ".join(FOLDER_FILES)}: give the folder that the model was '
        'downloaded to, or a file.'
    )


def read_model_json(path: Path) -> dict[str, Any]:
    """Content of a JSON file of a Hugging Face folder, such as ``config.json``.

    Raises:
        CheckpointError: missing, damaged, or no table.
    """
    try:
        content = read_json(path, 'File of the model')
    except InputError as error:
        raise CheckpointError(f'{path} cannot be read: {error}. Download it again.') from error
    if not isinstance(content, dict):
        raise CheckpointError(f'{path} is not what Hugging Face writes: download it again.')
    return content


class ArrayUnpickler(pickle.Unpickler):
    """Builds dictionaries, numbers and numpy arrays, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """The object of this name, if arrays need it."""
        if (module, name) not in ARRAY_PARTS:
            raise pickle.UnpicklingError(f'it asks for {module}.{name}')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # old files name numpy.core
            return getattr(importlib.import_module(module), name)


def _read_pickle(path: Path, trusted: bool) -> Any:
    """Read a pickle of numpy arrays, as in detectron2's model zoo."""
    if not path.is_file():
        raise CheckpointError(f'Checkpoint {path} does not exist; check the path.')
    reader = pickle.Unpickler if trusted else ArrayUnpickler
    try:
        return reader(io.BytesIO(path.read_bytes()), encoding='latin1').load()
    except Exception as error:  # a damaged pickle may raise anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f'Checkpoint {path} is not a pickle of plain arrays ({reason}): it is damaged, or needs code to be run in '
            'order to load. Download it again; only if you trust its source, let it run code with '
            '--trust-source.'
        ) from error
