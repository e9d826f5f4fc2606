"""Work directory, backend and error lines of the tools."""

import errno
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from gvseg.entry import readable_errors
from gvseg.utils import distributed
from gvseg.utils.command_line import fit_loaders, switch_on_amp
from gvseg.utils.distributed import choose_backend, set_up_launcher
from gvseg.utils.errors import ConfigError, WorkDirError
from gvseg.utils.work_dir import choose_work_dir, prepare_work_dir


def test_work_dir_by_priority() -> None:
    assert choose_work_dir('option', 'config', 'a/name.py') == 'option'
    assert choose_work_dir(None, 'config', 'a/name.py') == 'config'
    assert Path(choose_work_dir(None, None, 'a/name.py')) == Path('work_dirs/name')


def test_work_dir_is_made_and_left_empty(tmp_path: Path) -> None:
    prepare_work_dir(str(tmp_path / 'a' / 'b'))
    assert list((tmp_path / 'a' / 'b').iterdir()) == []


def test_an_unwritable_work_dir_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(WorkDirError, match=r'file/run: Not a directory.*--work-dir'):
        prepare_work_dir(str(tmp_path / 'file' / 'run'))


def test_a_full_disk_is_seen_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(dir: str) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr('gvseg.utils.work_dir.tempfile.TemporaryFile', full)
    with pytest.raises(WorkDirError, match='No space left on device'):
        prepare_work_dir(str(tmp_path))


@pytest.mark.parametrize(
    ('variable', 'cuda', 'expected'),
    [('', True, 'nccl'), ('', False, 'gloo'), ('auto', False, 'gloo'), ('mpi', False, 'mpi'), ('gloo', True, 'gloo')],
)
def test_backend_by_priority(monkeypatch: pytest.MonkeyPatch, variable: str, cuda: bool, expected: str) -> None:
    monkeypatch.setenv('GVSEG_BACKEND', variable)
    monkeypatch.setattr(distributed.torch.cuda, 'is_available', lambda: cuda)
    assert choose_backend('nccl') == expected


@pytest.mark.parametrize(('launcher', 'message'), [('slurm', 'needs CUDA'), ('pytorch', 'found no RANK')])
def test_launchers_without_their_environment(monkeypatch: pytest.MonkeyPatch, launcher: str, message: str) -> None:
    monkeypatch.setattr(distributed.torch.cuda, 'is_available', lambda: False)
    monkeypatch.delenv('RANK', raising=False)
    with pytest.raises(ConfigError, match=message):
        set_up_launcher(Config(dict(env_cfg=dict())), launcher)


def test_amp_needs_an_optimiser() -> None:
    with pytest.raises(ConfigError, match='--amp needs optim_wrapper'):
        switch_on_amp(Config(dict(model=dict())))


def test_amp_by_type_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, name, expected in (
        (False, 'auto', dict(type='BFloat16OptimWrapper')),
        (True, 'bfloat16', dict(type='BFloat16OptimWrapper')),
        (True, 'auto', dict(type='AmpOptimWrapper', dtype='float16', loss_scale='dynamic')),
        (True, 'float16', dict(type='AmpOptimWrapper', dtype='float16', loss_scale='dynamic')),
    ):
        monkeypatch.setattr(torch.cuda, 'is_available', lambda cuda=cuda: cuda)
        config = Config(dict(optim_wrapper=dict(type='OptimWrapper')))
        switch_on_amp(config, name)
        assert dict(config.optim_wrapper) == expected
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    for name, message in (('float16', 'use --amp bfloat16'), ('int8', 'float16 or bfloat16, not int8')):
        with pytest.raises(ConfigError, match=message):
            switch_on_amp(Config(dict(optim_wrapper=dict(type='OptimWrapper'))), name)


def leave_with(error: Exception) -> None:
    """Raise inside the tools' error handling."""
    with readable_errors():
        raise error


@pytest.mark.parametrize(
    ('error', 'line'),
    [
        (ConfigError('Config a.py is bad.'), 'error: Config a.py is bad.'),
        (
            ConfigError(
                'Caught ConfigError in worker 0.\nTraceback\ngvseg.utils.errors.ConfigError: Frame 1.jpg is bad.'
            ),
            'error: Frame 1.jpg is bad.',
        ),
    ],
)
def test_bad_input_ends_in_one_line(error: Exception, line: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as caught:
        leave_with(error)
    assert caught.value.code == 2 and capsys.readouterr().err.strip() == line


def test_a_full_disk_ends_in_one_line(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        leave_with(OSError(errno.ENOSPC, 'No space left on device', 'run/iter_9.pth'))
    line = capsys.readouterr().err
    assert 'disk is full while writing run/iter_9.pth' in line and '--resume' in line


@pytest.mark.parametrize('error', [ValueError('a slip in the code'), OSError(errno.EIO, 'broken')])
def test_other_errors_keep_their_traceback(error: Exception) -> None:
    with pytest.raises(type(error)):
        leave_with(error)


def test_a_loader_without_workers_keeps_nothing_alive() -> None:
    """torch refuses the two options there, and shipped configs have the first."""
    loader = dict(num_workers=0, persistent_workers=True, prefetch_factor=2)
    config = Config(dict(train_dataloader=loader, val_dataloader=dict(num_workers=1, persistent_workers=True)))
    fit_loaders(config)
    assert config.train_dataloader == dict(num_workers=0, persistent_workers=False, prefetch_factor=None)
    assert config.val_dataloader.persistent_workers
