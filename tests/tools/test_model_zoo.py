"""The model zoo says what metafiles, configs and weights say, and shipped weights are fetched by name."""

import re
from pathlib import Path

import pytest
import yaml

from gvseg.utils.checkpoint import read_state
from gvseg.utils.errors import CheckpointError
from tests.scripts import ROOT, tool

SHIPPED = sorted(path.stem for path in (ROOT / 'weights').glob('*.pth'))


def entries() -> list[dict]:
    """All models of all metafiles."""
    zoo = tool('model_zoo')
    return [model for folder in zoo.FOLDERS for model in zoo.metafile(folder)['Models']]


def test_the_pages_are_up_to_date(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    zoo = tool('model_zoo')
    monkeypatch.setattr('sys.argv', ['model_zoo.py', '--check'])
    status = zoo.main()
    assert status == 0, capsys.readouterr().err


def test_an_old_page_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    zoo = tool('model_zoo')
    monkeypatch.setattr(zoo, 'NOTE', 'Another note.')
    monkeypatch.setattr('sys.argv', ['model_zoo.py', '--check'])
    assert zoo.main() == 1 and 'docs/model_zoo.md is out of date' in capsys.readouterr().err


def test_every_config_has_a_line_with_a_command() -> None:
    page = (ROOT / 'docs/model_zoo.md').read_text()
    for path in (ROOT / 'configs').glob('*/*.py'):
        if path.parent.name != '_base_':
            (line,) = (line for line in page.splitlines() if line.startswith(f'| [{path.stem}]('))
            assert f'../configs/{path.parent.name}/{path.name}' in line and line.count('|') == 10


@pytest.mark.parametrize('name', SHIPPED)
def test_shipped_weights_are_in_the_index_with_the_results_of_their_card(name: str) -> None:
    card = (ROOT / f'weights/{name}.md').read_text()
    (model,) = (entry for entry in entries() if entry.get('Weights') == f'gvseg://{name}.pth')
    assert f'`{model["Config"]}`' in card
    for metric, value in model['Results'][0]['Metrics'].items():
        assert str(value) in card, metric
    # The card counts buffers, too: prototypes and the statistics of batch norm.
    stored = int(re.search(r'parameters \| ([\d,]+)', card)[1].replace(',', ''))
    assert 0.98 * stored < model['Metadata']['Parameters'] <= stored


def test_operations_and_parameters_are_counted_for_all_models_but_ablations() -> None:
    for model in entries():
        data = model['Metadata']
        assert 'ablation' in model['Config'] or data['FLOPs'] > data['Parameters'] > 1e6, model['Name']


def test_shipped_weights_are_fetched_by_name(tmp_path: Path) -> None:
    name = 'gvseg-vps_tiny_1xb2-8k_moving-shapes'
    (file,) = tool('download').download([name], str(tmp_path / 'new'))
    assert file.read_bytes() == (ROOT / 'weights/gvseg-vps_tiny_moving-shapes.pth').read_bytes()
    assert '_base_' not in (tmp_path / 'new' / f'{name}.py').read_text()
    assert len(read_state('gvseg://gvseg-vps_tiny_moving-shapes')) == len(read_state(str(file)))


def test_what_is_not_shipped_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match='No weights are shipped for mine; there are some for gvseg-evs_mobile'):
        tool('download').download(['mine'], str(tmp_path))
    with pytest.raises(CheckpointError, match='gvseg://mine names no shipped weights; there are: gvseg-evs_mobile'):
        read_state('gvseg://mine')


def test_every_folder_of_configs_has_a_metafile_and_a_page() -> None:
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())['Import']
    folders = {path.parent.name for path in (ROOT / 'configs').glob('*/*.py')} - {'_base_'}
    assert {f'configs/{folder}/metafile.yml' for folder in folders} == set(index)
    assert all((ROOT / 'configs' / folder / 'README.md').is_file() for folder in folders)
