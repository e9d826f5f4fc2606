"""A clip with its prompts and the masks of its frames."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from gvseg.apis import FrameResult
from gvseg.utils.errors import InputError

from .clips import Clip
from .exports import EXPORTS, ResultVideo
from .limits import Limits
from .models import ModelChoice, SegmenterPool
from .prompts import Prompt, PromptHistory
from .results import ClipResults, of_objects
from .tracking import ClipTracker


class Workspace:
    """What a user does with one clip.

    Args:
        clip: the clip.
        limits: limits of the service.

    Attributes:
        first, last: the part of the clip that is segmented, inclusive.
        history: prompts.
        results: masks by key of the model.
    """

    def __init__(self, clip: Clip, limits: Limits) -> None:
        self.clip, self.first, self.last = clip, 0, clip.length - 1
        self.history = PromptHistory(clip.length, clip.size, limits.objects)
        self.results: dict[str, ClipResults] = defaultdict(ClipResults)
        self._trackers: dict[str, ClipTracker] = {}
        self._lock, self._exporting = threading.RLock(), threading.Lock()

    def close(self) -> None:
        """Remove temporary files that are not in the session's folder."""
        with self._lock:
            while self._trackers:
                self._trackers.popitem()[1].close()

    # ---- Prompts

    def change(self, action: Callable[[PromptHistory], object]) -> None:
        """Change the prompts; results that depend on it become outdated.

        Raises:
            InputError: of the action, or a prompt does not fit its frame; nothing has changed then.
        """
        with self._lock:
            before = self.history.saved()
            try:
                action(self.history)
                self._check_inside(self.first, self.last)
                for tracker in self._trackers.values():
                    tracker.follow(self.history.current)
            except Exception:
                self.history.restore(before)
                for tracker in self._trackers.values():
                    tracker.follow(self.history.current)
                raise
            for key, tracker in self._trackers.items():
                self.results[key].follow(tracker.results())

    def mask_of(self, model: ModelChoice, object_id: object, frame: object) -> dict | None:
        """Mask (RLE) of an object that the page shows in a frame; ``None``: none."""
        result = self.results[model.key].shown(frame) if isinstance(frame, int) else None
        if result is None or not model.takes_objects or not isinstance(object_id, int):
            return None
        rows = np.nonzero(result.ids == object_id)[0]
        return result.rles[rows[0]] if len(rows) else None

    def trim(self, first: int, last: int) -> None:
        """Segment this part of the clip only; results become outdated.

        Raises:
            InputError: no such part, or prompts are outside.
        """
        if not all(type(frame) is int for frame in (first, last)) or not 0 <= first <= last < self.clip.length:
            raise InputError(f'There is no part {first} to {last}: the clip has frames 0 to {self.clip.length - 1}.')
        with self._lock:
            self._check_inside(first, last)
            if (first, last) == (self.first, self.last):
                return
            self.close()
            self.first, self.last = first, last
            for results in self.results.values():
                results.keep_only(first, last)

    def _check_inside(self, first: int, last: int) -> None:
        outside: Prompt | None = next(
            (one for one in self.history.current.prompts if not first <= one.frame <= last), None
        )
        if outside is not None:
            raise InputError(
                f'Object {outside.object_id} is prompted in frame {outside.frame}, outside the part {first} to {last}: '
                'widen the part, or undo the prompt.'
            )

    # ---- Masks

    @contextmanager
    def tracker(self, model: ModelChoice, pool: SegmenterPool) -> Iterator[ClipTracker]:
        """The tracker of a model with the current prompts and a loaded model, exclusively.

        Raises:
            InputError: a prompt does not fit its frame.
        """
        with self._lock, pool.borrow(model) as segmenter:
            if model.key not in self._trackers:
                self._trackers[model.key] = ClipTracker(segmenter, self.clip, self.first, self.last)
                self.results[model.key].follow({})
            tracker = self._trackers[model.key]
            tracker.lend(segmenter)
            tracker.follow(self.history.current)
            yield tracker

    def prepare(self, model: ModelChoice, pool: SegmenterPool) -> None:
        """Load a model and read the frames, so that the first preview is fast."""
        if model.takes_objects:
            with self.tracker(model, pool):
                pass

    def preview(self, model: ModelChoice, frame: int, pool: SegmenterPool) -> None:
        """Segment a frame that has prompts and no valid result.

        Raises:
            InputError: the prompts do not fit together.
        """
        with self._lock:
            results = self.results[model.key]
            if not self.needs_preview(model, frame):
                return
            with self.tracker(model, pool) as tracker:
                results.set_preview(frame, tracker.preview(frame))

    def needs_preview(self, model: ModelChoice, frame: int) -> bool:
        """Whether a frame has prompts and neither a valid result nor a preview."""
        results = self.results[model.key]
        prompted = any(one.frame == frame for one in self.history.current.prompts)
        return model.takes_objects and prompted and frame not in results.valid and frame not in results.previews

    def shown(self, model: ModelChoice, frame: int) -> FrameResult | None:
        """What the page shows of a frame: the masks of objects that exist, by their names."""
        result = self.results[model.key].shown(frame)
        if result is None or not model.takes_objects:
            return result
        return of_objects(result, {one.object_id: one.name for one in self.history.current.objects})

    # ---- Files

    def export(self, model: ModelChoice, kind: str, folder: Path) -> Path:
        """Write a file of the result, up to the last frame that is known.

        Raises:
            InputError: no such kind, or there is no result yet.
        """
        if kind not in EXPORTS:
            raise InputError(f'There is no file of kind {kind!r}; there are {", ".join(EXPORTS)}.')
        known = self.results[model.key].frames
        if not known:
            raise InputError('There is no result yet: press Segment first.')
        last = max(known)
        frames = [self.shown_or_empty(model, frame) for frame in range(self.first, last + 1)]
        start = None if self.clip.start is None else self.clip.start + (self.clip.times[self.first] or 0.0)
        sound = None if start is None else (self.clip.path, start)
        path = folder / EXPORTS[kind].file
        with self._exporting:
            folder.mkdir(parents=True, exist_ok=True)
            EXPORTS[kind].write(ResultVideo(frames, self.clip.source(self.first, last), sound), path)
        return path

    def shown_or_empty(self, model: ModelChoice, frame: int) -> FrameResult:
        """The result of a frame, without objects where nothing is known."""
        found = self.shown(model, frame) if frame in self.results[model.key].frames else None
        return empty_result(frame - self.first, self.clip.size) if found is None else found


def empty_result(frame: int, size: tuple[int, int]) -> FrameResult:
    """A result (H, W) without objects."""
    numbers = np.zeros(0, np.int64)
    return FrameResult(numbers, numbers, (), np.zeros(0, np.float32), np.zeros(0, bool), (), (), frame, None, size)
