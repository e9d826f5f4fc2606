"""Choice of the checkpoint to resume from, under any tool including mmdet's."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gvseg.engine import AtomicCheckpointHook
from gvseg.utils.errors import CheckpointError


def runner_in(folder: Path, **settings: object) -> SimpleNamespace:
    """Minimal runner for the hook, whose work directory contains one checkpoint."""
    content = dict(state_dict=nn.Linear(1, 1).state_dict(), meta=dict(iter=3, epoch=0), message_hub={}, optimizer={})
    torch.save(content, folder / 'iter_3.pth')
    (folder / 'last_checkpoint').write_text('iter_3.pth')  # mmengine resolves it relative to the current directory
    return SimpleNamespace(
        **{**dict(work_dir=str(folder), logger=logging.getLogger(), _resume=True, _load_from=None), **settings}
    )


def test_resuming_is_decided_before_mmengine_looks(tmp_path: Path) -> None:
    runner = runner_in(tmp_path)
    AtomicCheckpointHook().before_run(runner)
    assert runner._load_from == str(tmp_path / 'iter_3.pth')


def test_without_resume_nothing_is_looked_for(tmp_path: Path) -> None:
    runner = runner_in(tmp_path, _resume=False)
    AtomicCheckpointHook().before_run(runner)
    assert runner._load_from is None


def test_a_given_file_must_be_one_to_go_on_from(tmp_path: Path) -> None:
    torch.save(nn.Linear(1, 1).state_dict(), tmp_path / 'weights.pth')
    with pytest.raises(CheckpointError, match='weights.pth holds weights only'):
        AtomicCheckpointHook().before_run(runner_in(tmp_path, _load_from=str(tmp_path / 'weights.pth')))
