"""Reading label maps, JSON and lists, with every defect turned into one error that names the file.

Letters: H W size of a map.
"""
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union

import numpy as np
from PIL import Image

from .input_errors import BadInputError, MissingInputError

PathLike = Union[str, Path]
PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
LABEL_MODES = ('L', 'P', '1')


def read_bytes(path: PathLike) -> bytes:
    """The bytes of a file.

    Raises:
        MissingInputError: no such file.
        BadInputError: the path cannot be read as a file.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise MissingInputError(f'{path}: no such file; every file of the benchmark\'s layout is needed') from None
    except OSError as error:
        raise BadInputError(f'{path}: cannot be read ({error.strerror})') from None
    except ValueError as error:
        raise BadInputError(f'{str(path)!r}: not a file name ({error})') from None


def check_png_chunks(data: bytes, path: PathLike) -> None:
    """Walk the chunks of a PNG and compare their check sums.

    Decoders accept some cut or damaged files in silence, and a damaged map would give a wrong number.

    Raises:
        BadInputError: not a PNG, cut short, or a check sum that does not fit.
    """
    if not data.startswith(PNG_SIGNATURE):
        raise BadInputError(f'{path}: not a PNG file; save label maps as PNG')
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(data[position + 4:end]) != struct.unpack_from('>I', data, end)[0]:
            raise BadInputError(f'{path}: damaged PNG (check sum of chunk {kind!r} differs); write it again')
        if kind == b'IEND':
            return
        position = end + 4
    raise BadInputError(f'{path}: truncated PNG; write it again')


def read_label_map(path: PathLike) -> np.ndarray:
    """Read one single-channel PNG (grey, palette or 1 bit) as label numbers.

    Returns:
        (H,W) uint8 array of labels; palette images give palette indices.

    Raises:
        BadInputError: missing, truncated, damaged or many-channel file.
    """
    data = read_bytes(path)
    check_png_chunks(data, path)
    try:
        with Image.open(io.BytesIO(data)) as image:
            mode = image.mode
            values = np.array(image) if mode in LABEL_MODES else None
    except (OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError) as error:
        raise BadInputError(f'{path}: cannot be decoded ({error}); write it again') from None
    if values is None:
        raise BadInputError(f'{path}: has colour mode {mode}; a label map is a single-channel 8-bit PNG (L or P)')
    return values.astype(np.uint8, copy=False)


def _no_repeats(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """JSON objects with a repeated key would keep the last value in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise BadInputError(f'duplicate id {repeated!r} in one JSON object')
    return found


def read_json(path: PathLike) -> Any:
    """Parse a JSON file; a repeated key in an object is an error.

    Raises:
        BadInputError: missing, truncated or otherwise invalid JSON, or a repeated key.
    """
    data = read_bytes(path)
    try:
        return json.loads(data.decode('utf-8'), object_pairs_hook=_no_repeats)
    except BadInputError as error:
        raise BadInputError(f'{path}: {error}') from None
    except (ValueError, RecursionError) as error:
        raise BadInputError(f'{path}: not valid JSON ({error}); the file is truncated or damaged') from None


def read_names(path: PathLike) -> List[str]:
    """Non-empty lines of a list file, in order.

    Raises:
        BadInputError: missing file, no line at all, or a repeated name.
    """
    try:
        lines = [line.strip() for line in read_bytes(path).decode('utf-8').splitlines()]
    except UnicodeDecodeError:
        raise BadInputError(f'{path}: not a text file') from None
    names = [line for line in lines if line]
    repeated = {name for name in names if names.count(name) > 1} if len(set(names)) != len(names) else ()
    if repeated:
        raise BadInputError(f'{path}: {sorted(repeated)[0]!r} is listed more than once')
    return names


def list_maps(folder: PathLike) -> List[Path]:
    """The PNG files of a video's folder, sorted by name.

    Raises:
        MissingInputError: no such folder or no PNG in it.
    """
    files = sorted(Path(folder).glob('*.png'))
    if not files:
        raise MissingInputError(f'{folder}: no PNG files here; the folder of a video holds one PNG per frame')
    return files


def check_same_size(reference: np.ndarray, other: np.ndarray, where: PathLike) -> None:
    """Both (H,W) maps must have one size.

    Raises:
        BadInputError: naming `where` (the file of `other`).
    """
    if reference.shape != other.shape:
        raise BadInputError(f'{where}: size {other.shape[1]}x{other.shape[0]}, but the ground truth is '
                            f'{reference.shape[1]}x{reference.shape[0]} (width x height)')
