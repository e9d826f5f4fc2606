"""What mim needs: a list of models that is true, and configs, tools and that list inside the built package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
TASKS = ('vis', 'vss', 'vps', 'evs', 'general', 'ablation')


def metafile(task: str) -> dict:
    """A task's list of models."""
    return yaml.safe_load((ROOT / f'configs/{task}/metafile.yml').read_text())


def test_the_index_imports_every_task() -> None:
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    assert index == dict(Import=[f'configs/{task}/metafile.yml' for task in TASKS])


@pytest.mark.parametrize('task', TASKS)
def test_every_config_is_listed_once(task: str) -> None:
    content = metafile(task)
    (collection,) = content['Collections']
    configs = sorted(f'configs/{task}/{path.name}' for path in (ROOT / 'configs' / task).glob('*.py'))
    assert sorted(model['Config'] for model in content['Models']) == configs
    for model in content['Models']:
        assert model['Name'] == Path(model['Config']).stem and model['In Collection'] == collection['Name']
        named = re.search(r'_(\d)xb(\d)-', model['Name'])
        assert model['Metadata'].get('Batch Size') == (int(named[1]) * int(named[2]) if named else None)


def test_the_built_package_holds_what_mim_looks_for(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            'setup.py',
            '-q',
            'egg_info',
            '--egg-base',
            str(tmp_path),
            'build',
            '--build-base',
            str(tmp_path / 'build'),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    shipped, first = (tmp_path / f'build/lib/{package}/.mim' for package in ('gvseg', '+gvseg_mim'))
    # What mim runs where it takes the first folder that pip recorded; weights lie in the package alone.
    here = {path.relative_to(shipped) for path in shipped.rglob('*')}
    assert {path.relative_to(first) for path in first.rglob('*')} == {
        path for path in here if path.parts[0] != 'weights'
    }
    for folder in ('configs', 'tools', 'weights'):
        # Compiled files and caches aside.
        names = {
            path.relative_to(ROOT) for path in (ROOT / folder).rglob('*') if path.is_file() and path.suffix != '.pyc'
        }
        assert names == {path for path in here if path.parts[0] == folder and (shipped / path).is_file()}
    assert (shipped / 'model-index.yml').is_file() and (shipped.parent / 'core/similarity.py').is_file()


def test_a_checkout_holds_what_mmengine_looks_for() -> None:
    for name in ('configs', 'tools', 'weights', 'model-index.yml'):
        assert (ROOT / 'gvseg/.mim' / name).resolve() == ROOT / name
