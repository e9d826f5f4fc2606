"""The errors that mean: what the user gave cannot work. Tools print them without a traceback."""


class InputError(ValueError):
    """Base of them: the message names the file or key and says what to do."""


class ConfigError(InputError):
    """A config is missing, cannot be read, or names a part that does not exist."""


class CheckpointError(InputError):
    """A checkpoint is missing, damaged, or belongs to another model."""


class WorkDirError(InputError):
    """The work directory cannot be created or written."""
