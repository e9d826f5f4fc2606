"""Errors of the readers: one clear sentence that names the file and what to do about it."""


class BadInputError(ValueError):
    """A file or value that cannot be scored; the message names the file and, where there is one, the id."""


class MissingInputError(BadInputError, FileNotFoundError):
    """A file or folder that the benchmark's layout asks for and that is not there."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ''
