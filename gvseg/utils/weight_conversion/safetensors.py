"""Reading safetensors files: eight bytes of length, a JSON header, then the tensors one after the other.

Written out here (the format is twenty lines) so that converting needs no further library.
"""
import json
from math import prod
from pathlib import Path
from typing import Any, Dict

import torch
from torch import Tensor

from ..errors import CheckpointError

TYPES = dict(F64=torch.float64, F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16, I64=torch.int64,
             I32=torch.int32, I16=torch.int16, I8=torch.int8, U8=torch.uint8, BOOL=torch.bool)
LENGTH_BYTES = 8


def read_safetensors(path: str) -> Dict[str, Tensor]:
    """Tensors of a file by name.

    Raises:
        CheckpointError: the file is missing, cut short or no safetensors file.
    """
    if not Path(path).is_file():
        raise CheckpointError(f'Checkpoint {path} does not exist; check the path.')
    content = Path(path).read_bytes()
    start = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], 'little')
    if start > len(content) or len(content) < LENGTH_BYTES:
        raise _damaged(path, f'its header should end at byte {start}, the file has {len(content)}')
    try:
        header = json.loads(content[LENGTH_BYTES:start])
        data = memoryview(content)[start:]
        return {name: _tensor(entry, data) for name, entry in header.items() if name != '__metadata__'}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def _tensor(entry: Dict[str, Any], data: memoryview) -> Tensor:
    """One tensor of the data behind the header."""
    kind, shape, (begin, end) = TYPES[entry['dtype']], entry['shape'], entry['data_offsets']
    size = prod(shape) * torch.empty(0, dtype=kind).element_size()
    if not 0 <= begin <= end <= len(data) or end - begin != size:
        raise ValueError(f'a tensor of {size} bytes should lie at bytes {begin} to {end} of {len(data)}')
    if size == 0:
        return torch.empty(shape, dtype=kind)
    return torch.frombuffer(bytearray(data[begin:end]), dtype=kind).reshape(shape)


def _damaged(path: str, reason: str) -> CheckpointError:
    return CheckpointError(f'Checkpoint {path} cannot be read: it is damaged or incomplete ({reason}). '
                           'Download it again.')
