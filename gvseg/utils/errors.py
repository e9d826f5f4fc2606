"""Errors in the user's input. Tools print them without a traceback."""

from gvseg.formats.errors import InputError, MissingInputError, is_input_error

__all__ = [
    'CheckpointError',
    'ConfigError',
    'InputError',
    'MissingInputError',
    'TrainingError',
    'WorkDirError',
    'is_input_error',
]


class ConfigError(InputError):
    """A config is missing, cannot be read, or names a part that does not exist."""


class CheckpointError(InputError):
    """A checkpoint is missing, damaged, or belongs to another model."""


class WorkDirError(InputError):
    """The work directory cannot be created or written."""


class TrainingError(InputError):
    """Training cannot continue: its losses or weights are no longer numbers."""
