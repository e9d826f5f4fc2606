"""Runs a model on a session's clip, a few at a time.

Shapes: H W frame size.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gvseg.apis import VideoSegmenter, real_video_model, shipped_model
from gvseg.utils.errors import InputError
from gvseg.visualization import predicted_segments

from .results import ResultFiles
from .sessions import BusyError, Session, UnknownSessionError

TASKS = dict(
    vis='VIS: things, with ids', vss='VSS: classes of pixels', vps='VPS: things and stuff', evs='EVS: what I point at'
)
SHAPES_NOTE = 'Knows the generated shapes of the examples only.'
REAL_NOTE = 'Trained on nine videos of DAVIS and 128 photos.'
SHOWN_TASKS = ('evs',)
SHAPES_SIDE, REAL_SIDE = 96, 240


@dataclass(frozen=True)
class ModelChoice:
    """A model that the page offers.

    Attributes:
        key: its name in requests.
        task: key of ``TASKS``.
        title, note: for the page.
        config, checkpoint: files.
        short_side: frames are shrunk to this for the network.
        takes_objects: whether it follows what the user draws.
        real: whether it was trained on real video.
    """

    key: str
    task: str
    title: str
    note: str
    config: Path
    checkpoint: Path
    short_side: int
    takes_objects: bool = False
    real: bool = False


def offered_models(root: Path) -> dict[str, ModelChoice]:
    """The models with shipped weights, by key.

    Raises:
        CheckpointError: weights are missing.
    """
    found = [
        ModelChoice(
            f'{task}-shapes',
            task,
            'Moving Shapes (tiny)',
            SHAPES_NOTE,
            *shipped_model(task, root),
            SHAPES_SIDE,
            task in SHOWN_TASKS,
        )
        for task in TASKS
    ]
    real = ModelChoice(
        'evs-real',
        'evs',
        'Real video (MobileNetV2)',
        REAL_NOTE,
        *real_video_model('evs', root),
        REAL_SIDE,
        takes_objects=True,
        real=True,
    )
    return {model.key: model for model in (*found, real)}


class SegmenterPool:
    """Loaded models; each serves one video at a time.

    Args:
        device: where they run.
    """

    def __init__(self, device: str = 'cpu') -> None:
        self.device = device
        self._idle: dict[str, list[VideoSegmenter]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, model: ModelChoice) -> Iterator[VideoSegmenter]:
        """A segmenter that nobody else uses meanwhile, and that remembers nothing."""
        with self._lock:
            idle = self._idle.setdefault(model.key, [])
            segmenter = idle.pop() if idle else None
        if segmenter is None:
            segmenter = VideoSegmenter(str(model.config), str(model.checkpoint), self.device, model.short_side)
        try:
            yield segmenter
        finally:
            segmenter.reset()
            with self._lock:
                idle.append(segmenter)


@dataclass
class Job:
    """A run.

    Attributes:
        model: which.
        folder: of its result.
        total: frames.
        state: 'waiting', 'running', 'done', 'stopped' or 'failed'.
        done: frames finished.
        error: what went wrong.
        segments: what is in the result so far, as in ``segments.json``.
    """

    model: ModelChoice
    folder: Path
    total: int
    state: str = 'waiting'
    done: int = 0
    error: str = ''
    segments: list[dict] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = 0.0
    ended: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ('waiting', 'running')

    def seconds(self) -> float:
        """How long it has run."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0


class JobQueue:
    """Runs jobs in the order in which they come.

    Args:
        pool: of models.
        workers: runs at the same time.
        waiting: how many more may wait.
    """

    def __init__(self, pool: SegmenterPool, workers: int = 1, waiting: int = 8) -> None:
        self.pool, self.workers, self.waiting = pool, workers, waiting
        self._executor = ThreadPoolExecutor(workers, 'segment')
        self._jobs: list[Job] = []
        self._lock = threading.Lock()

    def submit(self, session: Session, model: ModelChoice) -> Job:
        """Start a run on the session's clip with what is drawn now, or line it up.

        Raises:
            InputError: no clip, nothing drawn for a model that needs it, a run is active, or another clip is coming.
            BusyError: too many wait.
        """
        if session.clip is None or session.drawn is None:
            raise InputError('Choose a clip first.')
        session.check_free()
        shown = session.drawn.shown() if model.takes_objects else []
        if model.takes_objects and not shown:
            raise InputError('EVS follows what you point at: draw a point, a box or a mask on a frame first.')
        job = Job(model, session.new_folder('result'), session.clip.length)
        with self._lock:
            self._jobs = [one for one in self._jobs if one.active]
            if len(self._jobs) >= self.workers + self.waiting:
                raise BusyError(f'{len(self._jobs)} other runs come first. Try again in a minute.')
            session.begin(job)
            self._jobs.append(job)
        self._executor.submit(self._run, job, session, shown)
        return job

    def ahead(self, job: Job) -> int:
        """How many active jobs were submitted before a job."""
        with self._lock:
            before = self._jobs[: self._jobs.index(job)] if job in self._jobs else []
            return sum(one.active for one in before)

    def close(self) -> None:
        """Stop all jobs and wait for them."""
        with self._lock:
            for job in self._jobs:
                job.stop.set()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, session: Session, shown: list) -> None:
        try:
            with session.working():
                job.started, job.state = time.monotonic(), 'running'
                finished = segment(job, session, shown, self.pool)
            state = 'done' if finished else 'stopped'
        except UnknownSessionError:
            state = 'stopped'
        except InputError as error:
            state, job.error = 'failed', str(error).replace(str(session.clip.path), session.clip.name)
        except Exception:  # a thread's traceback is lost otherwise, and the page would wait for ever
            logging.getLogger(__name__).exception('A run failed')
            state, job.error = 'failed', 'The server made a mistake; its log says which.'
        job.ended, job.state = time.monotonic(), state


def segment(job: Job, session: Session, shown: Iterable, pool: SegmenterPool) -> bool:
    """Segment a clip into the job's folder.

    Returns:
        Whether it came to the end; otherwise the files hold the frames up to there.
    """
    clip = session.clip
    source = clip.source()
    with pool.borrow(job.model) as segmenter, ResultFiles(job.folder, clip.fps) as files:
        for one in shown:
            segmenter.add_object(one.frame, one.mask, one.box, one.point, one.identity)
        job.segments = files.segments
        with closing(segmenter.segment_with_frames(source)) as results:
            for frame, result in results:
                if job.stop.is_set() or session.closed.is_set():
                    break
                if not files.frames and source.start is not None:
                    files.copy_sound(source.path, source.start)
                image = np.ascontiguousarray(frame.image[..., ::-1])
                files.add(image, predicted_segments(result, segmenter.class_names), frame.time)
                job.done = files.frames
        if files.frames:
            files.finish()
        return files.frames == clip.length
