"""Start the project's tools the way a user does, and read what they wrote."""

import contextlib
import io
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).resolve().parent
ROOT = TOY.parents[1]
CONFIG = str(TOY / 'toy_config.py')


def run_tool(*command: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess:
    """Run a script of ``tools`` on CPUs in a process of its own.

    Args:
        *command (str): Name below ``tools`` and arguments.
        check (bool): Fail the test, with the output, when the script does.
        **variables (str): Further environment variables.
    """
    environment = dict(os.environ, PYTHON=sys.executable, OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='-1')
    environment['PYTHONPATH'] = os.pathsep.join([str(TOY), str(ROOT)])
    environment.pop('MASTER_PORT', None)
    environment.update(variables)
    script = ROOT / 'tools' / command[0]
    start = [sys.executable] if script.suffix == '.py' else ['bash']
    result = subprocess.run(
        [*start, str(script), *command[1:]], env=environment, text=True, capture_output=True, timeout=300
    )
    assert not check or result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
    return result


def error_of(*command: str) -> str:
    """What a tool says when it gives up before it has built anything; runs in this process, which is faster.

    Args:
        *command (str): Name below ``tools`` and arguments.

    Returns:
        str: The one line on the error stream; the tool must end with status 2.
    """
    errors = io.StringIO()
    script = str(ROOT / 'tools' / command[0])
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(errors), pytest.raises(SystemExit) as caught:
        patch.setattr(sys, 'argv', [script, *command[1:]])
        patch.setenv('LOCAL_RANK', '0')
        patch.syspath_prepend(str(TOY))
        runpy.run_path(script, run_name='__main__')
    lines = errors.getvalue().strip().splitlines()
    assert caught.value.code == 2 and len(lines) == 1, errors.getvalue()
    return lines[0]


def logged_losses(work_dir: Path) -> list[float]:
    """Loss of every iteration in the newest log of a run."""
    newest = max(work_dir.glob('*/vis_data/scalars.json'), key=os.path.getmtime)
    rows = [json.loads(line) for line in newest.read_text().splitlines()]
    return [row['loss'] for row in rows if 'loss' in row]
