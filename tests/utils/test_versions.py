"""Version checks: both lines of packages, one sentence for each failure, and a light import."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from gvseg.utils import versions
from gvseg.utils.versions import IncompatibleVersionError, check_versions, installed_version


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Pretended distributions; a test fills the dict."""
    table: dict[str, str] = {}

    def version(name: str) -> str:
        if name not in table:
            raise PackageNotFoundError(name)
        return table[name]

    monkeypatch.setattr(versions, 'version', version)
    return table


@pytest.mark.parametrize(
    'packages',
    [
        {
            'torch': '2.13.0+cpu',
            'onedl-mmengine': '0.10.12',
            'onedl-mmcv': '2.3.6',
            'onedl-mmdetection': '3.5.1',
            'onedl-mmsegmentation': '1.4.2',
        },
        {'torch': '2.1.2', 'mmengine': '0.10.4', 'mmcv': '2.1.0', 'mmdet': '3.3.0', 'mmsegmentation': '1.2.2'},
    ],
)
def test_the_maintained_and_the_classic_line_pass(installed: dict[str, str], packages: dict[str, str]) -> None:
    installed.update(packages)
    check_versions(versions.NEEDED)


@pytest.mark.parametrize(
    ('name', 'found'),
    [
        ('mmcv', '2.0.1'),
        ('mmdet', '2.28.2'),
        ('torch', '1.13.1'),
        ('onedl-mmdetection', '4.0.0rc1'),
        ('mmsegmentation', 'unknown'),
    ],
)
def test_a_version_that_does_not_work_gives_one_sentence(installed: dict[str, str], name: str, found: str) -> None:
    installed[name] = found
    with pytest.raises(IncompatibleVersionError) as caught:
        check_versions()
    message = str(caught.value)
    assert found in message and 'make venv' in message and '\n' not in message


def test_an_absent_package_fails_only_where_it_is_needed(installed: dict[str, str]) -> None:
    installed['torch'] = '2.13.0'
    check_versions(('torch',))
    with pytest.raises(IncompatibleVersionError, match='needs mmdet, which is not installed'):
        check_versions(('mmdet',))


def test_the_versions_here_are_found() -> None:
    assert all(installed_version(package) for package in ('torch', 'mmengine', 'mmcv', 'mmdet'))


def test_importing_gvseg_imports_nothing_heavy() -> None:
    code = 'import sys, gvseg; print(sorted({"torch", "numpy", "mmcv", "mmengine", "mmdet"} & set(sys.modules)))'
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == '[]'
