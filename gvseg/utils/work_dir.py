"""Choose and check the output paths of a run before anything slow is loaded."""

import os
import tempfile
from pathlib import Path

from .errors import WorkDirError


def choose_work_dir(option: str | None, from_config: str | None, config_file: str) -> str:
    """Work directory by priority: command line, config, ``work_dirs/<name of the config>``."""
    return option or from_config or os.path.join('work_dirs', Path(config_file).stem)


def prepare_work_dir(path: str) -> None:
    """Create the work directory and write one byte into it.

    Permission bits are not reliable (root, a read-only or full disk), so the check is a real write.

    Args:
        path (str): The directory; its parents are created as needed.

    Raises:
        WorkDirError: Names the directory and the reason.
    """
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b'\0')
            probe.flush()
    except OSError as error:
        raise WorkDirError(
            f'Cannot write to the work directory {path}: {error.strerror or error}. Free some '
            'space or choose another directory with --work-dir.'
        ) from error


def prepare_output_file(path: str | Path, option: str = '--out') -> None:
    """Check that an output file can be written, and create its folder.

    Args:
        path: of the file.
        option: command line option of the path, for messages.

    Raises:
        WorkDirError: it is a folder, or its folder cannot be written.
    """
    path = Path(path)
    if os.path.isdir(path):
        raise WorkDirError(f'{option} {path} is a folder: give the name of a file, for example {path / "result"}.')
    prepare_output_folder(path.parent, option)


def prepare_output_folder(path: str | Path, option: str) -> None:
    """As :func:`prepare_work_dir`, for the folder of another option.

    Raises:
        WorkDirError: names the folder, the option and the reason.
    """
    try:
        prepare_work_dir(str(path))
    except WorkDirError as error:
        reason = getattr(error.__cause__, 'strerror', None) or error
        raise WorkDirError(
            f'Cannot write to the folder {path} of {option}: {reason}. Free some space or choose '
            f'another place with {option}.'
        ) from error
