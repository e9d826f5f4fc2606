"""Files and folders: natural order, safe relative names, atomic writes."""

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from .errors import InputError, MissingInputError, one_line

PathLike = str | Path
MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1024
_NUMBER = re.compile('([0-9]+)')


def natural_key(name: PathLike) -> tuple:
    """Sort key of file names: 1, 2, ..., 10 and img_2 before img_10; folders first by their own names.

    The extension is compared last, so names sort by their stems. Digits are compared as numbers of any length.
    """
    return tuple(_natural_part(part) for part in str(name).split('/'))


def _natural_part(name: str) -> tuple:
    stem, suffix = os.path.splitext(name)
    pieces = _NUMBER.split(stem)
    numbers = [(len(piece.lstrip('0')), piece.lstrip('0')) for piece in pieces[1::2]]
    # Text and numbers alternate, so equal positions have equal types.
    mixed = [number for pair in zip(pieces[0::2], [*numbers, (0, '')]) for number in pair]
    return tuple(mixed), stem, suffix


def natural_order(names: Iterable) -> list:
    """Names or paths in the order of :func:`natural_key`."""
    return sorted(names, key=natural_key)


def list_files(folder: PathLike, suffixes: Sequence[str], what: str = 'file') -> list[str]:
    """Names of the files of a folder with one of these extensions (any case), in natural order, without hidden files.

    Raises:
        MissingInputError: no such folder, or no such file in it.
        InputError: the folder cannot be read, or two files differ only in their extension.
    """
    endings = tuple(suffix.lower() for suffix in suffixes)
    try:
        with os.scandir(check_path(folder)) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.name.lower().endswith(endings) and not entry.name.startswith('.')
            ]
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInputError(
            f'Folder {folder} does not exist. Check the paths of the config, or take the video out of the list.'
        ) from None
    except OSError as error:
        raise InputError(f'cannot be listed ({error.strerror})', folder) from error
    if not names:
        raise MissingInputError(f'Folder {folder} has no {what} ({"/".join(endings)}).')
    names = natural_order(names)
    _check_stems(names, folder)
    return names


def _check_stems(names: Sequence[str], folder: PathLike) -> None:
    """Refuse a frame that exists twice, e.g. as 1.jpg and 1.png."""
    seen: dict[str, str] = {}
    for name in names:
        stem = os.path.splitext(name)[0]
        if stem in seen:
            raise InputError(
                f'has {seen[stem]} and {name} of the same name',
                folder,
                cure='keep one of them: which one is meant is ambiguous',
            )
        seen[stem] = name


def list_folders(folder: PathLike, what: str = 'folder of a video') -> list[str]:
    """Names of the folders below a folder, in natural order, without hidden ones.

    Raises:
        MissingInputError: no such folder, or none in it.
    """
    try:
        with os.scandir(check_path(folder)) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith('.')]
    except OSError:
        names = []
    if not names:
        raise MissingInputError(f'{folder}: no {what} here')
    return natural_order(names)


def check_path(path: PathLike) -> Path:
    """Check that the operating system accepts a path.

    Raises:
        InputError: it contains NUL or text that is not UTF-8, or is too long.
    """
    _check_path(os.fspath(path))
    return Path(path)


def _check_path(text: str) -> None:
    try:
        code = os.fsencode(text)
    except UnicodeEncodeError:
        code = b'\0'
    if b'\0' in code:
        raise InputError(f'{one_line(text)!r} is not a file name: it contains invalid characters')
    # The system's own limit is on the whole path, in bytes.
    long = len(code) > MAX_NAME_BYTES
    if long and (len(code) > 4 * MAX_PATH_BYTES - 1 or any(len(part) > MAX_NAME_BYTES for part in code.split(b'/'))):
        raise InputError(f'{one_line(text)!r} is too long for a file name')


