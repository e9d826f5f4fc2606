"""Files of public weights in the cache of the Hugging Face hub, fetched where they are missing.

``huggingface_hub`` is imported by the functions that need it; files that are in its cache are taken without a network.
"""

import hashlib
import re
from pathlib import Path
from types import ModuleType

from gvseg.formats.errors import one_line
from gvseg.utils.errors import CheckpointError
from gvseg.utils.public_weights import PublicWeights

SHA256 = re.compile('[0-9a-f]{64}')
CHUNK = 2**22


def fetch(weights: PublicWeights) -> Path:
    """The weights' file in the hub's cache; ``config.json`` lies beside it.

    Raises:
        CheckpointError: it is not there and cannot be fetched; gives the command that fetches it by hand.
    """
    if weights.url:
        raise CheckpointError(
            f'{weights.name} is no repository of the hub: fetch its file with "{weights.command}" and give '
            f'--model {weights.files[0]}.'
        )
    hub = _hub(weights)
    return _cached(hub, weights) or _download(hub, weights)


def check_content(file: Path, weights: PublicWeights) -> None:
    """Compare a file with its SHA-256: that of the table, or where it has none that by which the hub's cache names it.

    Raises:
        CheckpointError: it is another file, or a damaged one.
    """
    stored = file.resolve().name
    expected = weights.sha256 or (stored if SHA256.fullmatch(stored) else None)
    if expected is None:
        return
    found = hashlib.sha256()
    with file.open('rb') as stream:
        while block := stream.read(CHUNK):
            found.update(block)
    if found.hexdigest() != expected:
        raise CheckpointError(
            f'{file} is damaged, or not the file that was published: its SHA-256 is {found.hexdigest()[:16]}..., not '
            f'{expected[:16]}.... Delete {file.resolve()} and run again, or "{weights.command} --force-download".'
        )


def identity(file: Path) -> str:
    """What tells one version of a file from another: the hub's name of its content, else size, time and place."""
    stored, state = file.resolve(), file.stat()
    return stored.name if SHA256.fullmatch(stored.name) else f'{state.st_size} {state.st_mtime_ns} {stored}'


def _hub(weights: PublicWeights) -> ModuleType:
    """The library of the hub."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise CheckpointError(
            f'{weights.name} is fetched with huggingface_hub, which is not installed: run "pip install '
            'huggingface_hub", or fetch the files another way and give --model FOLDER.'
        ) from error
    return huggingface_hub


def _cached(hub: ModuleType, weights: PublicWeights) -> Path | None:
    """The file, if it and ``config.json`` are in the cache."""
    places = [hub.try_to_load_from_cache(weights.repository, name) for name in ('config.json', *weights.files)]
    config, *files = (Path(place) if isinstance(place, str) else None for place in places)
    found = next((file for file in files if file is not None and file.is_file()), None)
    return found if config is not None and config.is_file() else None


def _download(hub: ModuleType, weights: PublicWeights) -> Path:
    """Fetch ``config.json`` and the first of the possible files that the repository has."""
    from huggingface_hub import errors

    try:
        hub.hf_hub_download(weights.repository, 'config.json')
        for name in weights.files:
            try:
                return Path(hub.hf_hub_download(weights.repository, name))
            except errors.LocalEntryNotFoundError:  # no network
                raise
            except errors.EntryNotFoundError:
                continue
    except Exception as error:  # no network, a proxy, a full disk: the hub's library raises many kinds
        raise CheckpointError(f'{_advice(weights, error, errors)} ({_reason(error)})') from error
    raise CheckpointError(
        f'{weights.repository} has no file {" or ".join(weights.files)}: find its weights on the hub, fetch them with '
        f'"hf download {weights.repository} config.json FILE --local-dir FOLDER" and give --model FOLDER.'
    )


def _advice(weights: PublicWeights, error: Exception, errors: ModuleType) -> str:
    """What a user can do about a failed download."""
    if isinstance(error, errors.GatedRepoError):
        what = 'asks you to log in and accept its terms: do so on the hub, run "hf auth login", and again'
    elif isinstance(error, errors.RepositoryNotFoundError):
        what = 'is not on the hub, or closed: run "hf auth login" if you have access, or fetch it where it is now:'
    else:
        what = 'cannot be fetched: with a network, run'
    return (
        f'{weights.repository} {what} "{weights.command}"; or run that on another computer with --local-dir FOLDER, '
        'copy the folder and give --model FOLDER'
    )


def _reason(error: Exception) -> str:
    """First line of an error."""
    text = str(error).strip()
    return one_line(text.splitlines()[0], 160) if text else type(error).__name__
