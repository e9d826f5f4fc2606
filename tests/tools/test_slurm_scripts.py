"""The Slurm scripts with a stand-in for srun, which notes how it was called and runs the command once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toy.running import CONFIG, ROOT, TOY

SRUN = f"""#!{sys.executable}
import json, os, subprocess, sys
command = next(index for index, word in enumerate(sys.argv) if not word.startswith('-') and index)
names = ('PYTHONPATH', 'SLURM_NTASKS')
os.environ['SLURM_NTASKS'] = next(word.split('=')[1] for word in sys.argv if word.startswith('--ntasks='))
with open(os.environ['SRUN_NOTES'], 'w') as file:
    json.dump(dict(options=sys.argv[1:command], command=sys.argv[command:],
                   environment={{name: os.environ[name] for name in names}}), file)
sys.exit(subprocess.call(sys.argv[command:]))
"""


def run(folder: Path, script: str, *arguments: str, **variables: str) -> tuple[subprocess.CompletedProcess, dict]:
    """A script's result and what srun was asked for."""
    srun = folder / 'bin' / 'srun'
    srun.parent.mkdir()
    srun.write_text(SRUN)
    srun.chmod(0o755)
    environment = dict(
        os.environ,
        PATH=f'{srun.parent}{os.pathsep}{os.environ["PATH"]}',
        SRUN_NOTES=str(folder / 'notes.json'),
        PYTHON=sys.executable,
        PYTHONPATH=str(TOY),
        OMP_NUM_THREADS='1',
        CUDA_VISIBLE_DEVICES='-1',
        **variables,
    )
    result = subprocess.run(
        ['bash', str(ROOT / 'tools' / script), *arguments], env=environment, text=True, capture_output=True, timeout=300
    )
    return result, json.loads((folder / 'notes.json').read_text())


@pytest.mark.parametrize('script', ['slurm_train.sh', 'slurm_test.sh'])
def test_srun_gets_the_cluster_s_options_and_the_tool_its_own(script: str, tmp_path: Path) -> None:
    work_dir, train = str(tmp_path / 'work'), script == 'slurm_train.sh'
    fourth = work_dir if train else 'some.pth'
    rest = ['--amp'] if train else ['--tta']
    result, notes = run(
        tmp_path,
        script,
        'gpu',
        'toy',
        CONFIG,
        fourth,
        *rest,
        '--help',
        GPUS='4',
        GPUS_PER_NODE='2',
        CPUS_PER_TASK='3',
        SRUN_ARGS='--time=10 --exclusive',
    )
    assert result.returncode == 0 and 'usage:' in result.stdout, result.stderr
    assert notes['options'] == [
        '--partition=gpu',
        '--job-name=toy',
        '--gres=gpu:2',
        '--ntasks=4',
        '--ntasks-per-node=2',
        '--cpus-per-task=3',
        '--kill-on-bad-exit=1',
        '--time=10',
        '--exclusive',
    ]
    python, unbuffered, tool, *arguments = notes['command']
    assert (python, unbuffered) == (sys.executable, '-u')
    assert Path(tool).resolve() == ROOT / 'tools' / ('train.py' if train else 'test.py')
    given = [CONFIG, '--work-dir', work_dir] if train else [CONFIG, 'some.pth']
    assert arguments == [*given, '--launcher', 'slurm', *rest, '--help']
    assert notes['environment'] == dict(PYTHONPATH=f'{ROOT}:{TOY}', SLURM_NTASKS='4')


def test_without_a_gpu_the_other_launcher_is_named(tmp_path: Path) -> None:
    result, notes = run(tmp_path, 'slurm_train.sh', 'gpu', 'toy', CONFIG, str(tmp_path / 'work'))
    assert result.returncode == 2 and '--gres=gpu:8' in notes['options'] and '--ntasks=8' in notes['options']
    assert result.stderr.splitlines()[-1].startswith('error: Launcher slurm needs CUDA: use --launcher pytorch')
