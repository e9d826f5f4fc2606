"""Where a run writes, checked before anything slow is loaded."""
import os
import tempfile
from pathlib import Path
from typing import Optional

from .errors import WorkDirError


def choose_work_dir(option: Optional[str], from_config: Optional[str], config_file: str) -> str:
    """Work directory by priority: command line, config, ``work_dirs/<name of the config>``."""
    return option or from_config or os.path.join('work_dirs', Path(config_file).stem)


def prepare_work_dir(path: str) -> None:
    """Create the work directory and write one byte into it.

    Permission bits do not tell (the user may be root, the disk read-only or full), so the check
    is a real write.

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
            'space or choose another directory with --work-dir.') from error
