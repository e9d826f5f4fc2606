"""Strict JSON: every error is one line that names the file and the entry.

Refused: text that is not UTF-8, duplicate keys, NaN and Infinity, numbers of thousands of digits, excessive nesting,
and files too large for memory.
"""

import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import InputError, one_line
from .files import PathLike, check_path, read_bytes, write_text

MAX_JSON_BYTES = 4 * 2**30
WHOLE_LIMIT = 2**62
CONSTANTS = ('NaN', 'Infinity', '-Infinity')


class _Refused(ValueError):
    """Valid JSON that is not accepted."""


def first_repeated(values: Iterable[Any]) -> Any:
    """The first of the hashable values that occurred before; ``None``: all differ."""
    seen = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse repeated keys, of which the json module silently keeps the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated = first_repeated(key for key, _ in pairs)
        raise _Refused(f'duplicate id {one_line(repeated)!r} in one JSON object; remove one of the two')
    return found


def _no_constant(name: str) -> None:
    raise _Refused(name)


def _place_of_constant(text: str, name: str) -> str:
    """Text before NaN or Infinity in a file, for the message."""
    found = re.search(rf'[\[,:]\s*{name}', text)
    before = text[max(found.start() - 60, 0) : found.start() + 1] if found else ''
    return f' (after {one_line(before)!r})' if before else ''


def strict_decoder() -> json.JSONDecoder:
    """Decoder that refuses repeated keys and constants by a ValueError."""
    return json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_no_constant)


def parse_json(data: bytes, path: PathLike) -> Any:
    """Parse the bytes of a JSON file.

    Args:
        data: the bytes.
        path: their file, for messages.

    Raises:
        InputError: truncated or otherwise invalid JSON, or one of the cases listed in the module docstring.
    """
    try:
        return strict_decoder().decode(data.decode('utf-8-sig'))
    except _Refused as error:
        if str(error) in CONSTANTS:
            place = _place_of_constant(data.decode('utf-8-sig'), str(error))
            raise InputError(f'{error} is not a JSON number{place}; write a finite number or null', path) from None
        raise InputError(str(error), path) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f'not valid JSON: not in UTF-8 ({error.reason} at byte {error.start})',
            path,
            cure='save it as UTF-8, or fetch it again',
        ) from None
    except RecursionError:
        raise InputError(
            'not valid JSON of annotations: lists or objects are nested too deeply', path, cure='fetch it again'
        ) from None
    except json.JSONDecodeError as error:
        raise InputError(
            f'not valid JSON ({error}); it may have been cut off: the file is truncated or damaged',
            path,
            cure='fetch it again',
        ) from None
    except ValueError:  # int() refuses more than 4,300 digits
        raise InputError(
            'not valid JSON of annotations: a number has thousands of digits', path, cure='fetch it again'
        ) from None


