"""Read safetensors files: eight bytes of header length, a JSON header, then the data of all tensors.

Implemented here, as the format is simple, so that conversion needs no further library.
"""

from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gvseg.formats.errors import InputError
from gvseg.formats.json_files import list_field, object_of, parse_json, text_field, whole

from ..errors import CheckpointError

TYPES = dict(
    F64=torch.float64,
    F32=torch.float32,
    F16=torch.float16,
    BF16=torch.bfloat16,
    I64=torch.int64,
    I32=torch.int32,
    I16=torch.int16,
    I8=torch.int8,
    U8=torch.uint8,
    BOOL=torch.bool,
)
LENGTH_BYTES = 8
MOST = 2**48  # bytes or elements


def read_safetensors(path: str) -> dict[str, Tensor]:
    """Tensors of a file by name.

    Raises:
        CheckpointError: the file is missing, cut short or no safetensors file; tensors overlap.
    """
    if not Path(path).is_file():
        raise CheckpointError(f'Checkpoint {path} does not exist; check the path.')
    content = Path(path).read_bytes()
    start = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], 'little')
    if start > len(content) or len(content) < LENGTH_BYTES:
        raise _damaged(path, f'its header should end at byte {start}, the file has {len(content)}')
    try:
        header = object_of(parse_json(content[LENGTH_BYTES:start], 'the header'), 'the header')
        data = memoryview(content)[start:]
        entries = {name: entry for name, entry in header.items() if name != '__metadata__'}
        _refuse_overlap([_place(name, entry, len(data)) for name, entry in entries.items()])
        return {name: _tensor(entry, data) for name, entry in entries.items()}
    except InputError as error:
        raise _damaged(path, str(error)) from None


def _place(name: str, entry: Any, available: int) -> tuple[int, int, str]:
    """First byte, end and name of a tensor.

    Raises:
        InputError: an invalid type, shape or offset.
    """
    where = f'tensor {name}'
    kind = text_field(entry, 'dtype', where)
    if kind not in TYPES:
        raise InputError(f'{where}: "dtype" is {kind!r:.40}; it must be one of {", ".join(TYPES)}')
    shape = [whole(side, f'{where}: "shape"', 0, MOST) for side in list_field(entry, 'shape', where)]
    begin, end = (
        whole(place, f'{where}: "data_offsets"', 0, MOST) for place in list_field(entry, 'data_offsets', where, 2)
    )
    size = prod(shape) * torch.empty(0, dtype=TYPES[kind]).element_size()
    if not begin <= end <= available or end - begin != size:
        raise InputError(f'{where} of {size} bytes should lie at bytes {begin} to {end} of {available}')
    return begin, end, name


def _refuse_overlap(places: list[tuple[int, int, str]]) -> None:
    """Check that no two tensors share a byte.

    Raises:
        InputError: names two that overlap.
    """
    last_end, last = 0, ''
    for begin, end, name in sorted(place for place in places if place[1] > place[0]):
        if begin < last_end:
            raise InputError(f'tensors {last} and {name} overlap')
        last_end, last = end, name


def _tensor(entry: dict[str, Any], data: memoryview) -> Tensor:
    """One tensor from the data after the header; its entry has been checked."""
    kind, shape = TYPES[entry['dtype']], [int(side) for side in entry['shape']]
    begin, end = (int(place) for place in entry['data_offsets'])
    if begin == end:
        return torch.empty(shape, dtype=kind)
    return torch.frombuffer(bytearray(data[begin:end]), dtype=kind).reshape(shape)


def _damaged(path: str, reason: str) -> CheckpointError:
    return CheckpointError(
        f'Checkpoint {path} cannot be read: it is damaged or incomplete ({reason}). Download it again.'
    )
