"""Sessions: one per open page, with its own files.

A session is identified by a random token known to its page only. All its files are in one folder, which is removed when
the page is closed or idle for too long.
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
from .limits import Limits
from .workspace import Workspace


class UnknownSessionError(InputError):
    """The session was closed or idle for too long."""


class BusyError(InputError):
    """A limit of the service is reached; retry later."""


class Job(Protocol):
    """Interface of a run."""

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""


class Session:
    """One open page.

    Args:
        folder: folder of its files; is created.
        limits: limits of the service.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        folder.mkdir(parents=True)
        self.work: Workspace | None = None
        self.job: Job | None = None
        self.closed = threading.Event()
        self._lock, self._workers, self._folders = threading.RLock(), 0, 0
        self._changing = False

    @contextmanager
    def working(self) -> Iterator[None]:
        """Keep the folder while it is written to.

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
        """Block runs and other clips while a clip is being uploaded and read.

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
        """Set the run of this session.

        Raises:
            InputError: a run is active, or a clip is being taken in.
        """
        with self._lock:
            self.check_free()
            self.job = job

    @property
    def workspace(self) -> Workspace:
        """The clip with its prompts and results.

        Raises:
            InputError: there is no clip.
        """
        if self.work is None:
            raise InputError('Choose a clip first.')
        return self.work

    def public(self, error: Exception) -> str:
        """Text of an error without paths of the server."""
        text = str(error)
        if self.work is not None:
            for path in (self.work.clip.path, self.work.clip.pictures):
                text = text.replace(str(path), self.work.clip.name)
        return text

    def check_free(self) -> None:
        """Raise if a run must not start and prompts must not change.

        Raises:
            InputError: a run is active, or a clip is being taken in.
        """
        if self.job is not None and self.job.active:
            raise InputError('This clip is being segmented: wait or press Stop.')
        self._check_not_changing()

    def _check_not_changing(self) -> None:
        if self._changing:
            raise InputError('Another clip is being uploaded: wait until it is ready.')

    def new_folder(self, kind: str) -> Path:
        """Path of a new folder."""
        with self._lock:
            self._check_open()
            self._folders += 1
            return self.folder / f'{kind}-{self._folders}'

    def use(self, clip: Clip) -> None:
        """Set the clip of this session; files of the previous clip are removed."""
        before, self.work = self.work, Workspace(clip, self.limits)
        self.job = None
        if before is not None:
            before.close()
            shutil.rmtree(before.clip.pictures.parent, ignore_errors=True)
        for exported in self.folder.glob('export-*'):
            shutil.rmtree(exported, ignore_errors=True)

    def close(self) -> None:
        """Stop the run and remove the files, at once or after the last write."""
        with self._lock:
            self.closed.set()
            self._remove_if_over()

    def _check_open(self) -> None:
        if self.closed.is_set():
            raise UnknownSessionError('This page was closed.')

    def _remove_if_over(self) -> None:
        if self.closed.is_set() and not self._workers:
            if self.work is not None:
                self.work.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class SessionStore:
    """All open sessions.

    Args:
        root: parent of their folders.
        limits: largest number of sessions and idle time.
        clock: returns seconds.
    """

    def __init__(self, root: Path, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.root, self.limits, self.clock = root, limits, clock
        self._sessions: dict[str, Session] = {}
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def all(self) -> list[Session]:
        """The open sessions."""
        return list(self._sessions.values())

    def create(self) -> str:
        """Open a session.

        Returns:
            Token of the session.

        Raises:
            BusyError: The limit of sessions is reached.
        """
        self.sweep()
        with self._lock:
            if len(self._sessions) >= self.limits.sessions:
                raise BusyError(f'All {self.limits.sessions} sessions are in use. Try again in a few minutes.')
            token = secrets.token_urlsafe(24)
            # The name does not contain the token: it must not give access to the session.
            self._sessions[token] = Session(self.root / secrets.token_hex(8), self.limits)
            self._heard[token] = self.clock()
        return token

    def get(self, token: str) -> Session:
        """Session of a token; resets its idle time.

        Raises:
            UnknownSessionError: There is none, or it was closed.
        """
        with self._lock:
            if token not in self._sessions:
                raise UnknownSessionError(
                    'This page was closed, or idle for more than '
                    f'{self.limits.idle_minutes:g} minutes, and its files were removed. Reload it.'
                )
            self._heard[token] = self.clock()
            return self._sessions[token]

    def close(self, token: str) -> None:
        """Close the session of a token, if there is one."""
        with self._lock:
            session = self._sessions.pop(token, None)
            self._heard.pop(token, None)
        if session is not None:
            session.close()

    def sweep(self) -> None:
        """Close the sessions that have been idle for too long."""
        with self._lock:
            limit = self.clock() - 60 * self.limits.idle_minutes
            idle = [token for token, heard in self._heard.items() if heard < limit]
        for token in idle:
            self.close(token)

    def close_all(self) -> None:
        """Close all sessions."""
        for token in list(self._sessions):
            self.close(token)
