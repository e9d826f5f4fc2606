"""One process at a time in a folder."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import InputError
from .files import PathLike, check_path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def folder_lock(folder: PathLike, wait: bool = False) -> Iterator[None]:
    """Lock a folder, created if missing; the system releases the lock however the process ends.

    No effect on file systems without locks.

    Args:
        folder: the folder.
        wait: wait for another process that holds the lock instead of raising.

    Raises:
        InputError: another process holds the lock.
    """
    path = check_path(folder)
    path.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise InputError(
                    'another process is writing here', path, cure='wait until it has ended, or choose another folder'
                ) from None
        yield
    finally:
        os.close(handle)
