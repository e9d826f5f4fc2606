"""Errors of bad user input: what is wrong and how to fix it."""

import re
from pathlib import Path

MAX_LENGTH = 1000
_CONTROL = re.compile('[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+')


class InputError(ValueError):
    """A file, value or option that cannot be used; tools print its message as one line and exit with status 2.

    A plugin's errors are treated in the same way where they derive from this class, or carry a true attribute
    ``is_input_error`` (for a plugin that does not import GvSeg).

    Args:
        problem: what is wrong; the whole message if it already names the file.
        path: the file or folder.
        entry: location in the file, such as "video 3, frame 00010".
        cure: how to fix it.
    """

    is_input_error = True

    def __init__(self, problem: object = '', path: 'str | Path | None' = None, entry: str = '', cure: str = '') -> None:
        place = [] if path is None else [str(path)]
        message = ': '.join([*place, *([entry] if entry else []), str(problem)])
        # ValueError's own, since OSError's initialiser would read the arguments as errno and strerror.
        ValueError.__init__(self, _cleaned(f'{message}; {cure}' if cure else message))
        self.path, self.entry, self.cure = path, entry, cure

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ''


class MissingInputError(InputError, FileNotFoundError):
    """A required file or folder does not exist."""


def is_input_error(error: BaseException) -> bool:
    """Whether an error is caused by bad input, so that its message needs no traceback; see :class:`InputError`."""
    return bool(getattr(error, 'is_input_error', False))


def one_line(text: object, length: int = 80) -> str:
    """Text from a file for use in a message: control characters removed, truncated to ``length``."""
    line = _CONTROL.sub(lambda found: found.group().encode('unicode_escape').decode(), str(text))
    return line if len(line) <= length else f'{line[:length]}...'


def _cleaned(message: str) -> str:
    """Limit the length of a message; line breaks stay, since a data loader worker prepends its traceback."""
    lines = [one_line(line, MAX_LENGTH) for line in message.split('\n')]
    return '\n'.join(lines)
