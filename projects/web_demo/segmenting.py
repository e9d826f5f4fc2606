"""Queue of runs: a model on the clip of a session.

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
    vis='VIS: things, with ids',
    vss='VSS: classes of pixels',
    vps='VPS: things and stuff',
    evs='EVS: objects that I select',
)
SHAPES_NOTE = 'Trained on the generated shapes of the examples only.'
REAL_NOTE = 'Trained on nine videos of DAVIS and 128 photos.'
SHOWN_TASKS = ('evs',)
SHAPES_SIDE, REAL_SIDE = 96, 240


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be selected on the page.

    Attributes:
        key: name in requests.
        task: key of ``TASKS``.
        title, note: texts for the page.
        config, checkpoint: paths.
        short_side: short side of the network's input.
        takes_objects: whether it needs prompts (EVS).
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
    """Models with shipped weights, by key.

    Raises:
        CheckpointError: Weights are missing.
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
    """Pool of loaded models; each processes one video at a time.

    Args:
        device: device of the models.
    """

    def __init__(self, device: str = 'cpu') -> None:
        self.device = device
        self._idle: dict[str, list[VideoSegmenter]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, model: ModelChoice) -> Iterator[VideoSegmenter]:
        """Borrow a segmenter exclusively, in its initial state."""
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
        model: the model.
        folder: folder of the result.
        total: number of frames.
        state: 'waiting', 'running', 'done', 'stopped' or 'failed'.
        done: number of finished frames.
        error: error message.
        segments: segments so far, as in ``segments.json``.
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

    def submit(self, session: Session, model: ModelChoice) -> Job:
        """Start or queue a run on the session's clip with its current drawings.

        Raises:
            InputError: No clip, no prompts for EVS, a run is active, or another clip is being uploaded.
            BusyError: The queue is full.
        """
        if session.clip is None or session.drawn is None:
            raise InputError('Choose a clip first.')
        session.check_free()
        shown = session.drawn.shown() if model.takes_objects else []
        if model.takes_objects and not shown:
            raise InputError('EVS needs an object: draw a point, a box or a mask on a frame first.')
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
        except Exception:  # otherwise the thread's traceback is lost and the page waits forever
            logging.getLogger(__name__).exception('A run failed')
            state, job.error = 'failed', 'Internal server error; see the log of the server.'
        job.ended, job.state = time.monotonic(), state


def segment(job: Job, session: Session, shown: Iterable, pool: SegmenterPool) -> bool:
    """Segment a clip into the job's folder.

    Returns:
        Whether all frames were processed; otherwise the files hold the frames so far.
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
