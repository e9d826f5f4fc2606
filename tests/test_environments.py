"""The scripts that make environments: which Python they take, and what they say when they cannot."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(script: str, venv: Path, **variables: str) -> subprocess.CompletedProcess:
    environment = dict(os.environ, HOME=str(venv.parent), **variables)
    return subprocess.run(
        ['bash', str(ROOT / 'tools/misc' / script), str(venv)],
        env=environment,
        text=True,
        capture_output=True,
        timeout=60,
    )


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """A command that is no Python of the supported versions."""
    (tmp_path / 'python3.99').write_text('#!/bin/sh\nexit 1\n')
    (tmp_path / 'python3.99').chmod(0o755)
    return tmp_path / 'python3.99'


@pytest.mark.parametrize('name', ['python-that-is-not-there', None])
def test_a_python_that_was_named_is_taken_or_refused(name: str | None, old_python: Path, tmp_path: Path) -> None:
    """It must not be another one in silence."""
    result = run('make_venv.sh', tmp_path / 'venv', PYTHON=name or str(old_python))
    assert result.returncode == 1 and not (tmp_path / 'venv').exists()
    assert result.stderr.strip() == f'error: PYTHON={name or old_python} is not there, or not Python 3.10 to 3.13'


@pytest.mark.parametrize('seconds, status', [('20', 0), ('', 1)])
def test_the_classic_line_is_skipped_with_a_line_where_time_is_limited(
    seconds: str, status: int, old_python: Path, tmp_path: Path
) -> None:
    result = run('test_classic.sh', tmp_path / 'venv', PYTHON=str(old_python), BUILD_SECONDS=seconds)
    assert result.returncode == status and 'test-classic skipped: no environment of the classic line' in result.stdout


def test_what_is_tested_fits_what_is_asked_for() -> None:
    from packaging.requirements import Requirement

    asked, tested = (
        [
            Requirement(line)
            for line in (ROOT / 'requirements' / name).read_text().splitlines()
            if line and not line.startswith('#')
        ]
        for name in ('classic.txt', 'classic_tested.txt')
    )
    versions = {part.name: str(part.specifier).removeprefix('==') for part in tested}
    assert all(part.specifier.contains(versions[part.name]) for part in asked if part.name in versions)
    assert {'mmengine', 'mmcv-lite', 'mmdet', 'mmsegmentation', 'numpy', 'torch'} <= set(versions)