def read_json(path: PathLike, what: str = 'Annotation file', max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Read a JSON file.

    Args:
        path: the file.
        what: kind of file, for messages.
        max_bytes: larger files are refused.

    Raises:
        InputError: missing, too large, or as :func:`parse_json`.
    """
    return parse_json(read_json_bytes(path, what, max_bytes), path)


def read_json_bytes(path: PathLike, what: str = 'Annotation file', max_bytes: int = MAX_JSON_BYTES) -> bytes:
    """The bytes of a JSON file; arguments and errors as in :func:`read_json`."""
    try:
        size = os.stat(check_path(path)).st_size
    except OSError:
        size = 0  # read_bytes raises the error
    if size > max_bytes:
        raise InputError(f'has {size:,} bytes; more than {max_bytes:,} are not read', path, cure='split it')
    return read_bytes(path, what)


def write_json(path: PathLike, content: Any, **options: Any) -> None:
    """Write a JSON file atomically, compact by default.

    Args:
        path: the file.
        content: what to write.
        options: of ``json.dumps``, such as ``indent``.
    """
    options.setdefault('separators', None if options.get('indent') else (',', ':'))
    write_text(path, json.dumps(content, **options))


def nan_to_none(value: Any) -> Any:
    """Replace every number that is not finite, such as a mean over nothing, by None (null in JSON)."""
    if isinstance(value, dict):
        return {key: nan_to_none(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [nan_to_none(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _shown(value: Any) -> str:
    return one_line(repr(value) if not isinstance(value, (list, dict)) else f'a {type(value).__name__}', 60)


def object_of(value: Any, where: str) -> Mapping[str, Any]:
    """Check that a value is a JSON object.

    Args:
        value: from a file.
        where: file and entry, for messages; the same in all functions below.

    Raises:
        InputError: not an object.
    """
    if not isinstance(value, dict):
        raise InputError(f'{where}: is {_shown(value)}; it must be an object {{...}}')
    return value


def field(entry: Any, key: str, where: str) -> Any:
    """A field of a JSON object, of any type.

    Raises:
        InputError: no such field.
    """
    found = object_of(entry, where)
    if key not in found:
        raise InputError(f'{where}: has no "{key}"')
    return found[key]


def list_field(entry: Any, key: str, where: str, length: int | None = None) -> list:
    """A list in a field.

    Args:
        entry, key, where: as in :func:`field`.
        length: number of items it must have.

    Raises:
        InputError: missing, not a list, or of the wrong length.
    """
    value = field(entry, key, where)
    if not isinstance(value, list):
        raise InputError(f'{where}: "{key}" is {_shown(value)}; it must be a list')
    if length is not None and len(value) != length:
        raise InputError(f'{where}: "{key}" has {len(value)} items; it must have {length}')
    return value


def object_field(entry: Any, key: str, where: str) -> Mapping[str, Any]:
    """A JSON object in a field."""
    value = field(entry, key, where)
    if not isinstance(value, dict):
        raise InputError(f'{where}: "{key}" is {_shown(value)}; it must be an object {{...}}')
    return value


def text_field(entry: Any, key: str, where: str) -> str:
    """A non-empty string in a field."""
    value = field(entry, key, where)
    if not isinstance(value, str) or not value:
        raise InputError(f'{where}: "{key}" is {_shown(value)}; it must be a string')
    return value


def whole(value: Any, what: str, low: int | None = None, high: int | None = None) -> int:
    """Check an integer; 3.0 counts as 3.

    Args:
        value: from a file.
        what: file, entry and field, for messages.
        low, high: inclusive bounds.

    Raises:
        InputError: not an integer, or out of bounds.
    """
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < WHOLE_LIMIT
    if not good or value % 1:
        raise InputError(f'{what} is {_shown(value)}; it must be an integer')
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f'at least {low}' if high is None else f'{low}..{high}' if low is not None else f'at most {high}'
        raise InputError(f'{what} is {_shown(value)}, out of range: it must be {bounds}')
    return int(value)


def whole_field(entry: Any, key: str, where: str, low: int | None = None, high: int | None = None) -> int:
    """An integer in a field, see :func:`whole`."""
    return whole(field(entry, key, where), f'{where}: "{key}"', low, high)


def number_field(entry: Any, key: str, where: str) -> float:
    """A finite number in a field."""
    value = field(entry, key, where)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300 or math.isnan(value):
        raise InputError(f'{where}: "{key}" is {_shown(value)}; it must be a finite number')
    return float(value)


def flag_field(entry: Any, key: str, where: str, default: bool = False) -> bool:
    """A flag, written as 0, 1, false or true; ``default`` if missing or null."""
    value = object_of(entry, where).get(key)
    if value is None:
        return default
    if value not in (0, 1) or isinstance(value, (list, dict, str)):
        raise InputError(f'{where}: "{key}" is {_shown(value)}; it must be 0 or 1')
    return bool(value)


def refuse_repeats(values: Any, what: str, where: str) -> None:
    """Check that the values of an iterable are unique.

    Args:
        values: hashable.
        what: what they are, such as "annotation id".
        where: file and entry.

    Raises:
        InputError: names the first duplicate.
    """
    repeated = first_repeated(values)
    if repeated is not None:
        raise InputError(f'{where}: duplicate {what} {_shown(repeated)}; each must be unique')
