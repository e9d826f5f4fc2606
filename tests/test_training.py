"""The real network, trained by the real tools on real files: one process, two, stopped and resumed, mixed precision."""

from pathlib import Path

import pytest
import torch

from gvseg.moving_shapes import SplitSettings, generate_split
from tests.toy.running import ROOT, logged_losses, run_tool

pytestmark = pytest.mark.slow
CONFIG = str(ROOT / 'configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py')


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Four videos of nine frames, for training and validation alike."""
    root = tmp_path_factory.mktemp('moving_shapes')
    generate_split(root, SplitSettings(split='train', videos=4, frames=9, seed=3))
    return root / 'train/vipseg'


def options(data: Path, *more: str) -> list[str]:
    """Four iterations with a log line for each and a validation at the end."""
    given = dict(data_root=str(data))
    split = [
        f'{part}_dataloader.{key}'
        for part in ('train', 'val')
        for key in (f'dataset.data_root={given["data_root"]}', 'num_workers=0', 'persistent_workers=False')
    ]
    return [
        '--cfg-options',
        *split,
        f'val_evaluator.ann_file={data}/panoptic_gt.json',
        f'val_evaluator.seg_prefix={data}/panomasksRGB',
        'default_hooks.logger.interval=1',
        'log_processor.window_size=1',
        'default_hooks.checkpoint.interval=2',
        'train_cfg.max_iters=4',
        'train_cfg.val_interval=4',
        *more,
    ]


@pytest.fixture(scope='module')
def once(data, tmp_path_factory) -> Path:
    """Trained in one go by one process."""
    work_dir = tmp_path_factory.mktemp('once')
    run_tool('train.py', CONFIG, '--work-dir', str(work_dir), *options(data))
    return work_dir


def test_two_processes_have_the_losses_of_one(once, data, tmp_path):
    run_tool('dist_train.sh', CONFIG, '2', '--work-dir', str(tmp_path), *options(data, 'train_dataloader.batch_size=1'))
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once), rel=1e-4)


def test_halves_of_a_batch_train_as_the_whole(once, data, tmp_path):
    """Though the halves show unlike numbers of objects; the queue is the same too."""
    run_tool(
        'train.py', CONFIG, '--work-dir', str(tmp_path), '--accumulate', *options(data, 'train_dataloader.batch_size=1')
    )
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once), rel=1e-4)
    whole, halves = (
        torch.load(path, weights_only=False)['state_dict'] for path in (once / 'iter_4.pth', tmp_path / 'iter_8.pth')
    )
    queues = [name for name in whole if 'queue' in name]
    assert queues and all(torch.allclose(whole[name].float(), halves[name].float(), atol=1e-2) for name in queues)


def test_resuming_gives_the_losses_of_not_stopping(once, data, tmp_path):
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume', str(once / 'iter_2.pth'), *options(data))
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once)[2:], rel=1e-6)


def test_mixed_precision_trains_to_like_losses(once, data, tmp_path):
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--amp', *options(data))
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once), rel=0.05)


def test_fully_sharded_processes_have_the_losses_of_one(once, data, tmp_path):
    """By mmengine's FlexibleRunner; the checkpoint is that of any run."""
    config = tmp_path / 'sharded.py'
    config.write_text(
        f"_base_ = ['{CONFIG}', 'gvseg::_base_/fsdp.py']\noptim_wrapper = dict(type='ShardedOptimWrapper')\n"
    )
    run_tool(
        'dist_train.sh',
        str(config),
        '2',
        '--work-dir',
        str(tmp_path),
        *options(data, 'train_dataloader.batch_size=1', 'train_cfg.max_iters=2', 'train_cfg.val_interval=2'),
    )
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(once)[:2], rel=1e-3)
    whole, sharded = (torch.load(path / 'iter_2.pth', weights_only=False)['state_dict'] for path in (once, tmp_path))
    assert {name: value.shape for name, value in sharded.items()} == {
        name: value.shape for name, value in whole.items()
    }
