"""The general model, trained by the real tools on all four formats: one process, two, steps in halves, resumed."""

import json
import os
from pathlib import Path

import pytest
import torch

from gvseg.moving_shapes import SplitSettings, generate_split
from tests.toy.running import ROOT, logged_losses, run_tool

pytestmark = pytest.mark.slow
CONFIG = str(ROOT / 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py')
FORMATS = ('ytvis', 'vspw', 'vipseg', 'ytvos')


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Four videos of nine frames, in all formats."""
    root = tmp_path_factory.mktemp('moving_shapes')
    generate_split(root, SplitSettings(split='train', videos=4, frames=9, seed=3))
    return root / 'train'


def options(data: Path, *more: str) -> list[str]:
    """Six iterations from random weights with a log line for each and a checkpoint every three; no validation."""
    return [
        '--cfg-options',
        *(f'train_dataloader.dataset.datasets.{place}.data_root={data / name}' for place, name in enumerate(FORMATS)),
        'train_dataloader.sampler.shares=(1,1,1,1)',
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'load_from=None',
        'val_dataloader=None',
        'val_evaluator=None',
        'val_cfg=None',
        'default_hooks.logger.interval=1',
        'log_processor.window_size=1',
        'default_hooks.checkpoint.interval=3',
        'train_cfg.max_iters=6',
        *more,
    ]


def rows_logged(work_dir: Path) -> list[dict]:
    """Every iteration's row in the newest log of a run."""
    newest = max(work_dir.glob('*/vis_data/scalars.json'), key=os.path.getmtime)
    return [row for row in map(json.loads, newest.read_text().splitlines()) if 'loss' in row]


def recipes_logged(work_dir: Path, before: dict | None = None) -> list[str]:
    """Recipe of every iteration: the one whose loss is new; old ones stay in the log, also that of a resumed run.

    Args:
        work_dir: of the run.
        before: row of the iteration that it was resumed from, if any.
    """
    rows, found = rows_logged(work_dir), []
    for last, row in zip([before or {}, *rows], rows):
        new = {name.split('.')[0] for name in row if name.endswith('loss_mask') and row[name] != last.get(name)}
        assert len(new) == 1
        found += new
    return found


@pytest.fixture(scope='module')
def once(data, tmp_path_factory) -> Path:
    """Trained in one go by one process."""
    work_dir = tmp_path_factory.mktemp('once')
    run_tool('train.py', CONFIG, '--work-dir', str(work_dir), *options(data))
    return work_dir


def memories(path: Path) -> dict[str, torch.Tensor]:
    """Queues and prototypes of a checkpoint."""
    state = torch.load(path, weights_only=False)['state_dict']
    return {name: value for name, value in state.items() if '.queue.' in name or '.prototypes.' in name}


def test_every_recipe_is_trained(once):
    assert set(recipes_logged(once)) == {'vis', 'vss', 'vps', 'evs'}
    kept = memories(once / 'iter_6.pth')
    assert {name.split('.')[2] for name in kept} == {'vss', 'vps'}
    assert all(kept[name].any() for name in kept if name.endswith(('count', 'seen')))


def test_two_processes_train_as_one(once, data, tmp_path):
    run_tool('dist_train.sh', CONFIG, '2', '--work-dir', str(tmp_path), *options(data, 'train_dataloader.batch_size=1'))
    assert recipes_logged(tmp_path) == recipes_logged(once)
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once), rel=1e-4)
    whole, shared = memories(once / 'iter_6.pth'), memories(tmp_path / 'iter_6.pth')
    assert all(torch.allclose(whole[name].float(), shared[name].float(), atol=1e-2) for name in whole)


def test_resuming_gives_what_not_stopping_gives(once, data, tmp_path):
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume', str(once / 'iter_3.pth'), *options(data))
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once)[3:], rel=1e-6)
    whole, resumed = (torch.load(path / 'iter_6.pth', weights_only=False)['state_dict'] for path in (once, tmp_path))
    assert all(torch.allclose(whole[name].float(), resumed[name].float(), atol=1e-6) for name in whole)


def test_steps_in_halves_train_as_whole_ones(once, data, tmp_path):
    """A step is of one recipe. Auxiliary losses of pixels are means over an iteration, so losses are nearly equal."""
    run_tool(
        'train.py', CONFIG, '--accumulate', '--work-dir', str(tmp_path), *options(data, 'train_dataloader.batch_size=1')
    )
    assert (tmp_path / 'iter_12.pth').is_file()
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once), rel=0.02)
    whole, halves = memories(once / 'iter_6.pth'), memories(tmp_path / 'iter_12.pth')
    assert all(torch.equal(whole[name], halves[name]) for name in whole if name.endswith(('count', 'seen')))


def test_shares_may_change_when_training_is_resumed(once, data, tmp_path):
    more = options(data, 'train_dataloader.sampler.shares=(0,0,0,1)')
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume', str(once / 'iter_3.pth'), *more)
    assert recipes_logged(tmp_path, rows_logged(once)[2]) == ['evs'] * 3
