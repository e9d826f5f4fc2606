"""The end of a run in several processes; the processes themselves are in tests/tools/test_train_and_test.py."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from gvseg.utils.distributed import closed_process_group, gather_round_robin


@pytest.fixture
def process_group(tmp_path: Path):
    """A group of one process."""
    dist.init_process_group('gloo', init_method=f'file://{tmp_path / "store"}', rank=0, world_size=1)
    yield
    if dist.is_initialized():
        dist.destroy_process_group()


def test_the_group_is_closed_after_a_run(process_group: None) -> None:
    with closed_process_group():
        assert dist.is_initialized()
    assert not dist.is_initialized()


def test_an_error_is_not_held_up_by_the_other_processes(process_group: None) -> None:
    with pytest.raises(ValueError, match='bad frame'), closed_process_group():
        raise ValueError('bad frame')
    assert dist.is_initialized()


def test_one_process_has_no_group_to_close() -> None:
    with closed_process_group():
        pass
    assert not dist.is_initialized()


def test_leaving_runs_exit_handlers_and_keeps_what_was_printed() -> None:
    program = (
        'import atexit, sys\nfrom gvseg.utils.distributed import leave\n'
        'atexit.register(print, "handled")\nprint("said", end=" ")\nleave()\nprint("never")'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, 'said handled\n'), done.stderr


GATHER = """
import sys, torch
import torch.distributed as dist
from gvseg.utils.distributed import gather_round_robin

rank, store, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=2)
tables = torch.load(f'{folder}/tables.pt')
torch.save(gather_round_robin(tables[rank::2]), f'{folder}/gathered{rank}.pt')
dist.destroy_process_group()
"""


def test_two_processes_gather_what_one_has(tmp_path: Path) -> None:
    """A sampler gives the first process the tables 0, 2 and 4, the second one 1 and 3."""
    tables = [torch.randn(rows, 5) for rows in (2, 0, 3, 1, 2)]
    torch.save(tables, tmp_path / 'tables.pt')
    processes = [
        subprocess.Popen([sys.executable, '-c', GATHER, str(rank), str(tmp_path / 'store'), str(tmp_path)])
        for rank in (0, 1)
    ]
    assert [process.wait(300) for process in processes] == [0, 0]
    assert torch.equal(gather_round_robin(tables), torch.cat(tables))
    for rank in (0, 1):
        assert torch.equal(torch.load(tmp_path / f'gathered{rank}.pt'), torch.cat(tables))
