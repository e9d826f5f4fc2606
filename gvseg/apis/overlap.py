"""Background threads: prefetching of items and deferred calls.

Both hold a bounded number of items, re-raise errors in the caller, and end their thread when the caller stops.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TypeVar

T = TypeVar('T')
END = object()
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_END = 5.0


def prefetch(items: Iterable[T], depth: int = 4) -> Iterator[T]:
    """The same items in the same order, made in another thread while the caller works on earlier ones.

    The thread starts with the first item asked for and has ended when this iterator is exhausted or closed. A
    thread blocked in ``items``, for example by a stalled camera, is abandoned after ``SECONDS_TO_END``.

    Args:
        items: for example the frames of a file.
        depth: how many items may wait for the caller.

    Raises:
        Exception: whatever ``items`` raises, after the items before it.
    """
    waiting: queue.Queue = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(waiting, items, stopped), name='gvseg-prefetch', daemon=True)
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is END:
                return
            yield item
    finally:
        stopped.set()
        thread.join(SECONDS_TO_END)


def _fill(waiting: queue.Queue, items: Iterable, stopped: threading.Event) -> None:
    """The thread of :func:`prefetch`."""
    last: tuple = (END, None)
    iterator = iter(())
    try:
        iterator = iter(items)
        for item in iterator:
            if not _put(waiting, (item, None), stopped):
                break
    except BaseException as error:  # it is the caller's, who raises it
        last = (END, error)
    finally:
        getattr(iterator, 'close', lambda: None)()
    _put(waiting, last, stopped)


def _put(waiting: queue.Queue, entry: tuple, stopped: threading.Event) -> bool:
    """Wait for a free slot; False once the consumer has stopped."""
    while not stopped.is_set():
        try:
            waiting.put(entry, timeout=SECONDS_BETWEEN_LOOKS)
            return True
        except queue.Full:
            continue
    return False


class BackgroundWriter:
    """Calls a function in another thread, in the order of :meth:`put`.

    To be used in a ``with`` statement, which at its end waits for the calls that were put before, also after an error
    or an interruption of the caller.

    Args:
        function: what is called.
        depth: how many calls may wait; then :meth:`put` waits.
    """

    def __init__(self, function: Callable[..., object], depth: int = 4) -> None:
        self._function = function
        self._waiting: queue.Queue = queue.Queue(depth)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name='gvseg-behind', daemon=True)

    def __enter__(self) -> 'BackgroundWriter':
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.put(END)
        self._thread.join()
        if kind is None:
            self._check()

    def put(self, *arguments: object) -> None:
        """Call the function with these, later.

        Raises:
            Exception: whatever an earlier call raised; no further calls are made then.
        """
        self._check()
        self._waiting.put(arguments)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        # After an error the queue is still emptied, or the caller would block for ever in put().
        while (arguments := self._waiting.get()) is not END:
            try:
                if self._error is None:
                    self._function(*arguments)
            except BaseException as error:  # it is the caller's, who raises it
                self._error = error
