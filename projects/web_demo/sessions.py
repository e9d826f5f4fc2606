"""What the server knows of each open page, apart from all others, and the end of it.

A page is known by a random token which only it has. All its files are in one folder, which goes when the page is
closed, or has not been heard of for a while.
"""

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from gvseg.utils.errors import InputError

from .clips import Clip
from .drawn_objects import DrawnObjects
from .limits import Limits


class UnknownSessionError(InputError):
    """The page has been closed or idle for too long."""


class BusyError(InputError):
    """There is no place for more; later there will be."""


class Job(Protocol):
    """What a session knows of its run."""

    folder: Path

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""


class Session:
    """One open page.

    Args:
        folder: for its files; is created.
        limits: what it may ask for.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        folder.mkdir(parents=True)
        self.clip: Clip | None = None
        self.drawn: DrawnObjects | None = None
        self.job: Job | None = None
        self.closed = threading.Event()
        self._lock, self._workers, self._folders = threading.RLock(), 0, 0
        self._changing = False

    @contextmanager
    def working(self) -> Iterator[None]:
        """Keep the folder while something writes to it.

        Raises:
            UnknownSessionError: the session is closed.
        """
        with self._lock:
            self._check_open()
            self._workers += 1
        try:
            yield
        finally:
            with self._lock:
                self._workers -= 1
                self._remove_if_over()

    @contextmanager
    def changing_clip(self) -> Iterator[None]:
        """While another clip is taken in, however long that takes, no run starts and no third clip comes.

        Raises:
            InputError: a run is active, or a clip is being taken in.
            UnknownSessionError: the session is closed.
        """
        with self._lock:
            if self.job is not None and self.job.active:
                raise InputError('The clip is being segmented: wait or press Stop before you change it.')
            self._check_not_changing()
            self._check_open()
            self._changing = True
        try:
            with self.working():
                yield
        finally:
            with self._lock:
                self._changing = False

    def begin(self, job: Job) -> None:
        """Take a run as this page's, in place of the one before, whose files go.

        Raises:
            InputError: a run is active, or a clip is being taken in.
        """
        with self._lock:
            self.check_free()
            before, self.job = self.job, job
        if before is not None:
            shutil.rmtree(before.folder, ignore_errors=True)

    def check_free(self) -> None:
        """Whether a run may start.

        Raises:
            InputError: a run is active, or a clip is being taken in.
        """
        if self.job is not None and self.job.active:
            raise InputError('This clip is being segmented: wait or press Stop.')
        self._check_not_changing()

    def _check_not_changing(self) -> None:
        if self._changing:
            raise InputError('Another clip is on its way: wait until it is there.')

    def new_folder(self, kind: str) -> Path:
        """The name of a folder not used before."""
        with self._lock:
            self._check_open()
            self._folders += 1
            return self.folder / f'{kind}-{self._folders}'

    def use(self, clip: Clip) -> None:
        """Take a clip in place of the one before, whose files go."""
        before, self.clip = self.clip, clip
        self.drawn, self.job = DrawnObjects(clip.length, clip.size, self.limits.objects), None
        if before is not None:
            shutil.rmtree(before.pictures.parent, ignore_errors=True)
        for result in self.folder.glob('result-*'):
            shutil.rmtree(result, ignore_errors=True)

    def close(self) -> None:
        """Stop what is running and remove the files, now or as soon as nothing writes any more."""
        with self._lock:
            self.closed.set()
            self._remove_if_over()

    def _check_open(self) -> None:
        if self.closed.is_set():
            raise UnknownSessionError('This page was closed.')

    def _remove_if_over(self) -> None:
        if self.closed.is_set() and not self._workers:
            shutil.rmtree(self.folder, ignore_errors=True)


class SessionStore:
    """All open pages.

    Args:
        root: folder for their folders.
        limits: how many there may be, and how long they may be idle.
        clock: seconds.
    """

    def __init__(self, root: Path, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.root, self.limits, self.clock = root, limits, clock
        self._sessions: dict[str, Session] = {}
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        """The open ones."""
        return list(self._sessions.values())

    def create(self) -> str:
        """Open a session.

        Returns:
            Its token.

        Raises:
            BusyError: there are as many as allowed.
        """
        self.sweep()
        with self._lock:
            if len(self._sessions) >= self.limits.sessions:
                raise BusyError(f'All {self.limits.sessions} places are taken. Try again in a few minutes.')
            token = secrets.token_urlsafe(24)
            # Not called by the token: whoever sees the folder's name must not get into the session.
            self._sessions[token] = Session(self.root / secrets.token_hex(8), self.limits)
            self._heard[token] = self.clock()
        return token

    def get(self, token: str) -> Session:
        """The session of a token, which counts as a sign of life.

        Raises:
            UnknownSessionError: there is none (any more).
        """
        with self._lock:
            if token not in self._sessions:
                raise UnknownSessionError(
                    'This page was closed, or idle for more than '
                    f'{self.limits.idle_minutes:g} minutes, and its files are gone. Reload it.'
                )
            self._heard[token] = self.clock()
            return self._sessions[token]

    def close(self, token: str) -> None:
        """End a session, if there is one of this token."""
        with self._lock:
            session = self._sessions.pop(token, None)
            self._heard.pop(token, None)
        if session is not None:
            session.close()

    def sweep(self) -> None:
        """End the sessions that have been idle for too long."""
        with self._lock:
            limit = self.clock() - 60 * self.limits.idle_minutes
            idle = [token for token, heard in self._heard.items() if heard < limit]
        for token in idle:
            self.close(token)

    def close_all(self) -> None:
        """End all sessions."""
        for token in list(self._sessions):
            self.close(token)
