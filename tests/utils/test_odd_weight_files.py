"""Weight files of odd contents: one line each, and no tensor of a wrong shape or place."""

import json
import struct
from pathlib import Path

import pytest

from gvseg.formats.errors import InputError
from gvseg.utils.errors import CheckpointError
from gvseg.utils.weight_conversion import read_weights


def safetensors(header: object, data: bytes = bytes(32)) -> bytes:
    """A file of this header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


GOOD = {
    'a': dict(dtype='F32', shape=[2, 3], data_offsets=[0, 24]),
    'b': dict(dtype='I64', shape=[1], data_offsets=[24, 32]),
}


def test_good_files_are_read(tmp_path: Path) -> None:
    (tmp_path / 'a.safetensors').write_bytes(safetensors(GOOD))
    assert {
        name: list(tensor.shape) for name, tensor in read_weights(str(tmp_path / 'a.safetensors')).weights.items()
    } == {'a': [2, 3], 'b': [1]}


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        (dict(shape=[-2, -3]), '"shape" is -2, out of range'),
        (dict(shape=[2.5]), '"shape" is 2.5'),
        (dict(shape='23'), 'must be a list'),
        (dict(shape=[10**30]), '"shape"'),
        (dict(data_offsets=[8, 32]), 'tensors a and b overlap'),
        (dict(data_offsets=[0]), 'it must have 2'),
        (dict(data_offsets=[24, 0]), 'should lie at'),
        (dict(data_offsets=[0, 20]), 'should lie at'),
        (dict(data_offsets=[0, 10**9], shape=[250_000_000]), 'should lie at'),
        (dict(dtype='F8'), 'must be one of'),
        (dict(dtype=None), '"dtype" is None'),
    ],
)
def test_safetensors(tmp_path: Path, change: dict, reason: str) -> None:
    (tmp_path / 'a.safetensors').write_bytes(safetensors({**GOOD, 'a': {**GOOD['a'], **change}}))
    with pytest.raises(CheckpointError, match=f'a.safetensors .*damaged or incomplete .*{reason}'):
        read_weights(str(tmp_path / 'a.safetensors'))


@pytest.mark.parametrize(
    'header', [b'[' * 100_000, b'{"a": ' + b'9' * 9999 + b'}', b'[]', b'{"a": 1, "a": 2}', b'\xff']
)
def test_headers_of_safetensors(tmp_path: Path, header: bytes) -> None:
    (tmp_path / 'a.safetensors').write_bytes(safetensors(header))
    with pytest.raises(CheckpointError, match='a.safetensors .*damaged'):
        read_weights(str(tmp_path / 'a.safetensors'))


@pytest.mark.parametrize(
    ('file', 'content'),
    [
        ('model.safetensors.index.json', dict(weight_map=[])),
        ('model.safetensors.index.json', dict(weight_map={})),
        ('model.safetensors.index.json', dict(weight_map=dict(a=1))),
        ('model.safetensors.index.json', dict(weight_map=None)),
        ('model.safetensors.index.json', dict(weight_map=dict(a=['x']))),
        ('model.safetensors.index.json', []),
        ('model.safetensors.index.json', dict(weight_map=dict(a='..'))),
        ('model.safetensors.index.json', dict(weight_map=dict(a='x' * 300))),
        ('model.safetensors.index.json', dict(weight_map=dict(a='gone.safetensors'))),
        ('config.json', dict(id2label=[1])),
        ('config.json', dict(id2label=dict(x='cat'))),
        ('config.json', dict(id2label={'0': ['cat']})),
    ],
)
def test_folders_of_hugging_face(tmp_path: Path, file: str, content: object) -> None:
    index = dict(weight_map=dict(a='model-1.safetensors', b='model-1.safetensors'))
    (tmp_path / 'model.safetensors.index.json').write_text(json.dumps(index))
    (tmp_path / 'model-1.safetensors').write_bytes(safetensors(GOOD))
    assert set(read_weights(str(tmp_path)).weights) == {'a', 'b'}
    (tmp_path / file).write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        read_weights(str(tmp_path))
    assert len(str(caught.value).splitlines()) == 1 and str(tmp_path) in str(caught.value)
