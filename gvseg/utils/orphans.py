"""Loader workers end when the process that started them is gone.

A killed trainer cannot tell its workers to stop. torch's own watch ends them only between two items; one that is
writing a finished item into a full pipe, which nobody reads any more, would stay for good with all its memory.
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
    os._exit(1)  # no clean-up: it would wait for the full pipe
