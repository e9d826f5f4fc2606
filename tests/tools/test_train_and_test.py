"""The command line tools as a user starts them: one process, two, resumed, mixed precision, test."""

import json
import pickle
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.toy.running import CONFIG, error_of, logged_losses, run_tool


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Work directory of six toy iterations in one process; tests only read it."""
    work_dir = tmp_path_factory.mktemp('trained')
    run_tool('train.py', CONFIG, '--work-dir', str(work_dir))
    return work_dir


def test_training_writes_checkpoints_log_and_config(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert {'iter_3.pth', 'iter_6.pth', 'last_checkpoint', 'toy_config.py'} <= names
    losses = logged_losses(trained)
    assert len(losses) == 6 and losses[-1] < losses[0]


def test_two_processes_see_the_global_batches_of_one(trained: Path, tmp_path: Path) -> None:
    run_tool(
        'dist_train.sh', CONFIG, '2', '--work-dir', str(tmp_path), '--cfg-options', 'train_dataloader.batch_size=2'
    )
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(trained), abs=1e-4)


def test_two_machines_see_the_global_batches_of_one(trained: Path, tmp_path: Path) -> None:
    """Both are this one; each starts one process."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]

    def machine(rank: int) -> None:
        run_tool(
            'dist_train.sh',
            CONFIG,
            '1',
            '--work-dir',
            str(tmp_path),
            '--cfg-options',
            'train_dataloader.batch_size=2',
            NNODES='2',
            NODE_RANK=str(rank),
            MASTER_PORT=str(port),
        )

    with ThreadPoolExecutor(2) as machines:
        list(machines.map(machine, range(2)))
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(trained), abs=1e-4)
    result = run_tool('dist_train.sh', CONFIG, '1', check=False, NNODES='2')
    assert result.returncode == 2 and 'set MASTER_PORT to the same free port' in result.stderr


def test_resuming_gives_the_losses_of_not_stopping(trained: Path, tmp_path: Path) -> None:
    shutil.copy(trained / 'iter_3.pth', tmp_path)
    (tmp_path / 'last_checkpoint').write_text('')  # a kill as it was written
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume')
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(trained)[3:], abs=1e-6)


def test_with_nothing_to_resume_training_starts_at_the_weights_of_load_from(trained: Path, tmp_path: Path) -> None:
    run_tool(
        'train.py',
        CONFIG,
        '--work-dir',
        str(tmp_path),
        '--resume',
        '--cfg-options',
        f'load_from={trained / "iter_6.pth"}',
    )
    losses = logged_losses(tmp_path)
    assert len(losses) == 6 and losses[0] < 0.95 * logged_losses(trained)[0]


def test_mixed_precision_trains_without_a_gpu(trained: Path, tmp_path: Path) -> None:
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--amp', '--auto-scale-lr')
    losses, reference = logged_losses(tmp_path), logged_losses(trained)
    assert losses != reference and losses == pytest.approx(reference, rel=0.05)


