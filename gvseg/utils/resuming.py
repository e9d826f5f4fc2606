"""Find the checkpoint to resume from, also after a kill, a full disk or a moved folder."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from gvseg.formats.files import write_text

from .checkpoint import check_content, read_checkpoint
from .errors import CheckpointError

POINTER = 'last_checkpoint'
"""File of a work directory that names its newest checkpoint, relative to itself."""
NUMBERED = re.compile(r'(?:iter|epoch)_(\d+)\.pth')


def check_resumable(path: str) -> None:
    """Check that training can resume from a checkpoint.

    Raises:
        CheckpointError: It cannot be read, or holds weights only.
    """
    content = read_checkpoint(path)
    check_content(content, path)
    meta = content.get('meta', {})
    whole = all(isinstance(meta.get(key), int) for key in ('iter', 'epoch'))
    if not whole or not all(isinstance(content.get(key), dict) for key in ('message_hub', 'optimizer')):
        raise CheckpointError(
            f'Checkpoint {path} holds weights only, so training cannot resume from it: start from its '
            f'weights with --cfg-options load_from={path}, without --resume.'
        )


def newest_checkpoint(work_dir: str, folders: Sequence[str] = (), log=print) -> str | None:
    """The newest intact checkpoint of a run.

    ``last_checkpoint`` may be missing, empty, or name another folder after the run was moved; only files in this run's
    folders are used.

    Args:
        work_dir: Folder of the run.
        folders: More folders that the run writes checkpoints to.
        log: Called with each newer file that is skipped, and the reason.

    Returns:
        The file, or ``None`` where the run has written none yet.

    Raises:
        CheckpointError: There are checkpoints, but none can be resumed from.
    """
    faults = []
    for path in _candidates(work_dir, folders):
        try:
            check_resumable(path)
        except CheckpointError as error:
            faults.append(str(error))
            continue
        for fault in faults:
            log(f'{fault} Passed over; going on from {path}.')
        return path
    pointer = Path(work_dir, POINTER)
    if faults or pointer.exists():
        reason = faults[0] if faults else f'{pointer} names {_named(work_dir) or "nothing"}, which is not there.'
        raise CheckpointError(
            f'{work_dir} has no whole checkpoint to resume from: {reason} Name another with --resume '
            f'FILE, or empty {work_dir} to begin anew.'
        )
    return None


def checkpoint_folders(work_dir: str, out_dir: str | None) -> list[str]:
    """Folders beside the work directory that ``CheckpointHook(out_dir=...)`` writes this run's checkpoints to."""
    return [] if out_dir is None else [os.path.join(out_dir, Path(work_dir).name)]


def write_pointer(work_dir: str, checkpoint: str) -> None:
    """Atomically write the name of the newest checkpoint."""
    write_text(Path(work_dir, POINTER), os.path.relpath(checkpoint, work_dir))


def _candidates(work_dir: str, folders: Sequence[str]) -> list[str]:
    """Checkpoints of a run, the newest first; one without a number in its name is found by ``last_checkpoint`` only."""
    own = [Path(folder) for folder in (work_dir, *folders)]
    numbered = [
        (int(match.group(1)), path)
        for folder in own
        for path in folder.glob('*.pth')
        if (match := NUMBERED.fullmatch(path.name))
    ]
    found = [path for _, path in sorted(numbered, key=lambda entry: entry[0], reverse=True)]
    named = _named(work_dir)
    for folder in own if named else ():
        path = folder / Path(named).name  # the path is stale after the folder was moved
        if path.is_file() and path not in found:
            found.insert(0, path)
    return [str(path) for path in found]


def _named(work_dir: str) -> str:
    try:
        return Path(work_dir, POINTER).read_text(encoding='utf-8').strip()
    except (OSError, UnicodeDecodeError):
        return ''
