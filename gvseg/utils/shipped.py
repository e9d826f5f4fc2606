"""Paths of the shipped configs and weights: in the checkout, or inside an installed wheel."""

from pathlib import Path

from .errors import CheckpointError

PACKAGE = Path(__file__).resolve().parents[1]
SCHEME = 'gvseg://'
"""Prefix of the names of shipped weights: ``gvseg://gvseg-vps_tiny_moving-shapes``."""


def home() -> Path:
    """Folder that holds ``configs``, ``tools``, ``weights`` and ``model-index.yml``.

    ``gvseg/.mim`` holds them in a wheel, and links to them in a checkout.
    """
    index = (PACKAGE / '.mim' / 'model-index.yml').resolve()
    return index.parent if index.is_file() else PACKAGE.parent


def local_path(path: str) -> str:
    """Resolve ``gvseg://NAME`` to the file of shipped weights; other paths are returned unchanged.

    Raises:
        CheckpointError: no weights of that name are shipped.
    """
    if not path.startswith(SCHEME):
        return path
    file = home() / 'weights' / f'{path[len(SCHEME) :].removesuffix(".pth")}.pth'
    if not file.is_file():
        raise CheckpointError(f'{path} names no shipped weights; there are: {", ".join(shipped_names()) or "none"}.')
    return str(file)


def shipped_names() -> list[str]:
    """Names of the shipped weights."""
    return sorted(entry.stem for entry in (home() / 'weights').glob('*.pth'))
