"""End data loading workers when their parent process is gone.

A killed trainer cannot stop its workers. torch's own watchdog ends them only between two items; a worker blocked on
writing an item into a full pipe would stay for ever and keep its memory.
"""

import multiprocessing
import os
import threading
import time

SECONDS_BETWEEN_LOOKS = 1.0
_watched: set[int] = set()  # of one process; a forked child finds its parent's entry here, hence the number


def end_with_parent() -> None:
    """Start, once in a process that Python's multiprocessing made, a thread that ends it when its parent is gone."""
    parent = multiprocessing.parent_process()
    if parent is None or os.getpid() in _watched:
        return
    _watched.add(os.getpid())
    threading.Thread(target=_watch, args=(parent.pid,), daemon=True, name='end with parent').start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)  # no clean-up: it would block on the full pipe