@pytest.mark.parametrize('processes', [1, 2])
def test_testing_writes_the_metrics(processes: int, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / 'results' / 'metrics.json'
    script = ['test.py', CONFIG, str(trained / 'iter_6.pth')]
    if processes > 1:
        script = ['dist_test.sh', *script[1:], str(processes)]
    run_tool(*script, '--work-dir', str(tmp_path), '--out', str(out))
    assert 0.5 <= json.loads(out.read_text())['accuracy'] <= 1
    assert [path.name for path in out.parent.iterdir()] == ['metrics.json']


def test_predictions_go_to_a_pickle(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / 'predictions.pkl'
    run_tool('test.py', CONFIG, str(trained / 'iter_6.pth'), '--work-dir', str(tmp_path), '--out', str(out))
    assert len(pickle.loads(out.read_bytes())) > 0


def test_a_disk_that_fills_up_costs_no_finished_checkpoint(trained: Path, tmp_path: Path) -> None:
    result = run_tool(
        'train.py', CONFIG.replace('toy_config', 'toy_full_disk_config'), '--work-dir', str(tmp_path), check=False
    )
    assert result.returncode == 2
    assert 'error: The disk is full while writing' in result.stderr and 'iter_6.pth' in result.stderr
    assert (tmp_path / 'last_checkpoint').read_text() == 'iter_3.pth' and not list(tmp_path.glob('*.part'))
    run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume')
    assert logged_losses(tmp_path) == pytest.approx(logged_losses(trained)[3:], abs=1e-6)


def test_a_checkpoint_of_another_class_count(trained: Path, tmp_path: Path) -> None:
    result = run_tool(
        'test.py',
        CONFIG,
        str(trained / 'iter_6.pth'),
        '--work-dir',
        str(tmp_path),
        '--cfg-options',
        'model.num_classes=7',
        check=False,
    )
    assert result.returncode == 2 and 'Traceback' not in result.stderr
    assert 'iter_6.pth was trained for 2 classes, but the config has 7' in result.stderr.splitlines()[-1]


def test_a_truncated_checkpoint(trained: Path, tmp_path: Path) -> None:
    half = tmp_path / 'half.pth'
    whole = (trained / 'iter_6.pth').read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    assert f'Checkpoint {half} cannot be read: it is damaged' in error_of('test.py', CONFIG, str(half))
    line = error_of('train.py', CONFIG, '--work-dir', str(tmp_path), '--resume', str(half))
    assert f'Checkpoint {half} cannot be read: it is damaged' in line
    assert not list(tmp_path.glob('iter_*'))


def test_an_unknown_part(tmp_path: Path) -> None:
    line = error_of('train.py', CONFIG, '--work-dir', str(tmp_path), '--cfg-options', 'model.type=ToyClasifier')
    assert 'unknown part "ToyClasifier" at model.type: did you mean ToyClassifier' in line


def test_an_unwritable_work_dir(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    line = error_of('train.py', CONFIG, '--work-dir', str(tmp_path / 'file' / 'run'))
    assert 'Cannot write to the work directory' in line and 'file/run' in line


def test_a_missing_config() -> None:
    assert 'toy_confg.py does not exist; did you mean toy_config.py' in error_of(
        'train.py', CONFIG.replace('config', 'confg')
    )


def test_an_out_file_of_unknown_kind(trained: Path, tmp_path: Path) -> None:
    line = error_of('test.py', CONFIG, str(trained / 'iter_6.pth'), '--work-dir', str(tmp_path), '--out', 'x.txt')
    assert '--out x.txt: the file must end in' in line


def test_an_out_file_that_is_a_folder(trained: Path, tmp_path: Path) -> None:
    (tmp_path / 'x.json').mkdir()
    line = error_of(
        'test.py', CONFIG, str(trained / 'iter_6.pth'), '--work-dir', str(tmp_path), '--out', str(tmp_path / 'x.json')
    )
    assert 'x.json is a folder: give the file to write' in line


def test_a_dry_run_stops_before_the_first_iteration(tmp_path: Path) -> None:
    result = run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--dry-run')
    assert 'Pre-flight' in result.stdout + result.stderr and not list(tmp_path.glob('iter_*'))


def test_a_window_without_a_display(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('sys.platform', 'linux')
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    line = error_of('test.py', CONFIG, str(trained / 'iter_6.pth'), '--work-dir', str(tmp_path), '--show')
    assert '--show needs a display' in line and '--show-dir' in line


def test_augmentation_without_views(trained: Path, tmp_path: Path) -> None:
    line = error_of('test.py', CONFIG, str(trained / 'iter_6.pth'), '--work-dir', str(tmp_path), '--tta')
    assert '--tta needs tta_model in the config' in line


def test_the_flags_of_testing_are_those_of_openmmlab() -> None:
    flags = run_tool('test.py', '--help').stdout
    assert all(flag in flags for flag in ('--show ', '--show-dir ', '--wait-time ', '--out ', '--tta ', '--launcher '))


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh'])
def test_launchers_tell_their_usage(script: str) -> None:
    result = run_tool(script, check=False)
    assert result.returncode == 2 and 'usage:' in result.stderr


def test_losses_that_are_no_numbers_end_training_and_keep_the_good_checkpoint(tmp_path: Path) -> None:
    result = run_tool('train.py', CONFIG, '--work-dir', str(tmp_path), '--cfg-options', 'model.fails_at=5', check=False)
    line = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 2 and 'Traceback' not in result.stderr
    assert 'diverged by iteration 5' in line and str(tmp_path / 'iter_3.pth') in line
    assert [path.name for path in tmp_path.glob('*.pth*')] == ['iter_3.pth']
    # Without a look at the losses the weights are seen before they are written.
    result = run_tool(
        'train.py',
        CONFIG,
        '--work-dir',
        str(tmp_path / 'b'),
        '--cfg-options',
        'model.fails_at=5',
        'default_hooks.finite_loss.interval=100',
        check=False,
    )
    assert result.returncode == 2 and 'weights are not numbers' in result.stderr
    assert [path.name for path in (tmp_path / 'b').glob('*.pth*')] == ['iter_3.pth']
