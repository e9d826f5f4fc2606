"""mim trains and tests from a wheel in an environment of its own, in a folder that is not the checkout."""
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Callable

import pytest

pytest.importorskip('mim')
pytest.importorskip('wheel')
ROOT = Path(__file__).resolve().parents[1]
NAME = 'gvseg-vss_tiny_1xb2-4k_moving-shapes-small.py'
SHORT = ('--cfg-options train_cfg.max_iters=2 train_cfg.val_interval=2 default_hooks.checkpoint.interval=2 '
         'train_dataloader.num_workers=0 train_dataloader.persistent_workers=False').split()


@pytest.fixture(scope='module')
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of a fresh environment with the wheel; all but GvSeg comes from the running one."""
    root = tmp_path_factory.mktemp('wheel')
    subprocess.run([sys.executable, 'setup.py', '-q', 'egg_info', '--egg-base', str(root), 'build', '--build-base',
                    str(root / 'build'), 'bdist_wheel', '--bdist-dir', str(root / 'bdist'), '--dist-dir', str(root)],
                   cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(root / 'venv')], check=True)
    python = root / 'venv/bin/python'
    wheel, = root.glob('gvseg-*.whl')
    subprocess.run([sys.executable, '-m', 'pip', '--python', str(python), 'install', '-q', '--no-deps', '--no-index',
                    '--force-reinstall', str(wheel)], check=True, capture_output=True)
    packages, = (root / 'venv').glob('lib/python*/site-packages')
    # Lines of .pth files in that folder are not read, so an editable GvSeg there stays out of sight.
    installed = Path(sysconfig.get_paths()['purelib'])
    (packages / 'rest.pth').write_text(f'{installed}\n')
    # Nor is setuptools' own, which gives mmengine the distutils that Python 3.12 has no longer.
    if (installed / 'distutils-precedence.pth').exists():
        shutil.copy(installed / 'distutils-precedence.pth', packages / 'setuptools.pth')
    return python


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs the environment's interpreter in an empty folder on a CPU and returns what it printed."""
    environment = dict(os.environ, OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='-1',
                       PATH=f'{python.parent}{os.pathsep}{os.environ["PATH"]}')
    environment.pop('PYTHONPATH', None)

    def start(*command: str) -> str:
        result = subprocess.run([str(python), *command], cwd=tmp_path, env=environment, text=True, timeout=300,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert result.returncode == 0, result.stdout[-4000:]
        return result.stdout

    return start


def test_train_and_test_from_a_wheel(run: Callable[..., str], python: Path, tmp_path: Path) -> None:
    shipped = Path(run('-c', 'import gvseg; print(gvseg.__file__)').strip()).parent / '.mim'
    assert python.parents[1] in shipped.parents and ROOT not in shipped.parents
    for split in ('train', 'val'):
        run(str(shipped / 'tools/dataset_converters/moving_shapes.py'), '--split', split, '--videos', '2',
            '--frames', '4')
    run('-m', 'mim', 'train', 'gvseg', NAME, '--gpus', '0', '--work-dir', 'trained', *SHORT)
    said = run('-m', 'mim', 'run', 'gvseg', 'test', NAME, 'trained/iter_2.pth', '--work-dir', 'tested')
    assert 'mIoU' in said and (tmp_path / 'tested').is_dir()


def test_search_knows_the_models(run: Callable[..., str]) -> None:
    assert f'config id: {NAME[:-3]}' in run('-m', 'mim', 'search', 'gvseg', '--model', 'gvseg-vss')
