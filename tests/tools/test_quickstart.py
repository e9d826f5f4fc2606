"""The quick start on untrained weights: everything a newcomer sees, but the scores; and what may go wrong."""

import errno
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import av
import cv2
import pytest
import torch
from mmengine.config import Config

from gvseg.apis import load_model
from gvseg.apis.loading import GENERAL_CONFIG, GENERAL_WEIGHTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope='module')
def quickstart() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location('quickstart', ROOT / 'tools' / 'quickstart.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights under the name of the shipped ones, in half precision as those."""
    folder = tmp_path_factory.mktemp('weights')
    torch.manual_seed(0)
    model, _ = load_model(ROOT / GENERAL_CONFIG, None)
    state = {name: value.half() if value.is_floating_point() else value for name, value in model.state_dict().items()}
    torch.save(dict(state_dict=state), folder / GENERAL_WEIGHTS)
    return folder


def options(out: Path, weights: Path) -> list[str]:
    return ['--out', str(out), '--weights', str(weights), '--videos', '1', '--frames', '7', '--pictures', '1']


@pytest.fixture(scope='module')
def finished(quickstart: ModuleType, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished quick start of one video."""
    out = tmp_path_factory.mktemp('quickstart')
    quickstart.main(options(out, weights))
    return out


def test_all_tasks_are_scored(finished: Path) -> None:
    metrics = json.loads((finished / 'metrics.json').read_text(), parse_constant=pytest.fail)
    assert list(metrics) == ['vis', 'vss', 'vps', 'evs-mask', 'evs-point']
    for task, name in (('vis', 'AP50'), ('vss', 'mIoU'), ('vps', 'VPQ'), ('evs-mask', 'J&F'), ('evs-point', 'J&F')):
        assert 0 <= next(value for key, value in metrics[task].items() if key.endswith(name)) <= 1
    assert next(value for key, value in metrics['vss'].items() if key.endswith('mVC16')) is None  # 7 frames only


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps', 'evs-mask', 'evs-point'])
def test_every_task_has_a_video_and_a_sheet_with_ground_truth(finished: Path, task: str) -> None:
    (sheet,) = finished.glob(f'{task}_video-*.png')
    rows = 3  # input, prediction, ground truth
    assert cv2.imread(str(sheet)).shape[0] > rows * 144
    (video,) = finished.glob(f'{task}_video-*.mp4')
    with av.open(str(video)) as container:
        assert len(list(container.decode(video=0))) == 7


def test_a_value_that_does_not_exist_is_a_dash(quickstart: ModuleType) -> None:
    lines = quickstart.table({'vis': {'vis/AP': 0.5, 'vis/APl': -1.0, 'vis/AR1': float('nan')}}).splitlines()
    assert lines[-1].split() == ['vis', 'AP', '50.00', 'APl', '-', 'AR1', '-']


@pytest.mark.parametrize(('more', 'model'), [([], 'general'), (['--single'], 'vis')])
def test_missing_weights_are_named_first(
    quickstart: ModuleType, more: list, model: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        quickstart.main([*options(tmp_path / 'out', tmp_path / 'nowhere'), *more])
    assert f'gvseg-{model}_tiny_moving-shapes.pth are missing: get them back with' in capsys.readouterr().err
    assert not (tmp_path / 'out' / 'data').exists()


@pytest.mark.parametrize('options', [['--videos', '0'], ['--frames', '-1'], ['--seed', '-1'], ['--pictures', 'x']])
def test_numbers_are_checked_first(quickstart: ModuleType, options: list, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stopped:
        quickstart.main(options)
    assert stopped.value.code == 2 and f'argument {options[0]}' in capsys.readouterr().err


def test_an_unwritable_folder_is_named(
    quickstart: ModuleType, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(SystemExit):
        quickstart.main(options(tmp_path / 'file' / 'out', weights))
    assert 'Cannot write to the work directory' in capsys.readouterr().err


def test_a_full_disk_keeps_what_is_finished(
    quickstart: ModuleType,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:

    def evaluate(entry, *_) -> dict[str, float]:
        if entry.task == 'vps':
            raise OSError(errno.ENOSPC, 'No space left on device', 'somewhere/vps.png')
        return {'score': 0.25}

    monkeypatch.setattr(quickstart, 'evaluate', evaluate)
    monkeypatch.setattr(quickstart, 'generate', lambda arguments: tmp_path)
    with pytest.raises(SystemExit):
        quickstart.main(options(tmp_path, weights))
    printed = capsys.readouterr()
    assert 'Cannot write to somewhere/vps.png: No space left on device' in printed.err
    assert printed.err.count('\n') == 1
    assert '25.00' in printed.out
    assert json.loads((tmp_path / 'metrics.json').read_text()) == {'vis': {'score': 0.25}, 'vss': {'score': 0.25}}


def test_a_full_disk_while_generating_is_named(
    quickstart: ModuleType,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:

    def generate_split(*_) -> None:
        raise OSError('Cannot write Moving Shapes to there: No space left on device.')

    monkeypatch.setattr(quickstart, 'generate_split', generate_split)
    with pytest.raises(SystemExit):
        quickstart.main(options(tmp_path, weights))
    assert 'Cannot write Moving Shapes to there' in capsys.readouterr().err


def test_configs_are_moved_onto_the_generated_videos(quickstart: ModuleType, tmp_path: Path) -> None:
    config = Config.fromfile(next((ROOT / 'configs' / 'evs').glob('gvseg-*_tiny_*_moving-shapes.py')))
    adapted = quickstart.adapt(config, quickstart.Entry('evs', 'point'), tmp_path / 'data', tmp_path)
    assert str(adapted.test_dataloader.dataset.data_root) == str(tmp_path / 'data' / 'val' / 'ytvos')
    assert [step['kinds'] for step in adapted.test_dataloader.dataset.pipeline if 'kinds' in step] == ['point']
    assert config.test_dataloader.dataset.data_root.startswith(config.data_root)
    assert 'train_dataloader' not in adapted
