"""Supported versions of GvSeg's dependencies.

A package may come from the maintained line (``onedl-*``) or from the classic OpenMMLab line; both
install the same import names, so the distribution's name is looked up under each of its names.
"""

import re
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Support(NamedTuple):
    """Supported versions: ``lowest <= version < too_new``, and the names to look for."""

    lowest: str
    too_new: str
    distributions: tuple[str, ...]


SUPPORTED: dict[str, Support] = {
    'torch': Support('2.0', '3.0', ('torch',)),
    'mmengine': Support('0.10', '1.0', ('onedl-mmengine', 'mmengine', 'mmengine-lite')),
    'mmcv': Support('2.1', '3.0', ('onedl-mmcv', 'mmcv', 'mmcv-lite')),
    'mmdet': Support('3.3', '4.0', ('onedl-mmdetection', 'mmdet')),
    'mmseg': Support('1.2', '2.0', ('onedl-mmsegmentation', 'mmsegmentation')),
}
NEEDED = tuple(SUPPORTED)


class IncompatibleVersionError(ImportError):
    """A dependency of GvSeg is missing or has an unsupported version."""


def installed_version(package: str) -> str | None:
    """Version of a package by its import name, None where it is not installed.

    Args:
        package (str): A key of ``SUPPORTED``.
    """
    for distribution in SUPPORTED[package].distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None


def _release(text: str) -> tuple[int, ...]:
    """Leading numbers of a version, ``'2.13.0+cpu' -> (2, 13, 0)``; () where there are none."""
    match = re.match(r'v?(\d+(?:\.\d+)*)', text)
    return tuple(map(int, match.group(1).split('.'))) if match else ()


def check_versions(required: tuple[str, ...] = ()) -> None:
    """Check every installed package of ``SUPPORTED``.

    Args:
        required (tuple[str]): Packages that must be installed; others may be absent.

    Raises:
        IncompatibleVersionError: Names the package and the version to install.
    """
    for package, support in SUPPORTED.items():
        found = installed_version(package)
        wanted = f'{support.distributions[0]}>={support.lowest},<{support.too_new}'
        if found is None:
            if package in required:
                raise IncompatibleVersionError(
                    f'GvSeg needs {package}, which is not installed: run "make venv", or install "{wanted}", or after '
                    'torch all of them with pip install "gvseg[openmmlab]".'
                )
            continue
        if not _release(support.lowest) <= _release(found) < _release(support.too_new):
            raise IncompatibleVersionError(
                f'GvSeg needs {package} >={support.lowest},<{support.too_new}, but {found} is '
                f'installed: run "make venv", or install "{wanted}".'
            )
