"""How a command starts and ends: options first, then the libraries, and one clear line where something is wrong."""

import contextlib
import errno
import importlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import NoReturn, TypeVar

from .utils.errors import is_input_error
from .utils.setup_env import register_all_modules
from .utils.versions import NEEDED, IncompatibleVersionError, check_versions

Options = TypeVar('Options')
EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 2, 130, 141
#: Packages that print a note about each optional package they miss, as soon as they are imported.
NOISY = ('mmdet.datasets', 'mmseg.datasets')


def entry_point(
    parse: Callable[[Sequence[str] | None], Options], openmmlab: bool = True
) -> Callable[[Callable[[Options], int | None]], Callable[..., int]]:
    """Decorator of a command's main function.

    The options are parsed before any large library is imported, so that ``--help`` and wrong options are answered at
    once; such imports belong into the functions that need them. Exit status: what the function returns; 2 for bad
    input (one line); 130 after Ctrl-C; 141 where the reader of the output has gone, as ``head`` does.

    Args:
        parse: reads the command line; ``None`` stands for that of the process.
        openmmlab: whether the command needs torch and the OpenMMLab packages.
    """

    def decorate(function: Callable[[Options], int | None]) -> Callable[..., int]:
        @wraps(function)
        def main(arguments: Sequence[str] | None = None) -> int:
            options = parse(arguments)
            with readable_errors():
                if openmmlab:
                    load_openmmlab()
                return function(options) or 0

        return main

    return decorate


def load_openmmlab() -> None:
    """Import mmdet, mmseg and GvSeg's own parts, without what the former print about optional packages.

    Raises:
        IncompatibleVersionError: one is missing, or of a version that does not work.
    """
    check_versions(NEEDED)
    let_threads_sleep()
    warnings.filterwarnings('ignore', category=UserWarning, module='mmdet|torch')
    with contextlib.redirect_stdout(io.StringIO()):
        for name in NOISY:
            importlib.import_module(name)
    register_all_modules(init_default_scope=False)


def let_threads_sleep() -> None:
    """Idle threads of OpenMP sleep instead of waiting in a loop; effective until torch is first imported.

    Looping threads keep the cores from other processes and, where these are busy, from their own process: two threads
    beside other work were ten times slower than one. A value of ``OMP_WAIT_POLICY`` that is set stays.
    """
    os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')


@contextlib.contextmanager
def readable_errors() -> Iterator[None]:
    """Turn errors that name what the user should do into one line and exit status 2.

    These are :class:`~gvseg.formats.errors.InputError`, its subclasses and the errors of plugins that carry a true
    ``is_input_error``. Ctrl-C and a closed pipe end the process quietly. Anything else keeps its traceback.
    """
    try:
        yield
    except KeyboardInterrupt:
        _leave('interrupted', EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at exit
        sys.exit(EXIT_BROKEN_PIPE)
    except Exception as error:
        if is_input_error(error) or isinstance(error, IncompatibleVersionError):
            _leave(f'error: {_sentence(error)}')
        if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _leave(
            f'error: The disk is full{f" while writing {error.filename}" if error.filename else ""}: free some space '
            'and run again; training goes on from its last checkpoint with --resume.'
        )


def _sentence(error: Exception) -> str:
    """The message; a data loading worker puts its whole traceback before it."""
    lines = str(error).strip().splitlines() or ['']
    name = f'{type(error).__module__}.{type(error).__qualname__}: '
    return lines[-1].replace(name, '', 1)


def _leave(message: str, status: int = EXIT_BAD_INPUT) -> NoReturn:
    """Print one line and end the process."""
    sys.stdout.flush()
    print(message, file=sys.stderr)
    sys.exit(status)