def check_name(name: Any, path: PathLike | None = None, entry: str = '') -> str:
    """A relative name from a file (of a frame, a video, a sequence) that stays below the folder it is put into.

    Args:
        name: value in the file; may contain "/".
        path: the file, for messages.
        entry: location in the file, for messages.

    Raises:
        InputError: not a string, empty, absolute, with "..", NUL, a control character, a drive letter, or too long.
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(f'{one_line(repr(name))} is not a file name', path, entry)
    parts = re.split(r'[/\\]', name)
    code = name.encode('utf-8', 'surrogatepass')
    if '..' in parts or name.startswith(('/', '\\')) or re.match('[A-Za-z]:', name):
        reason = 'would lie outside of its folder'
    elif re.search('[\x00-\x1f\x7f\ud800-\udfff]', name):
        reason = 'contains invalid characters'
    elif len(code) > MAX_PATH_BYTES or any(len(part) > MAX_NAME_BYTES for part in re.split(rb'[/\\]', code)):
        reason = 'is too long for a file name'
    elif set(parts) <= {'', '.'}:
        reason = 'names no file'
    else:
        return name
    raise InputError(
        f'the name {one_line(repr(name))} {reason}', path, entry, 'names are relative, below the folder of the dataset'
    )


def safe_join(root: PathLike, name: Any, path: PathLike | None = None, entry: str = '') -> Path:
    """``root / name`` for a name from a file; arguments and errors as :func:`check_name`."""
    return Path(root) / check_name(name, path, entry)


def read_bytes(path: PathLike, what: str = '') -> bytes:
    """The bytes of a file.

    Args:
        path: the file.
        what: kind of file, for the message.

    Raises:
        MissingInputError: no such file.
        InputError: it cannot be read.
    """
    what = f'{what} ' if what else ''
    try:
        _check_path(os.fspath(path))
        with open(path, 'rb') as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInputError(
            f'{what}{path} does not exist: no such file. Check the paths, or fetch the file.'
        ) from None
    except OSError as error:
        raise InputError(f'{what}{path} cannot be read ({error.strerror}). Check its path and permissions.') from error


def read_names(path: PathLike, what: str = 'List') -> list[str]:
    """Non-empty lines of a list file, in its order.

    Raises:
        InputError: missing, not text, empty, or a duplicate name.
    """
    try:
        text = read_bytes(path, what).decode('utf-8-sig')
    except UnicodeDecodeError:
        raise InputError('not a text file in UTF-8', path, cure='write one name per line') from None
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise InputError('is empty', path, cure='write one name per line')
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f'{one_line(name)!r} is listed more than once', path, cure='remove the duplicate')
        seen.add(name)
    return names


@contextmanager
def atomic_file(path: PathLike) -> Iterator[BinaryIO]:
    """Open a binary file for atomic writing: it appears under its name only once it is complete.

    It is written in the same folder under a hidden name and renamed; an error (a full disk) or an interruption leaves
    no file. Parent folders are created.

    Raises:
        OSError: as from writing; no file is left behind.
    """
    target = check_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f'.{secrets.token_hex(6)}.part')
    try:
        with open(part, 'xb') as file:
            yield file
            file.flush()
        os.replace(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_bytes(path: PathLike, data: bytes) -> Path:
    """Write a binary file atomically."""
    with atomic_file(path) as file:
        file.write(data)
    return Path(path)


def write_text(path: PathLike, text: str) -> Path:
    """Write a UTF-8 file atomically."""
    return write_bytes(path, text.encode('utf-8'))


def write_lines(path: PathLike, lines: Sequence[str]) -> Path:
    """Write one name per line."""
    return write_text(path, ''.join(f'{line}\n' for line in lines))


def write_with(path: PathLike, write: Callable[[BinaryIO], Any]) -> Path:
    """Write a file atomically by a function that takes an open binary file.

    Example:
        ``write_with('a.npy', lambda file: np.save(file, array))``,
        ``write_with('a.png', lambda file: image.save(file, 'PNG'))``
    """
    with atomic_file(path) as file:
        write(file)
    return Path(path)
