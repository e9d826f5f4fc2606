"""Threads that make items ahead and calls behind: order, errors, bounds, and that they end."""

import threading
import time

import pytest

from gvseg.apis import overlap
from gvseg.apis.overlap import BackgroundWriter, prefetch

PATIENCE = 10


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith('gvseg-')]


def wait_for(condition) -> bool:
    """Whether a condition becomes true in time."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_items_come_in_order_and_the_thread_ends() -> None:
    assert list(prefetch(range(50), depth=3)) == list(range(50))
    assert own_threads() == []


def test_the_next_item_is_made_while_the_caller_works() -> None:
    made = []
    items = prefetch((made.append(number) or number for number in range(100)), depth=4)
    assert next(items) == 0
    # Four wait, a fifth is held by the thread that waits for a free place; never more.
    assert wait_for(lambda: len(made) == 6)
    time.sleep(0.05)
    assert made == [0, 1, 2, 3, 4, 5]
    items.close()
    assert own_threads() == []


def test_an_error_comes_after_the_items_before_it() -> None:
    def broken():
        yield 1
        raise OSError('gone')

    items = prefetch(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match='gone'):
        next(items)
    assert own_threads() == []


def test_stopping_early_closes_the_source() -> None:
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    for _ in prefetch(endless(), depth=1):
        break
    assert closed.wait(PATIENCE) and wait_for(lambda: own_threads() == [])


def test_a_source_that_stalls_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, 'SECONDS_TO_END', 0.2)
    goes_on = threading.Event()

    def stalling():
        yield 1
        goes_on.wait(PATIENCE)  # a camera that gives no picture

    items = prefetch(stalling())
    next(items)
    start = time.monotonic()
    items.close()
    assert time.monotonic() - start < 2
    goes_on.set()
    assert wait_for(lambda: own_threads() == [])


def test_calls_are_made_in_order_before_the_end() -> None:
    called = []
    with BackgroundWriter(lambda number: called.append(number), depth=2) as behind:
        for number in range(30):
            behind.put(number)
    assert called == list(range(30)) and own_threads() == []


def test_the_caller_goes_on_while_a_call_runs() -> None:
    going, waited = threading.Event(), []
    with BackgroundWriter(lambda: waited.append(going.wait(PATIENCE))) as behind:
        behind.put()
        going.set()  # after the call's end if put() waited for it
    assert waited == [True]


def test_an_error_reaches_the_caller_and_nothing_waits_for_ever() -> None:
    called = []

    def fails(number: int) -> None:
        called.append(number)
        raise OSError('disk full')

    with pytest.raises(OSError, match='disk full'):
        with BackgroundWriter(fails, depth=1) as behind:
            for number in range(1000):
                behind.put(number)
    assert called == [0] and own_threads() == []


def test_the_last_calls_error_is_raised_at_the_end() -> None:
    with pytest.raises(ZeroDivisionError):
        with BackgroundWriter(lambda: 1 / 0) as behind:
            behind.put()


def test_an_interruption_lets_waiting_calls_finish() -> None:
    called = []
    with pytest.raises(KeyboardInterrupt):
        with BackgroundWriter(lambda number: time.sleep(0.02) or called.append(number), depth=8) as behind:
            for number in range(5):
                behind.put(number)
            raise KeyboardInterrupt
    assert called == [0, 1, 2, 3, 4]
