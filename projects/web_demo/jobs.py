"""Queue of runs: a model on the clip of a session."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from gvseg.apis import FrameResult
from gvseg.utils.errors import InputError

from .models import ModelChoice, SegmenterPool
from .results import segment_table
from .sessions import BusyError, Session, UnknownSessionError

DIRECTIONS = ('forward', 'both')


class StoppedError(Exception):
    """The user stopped the run, or closed the page."""


@dataclass
class Job:
    """A run.

    Attributes:
        model: the model.
        total: number of frames to compute.
        direction: 'forward' or, for prompted objects, 'both': also in the frames before their first prompts.
        state: 'waiting', 'running', 'done', 'stopped' or 'failed'.
        done: number of finished frames.
        frame: the frame finished last; -1: none.
        error: error message.
        segments: things, objects and classes so far.
        messages: what the user should know of objects, such as that one was lost.
    """

    model: ModelChoice
    total: int
    direction: str = 'forward'
    state: str = 'waiting'
    done: int = 0
    frame: int = -1
    error: str = ''
    segments: list[dict] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = 0.0
    ended: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ('waiting', 'running')

    def seconds(self) -> float:
        """Running time in seconds."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0


class JobQueue:
    """First-in, first-out queue of runs.

    Args:
        pool: pool of models.
        workers: runs at the same time.
        waiting: largest number of queued runs.
    """

    def __init__(self, pool: SegmenterPool, workers: int = 1, waiting: int = 8) -> None:
        self.pool, self.workers, self.waiting = pool, workers, waiting
        self._executor = ThreadPoolExecutor(workers, 'segment')
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    def submit(self, session: Session, model: ModelChoice, direction: str = 'forward') -> Job:
        """Start or queue a run on the session's clip with its current prompts.

        Raises:
            InputError: No clip, no prompts for EVS, a run is active, or another clip is being uploaded.
            BusyError: The queue is full.
        """
        work = session.workspace
        if direction not in DIRECTIONS:
            raise InputError(f'There is no direction {direction!r}; there are {", ".join(DIRECTIONS)}.')
        session.check_free()
        if model.takes_objects and not work.history.current.prompts:
            raise InputError('EVS needs an object: draw a point, a box or a mask on a frame first.')
        job = Job(model, work.last - work.first + 1, direction)
        with self._lock:
            self._jobs = [one for one in self._jobs if one.active]
            if len(self._jobs) >= self.workers + self.waiting:
                raise BusyError(f'{len(self._jobs)} other runs come first. Try again in a minute.')
            session.begin(job)
            self._jobs.append(job)
        self._executor.submit(self._run, job, session)
        return job

    def ahead(self, job: Job) -> int:
        """Number of active jobs submitted before a job."""
        with self._lock:
            before = self._jobs[: self._jobs.index(job)] if job in self._jobs else []
            return sum(one.active for one in before)

    def close(self) -> None:
        """Stop all jobs and wait for them."""
        with self._lock:
            for job in self._jobs:
                job.stop.set()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, session: Session) -> None:
        try:
            with session.working():
                job.started, job.state = time.monotonic(), 'running'
                (track_objects if job.model.takes_objects else segment)(job, session, self.pool)
            state = 'done'
        except (UnknownSessionError, StoppedError):
            state = 'stopped'
        except InputError as error:
            state, job.error = 'failed', session.public(error)
        except Exception:  # otherwise the thread's traceback is lost and the page waits forever
            logging.getLogger(__name__).exception('A run failed')
            state, job.error = 'failed', 'Internal server error; see the log of the server.'
        job.ended, job.state = time.monotonic(), state


def segment(job: Job, session: Session, pool: SegmenterPool) -> None:
    """Segment the part of the clip with a model that takes no prompts.

    Raises:
        StoppedError: the job was stopped; the frames so far are kept.
    """
    work = session.workspace
    kept, source = work.results[job.model.key], work.clip.source(work.first, work.last)
    kept.clear()
    with pool.borrow(job.model) as segmenter, closing(segmenter.results(source, keep_images=False)) as results:
        for job.done, result in enumerate(results, 1):
            _keep(job, session, result)


def track_objects(job: Job, session: Session, pool: SegmenterPool) -> None:
    """Track the prompted objects through the part of the clip; only frames that have changed are computed.

    Raises:
        StoppedError: the job was stopped; the frames so far are kept.
    """

    def progress(done: int, total: int) -> None:
        job.done, job.total = done, total
        _check_stop(job, session)

    job.total = 0  # only what has to be computed
    with session.workspace.tracker(job.model, pool) as tracker:
        with closing(tracker.run(job.direction, progress)) as results:
            for result in results:
                _keep(job, session, result)
        job.messages = tracker.messages()


def _keep(job: Job, session: Session, result: FrameResult) -> None:
    """Keep a result, and stop if that is wanted."""
    work = session.workspace
    results, frame = work.results[job.model.key], work.first + result.index
    if frame not in results.valid or results.frames[frame] is not result:
        results.set(frame, result)
        job.frame = frame
        known = {(entry['id'], entry['name']) for entry in job.segments}
        job.segments += [one for one in segment_table([result]) if (one['id'], one['name']) not in known]
    _check_stop(job, session)


def _check_stop(job: Job, session: Session) -> None:
    if job.stop.is_set() or session.closed.is_set():
        raise StoppedError
