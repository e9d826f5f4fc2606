"""Loader workers do not outlive a killed trainer, though they are in the middle of handing over an item."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import time
import numpy as np
from gvseg.utils.orphans import end_with_parent
from torch.utils.data import DataLoader

class Large:
    def __len__(self):
        return 50

    def __getitem__(self, index):
        end_with_parent()
        return np.zeros(2**20, np.uint8)

loader = DataLoader(Large(), num_workers=2, prefetch_factor=8, collate_fn=lambda items: items,
                    multiprocessing_context='fork')
items = iter(loader)
next(items)
print(*[worker.pid for worker in items._workers], flush=True)
time.sleep(60)
"""


def is_running(process: int) -> bool:
    """A process that has ended but that nobody asked about yet does not count."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='looks at processes by way of /proc')
@pytest.mark.parametrize('how', [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_a_killed_trainer(how: int) -> None:
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [sys.executable, '-c', PARENT], stdout=subprocess.PIPE, text=True, env=dict(os.environ, PYTHONPATH=root)
    ) as parent:
        workers = [int(number) for number in parent.stdout.readline().split()]
        assert len(workers) == 2 and all(map(is_running, workers))
        time.sleep(0.5)  # the pipe is full now
        parent.send_signal(how)
        parent.wait(10)
    end = time.monotonic() + 20
    while any(map(is_running, workers)) and time.monotonic() < end:
        time.sleep(0.2)
    left = [worker for worker in workers if is_running(worker)]
    for worker in left:
        os.kill(worker, signal.SIGKILL)
    assert not left


def test_every_item_of_a_clip_data_set_looks_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from gvseg.datasets import base

    asked = []
    monkeypatch.setattr(base, 'end_with_parent', lambda: asked.append(True))
    dataset = object.__new__(base.ClipDataset)
    dataset.test_mode, dataset._fully_initialized, dataset.prepare_data = True, True, lambda index: {}
    dataset[0]
    assert asked
