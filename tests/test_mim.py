"""A wheel and an editable install, each in an environment of its own, in a folder that is not the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip('mim')
pytest.importorskip('wheel')
pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
NAME = 'gvseg-vss_tiny_1xb2-4k_moving-shapes-small.py'
SHORT = [
    '--cfg-options',
    'train_cfg.max_iters=2',
    'train_cfg.val_interval=2',
    'default_hooks.checkpoint.interval=2',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
]


def environment(root: Path, *install: str) -> Path:
    """Interpreter of a fresh environment with GvSeg; all else comes from the running one."""
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(root / 'venv')], check=True)
    python = root / 'venv/bin/python'
    subprocess.run(
        [
            sys.executable,
            '-m',
            'pip',
            '--python',
            str(python),
            'install',
            '-q',
            '--no-deps',
            '--no-index',
            '--force-reinstall',
            *install,
        ],
        check=True,
        capture_output=True,
    )
    (packages,) = (root / 'venv').glob('lib/python*/site-packages')
    # Lines of .pth files in that folder are not read, so an editable GvSeg there stays out of sight.
    installed = Path(sysconfig.get_paths()['purelib'])
    (packages / 'rest.pth').write_text(f'{installed}\n')
    # Nor is setuptools' own, which gives mmengine the distutils that Python 3.12 has no longer.
    if (installed / 'distutils-precedence.pth').exists():
        shutil.copy(installed / 'distutils-precedence.pth', packages / 'setuptools.pth')
    return python


@pytest.fixture(scope='module')
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of an environment with the wheel."""
    root = tmp_path_factory.mktemp('wheel')
    subprocess.run(
        [
            sys.executable,
            'setup.py',
            '-q',
            'egg_info',
            '--egg-base',
            str(root),
            'build',
            '--build-base',
            str(root / 'build'),
            'bdist_wheel',
            '--bdist-dir',
            str(root / 'bdist'),
            '--dist-dir',
            str(root),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = root.glob('gvseg-*.whl')
    return environment(root, str(wheel))


def without_path() -> dict[str, str]:
    """Variables of a process that sees what is installed, not this checkout, and no GPU."""
    variables = dict(os.environ, OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='-1')
    variables.pop('PYTHONPATH', None)
    return variables


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs the environment's interpreter in an empty folder on a CPU and returns what it printed."""
    variables = dict(without_path(), PATH=f'{python.parent}{os.pathsep}{os.environ["PATH"]}')

    def start(*command: str) -> str:
        result = subprocess.run(
            [str(python), *command],
            cwd=tmp_path,
            env=variables,
            text=True,
            timeout=300,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert result.returncode == 0, result.stdout[-4000:]
        return result.stdout

    return start


def test_train_and_test_from_a_wheel(run: Callable[..., str], python: Path, tmp_path: Path) -> None:
    shipped = Path(run('-c', 'import gvseg; print(gvseg.__file__)').strip()).parent / '.mim'
    assert python.parents[1] in shipped.parents and ROOT not in shipped.parents
    for split in ('train', 'val'):
        run(
            str(shipped / 'tools/dataset_converters/moving_shapes.py'),
            '--split',
            split,
            '--videos',
            '2',
            '--frames',
            '4',
        )
    run('-m', 'mim', 'train', 'gvseg', NAME, '--gpus', '0', '--work-dir', 'trained', *SHORT)
    said = run('-m', 'mim', 'run', 'gvseg', 'test', NAME, 'trained/iter_2.pth', '--work-dir', 'tested')
    assert 'mIoU' in said and (tmp_path / 'tested').is_dir()


def test_search_knows_the_models(run: Callable[..., str]) -> None:
    assert f'config id: {NAME[:-3]}' in run('-m', 'mim', 'search', 'gvseg', '--model', 'gvseg-vss')


FIND = """
import sys
import gvseg
print(gvseg.__file__)
assert not {'torch', 'mmengine'} & set(sys.modules)
from mmengine.config import Config
from mmengine.hub import get_config
config = Config.fromfile('mine.py')
assert config.custom_imports.imports == ['json'], config.custom_imports
assert config.train_dataloader.dataset.pipeline[-1].type == 'PackClipInputs'
assert get_config('gvseg::vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py').model.track_head.num_classes == 11
"""
MINE = """
_base_ = 'gvseg::vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py'
custom_imports = dict(_delete_=True, imports=['json'])
train_dataloader = dict(dataset=dict(pipeline=[*_base_.train_pipeline]))
"""
BUILD = """
from gvseg.apis import load_model, shipped_model
for task in ('vis', 'vss', 'vps', 'evs'):
    print('shipped', *shipped_model(task))
from gvseg.utils.config import check_parts, load_config
load_config('gvseg::vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py')
config = load_config('mine.py')
check_parts(config, 'mine.py')  # though its custom_imports do not name GvSeg
model, _ = load_model(config, 'gvseg://gvseg-vss_tiny_moving-shapes')
from importlib.metadata import requires
for extra, name in (('openmmlab', 'onedl-mmdetection'), ('openmmlab-classic', 'mmdet')):
    assert any(line.startswith(name) and line.endswith(f'extra == "{extra}"') for line in requires('gvseg')), extra
print(type(model).__name__)
"""


def test_a_wheel_is_found_by_mmengine_and_brings_its_models(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / 'mine.py').write_text(MINE)
    run('-c', FIND)
    said = run('-c', BUILD)
    # Only these lines count: a warning of a package may name the environment's folder, which may lie inside the clone.
    shipped = [Path(path) for line in said.splitlines() if line.startswith('shipped ') for path in line.split()[1:]]
    assert said.rstrip().endswith('GvSeg') and len(shipped) == 8, said
    assert not any(path.is_relative_to(ROOT) for path in shipped), shipped


def test_an_editable_clone_is_found_from_the_folder_above_it(tmp_path: Path) -> None:
    clone = tmp_path / 'gvseg'  # as `git clone ... gvseg` makes it: a folder named like the package in it
    clone.mkdir()
    for name in ('gvseg', 'configs', 'requirements'):
        shutil.copytree(ROOT / name, clone / name, symlinks=True, ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('setup.py', 'pyproject.toml', 'README.md', 'LICENSE', 'model-index.yml'):
        shutil.copy(ROOT / name, clone)
    # What `pip install --editable` does, without the downloads of an isolated build.
    build = f'from setuptools.build_meta import build_editable; build_editable({str(tmp_path)!r})'
    subprocess.run([sys.executable, '-c', build], cwd=clone, check=True, capture_output=True)
    (wheel,) = tmp_path.glob('gvseg-*.whl')
    python = environment(tmp_path, str(wheel))
    (tmp_path / 'mine.py').write_text(MINE)
    result = subprocess.run(
        [str(python), '-c', FIND],
        cwd=tmp_path,
        env=without_path(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == 0 and result.stdout.startswith(str(clone / 'gvseg/__init__.py')), result.stdout


def test_a_missing_mmdet_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / 'absent.py').write_text(
        'import sys\nfrom importlib import metadata\nfind = metadata.version\n\n\ndef version(name):\n'
        '    if "mmdet" in name:\n        raise metadata.PackageNotFoundError(name)\n    return find(name)\n\n\n'
        'metadata.version = version\nfrom gvseg.entry import entry_point\n'
        'sys.exit(entry_point(lambda given: given)(lambda options: 0)())\n'
    )
    result = subprocess.run(
        [sys.executable, str(tmp_path / 'absent.py')],
        text=True,
        capture_output=True,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    assert result.returncode == 2 and result.stderr.count('\n') == 1
    assert 'GvSeg needs mmdet, which is not installed' in result.stderr and 'gvseg[openmmlab]' in result.stderr
