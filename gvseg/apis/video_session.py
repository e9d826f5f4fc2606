"""Follow objects in one video with prompts in any frame, corrections, and runs in both directions.

Shapes:
    H W: frame size.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pycocotools.mask as coco_mask

from gvseg.evaluation.metrics.youtube_vis_metric import encode_masks
from gvseg.utils.errors import InputError
from gvseg.visualization.segments import object_segments

from .clip_pipeline import ClipPipeline, predict_clip
from .object_reports import ObjectReport, report_objects
from .propagation import Clip, Masks, Propagation
from .session_frames import SessionFrames
from .session_prompts import SessionPrompts
from .video_inputs import open_video
from .video_result import FrameResult, VideoResult

DIRECTIONS = ('forward', 'backward', 'both')
Progress = Callable[[int, int], None]


class Segmenter(Protocol):
    """What a session needs of a :class:`gvseg.apis.VideoSegmenter`."""

    model: Any
    config: Any
    pipeline: ClipPipeline
    lock: AbstractContextManager
    class_names: tuple[str, ...]
    clip_length: int
    clip_overlap: int

    @property
    def takes_objects(self) -> bool:
        """Whether the model takes object prompts."""
        ...


class VideoSession(SessionPrompts):
    """Objects of one video: shown, corrected, named, deleted; segmented as far as something changed.

        session = VideoSegmenter('evs').session('dog.mp4')
        session.add(frame=0, point=(200, 110))                            # a new object, 1
        session.add(object=1, frame=0, point=(220, 90), positive=False)   # what it is not
        session.preview(0).masks                                          # one clip
        session.add(object=1, frame=40, box=(80, 60, 190, 170))           # a correction
        result = session.result('both')

    A prompt changes nothing before its frame (after it, in a run backward): those results stay the same objects.
    Results depend on the prompts alone, not on the order of edits. Thread-safe; sessions may share a segmenter.

    Args:
        segmenter: of a model that follows given objects; may be replaced by another with the same weights.
        video: see :func:`gvseg.apis.open_video`; it is read once, to its end.
        channel_order: of numpy arrays.

    Raises:
        InputError: the model takes no prompts, or the video cannot be read.
    """

    def __init__(self, segmenter: Segmenter, video: Any, channel_order: str = 'bgr') -> None:
        if not segmenter.takes_objects:
            raise InputError(
                f'{segmenter.config.filename} takes no object prompts: use a config of the evs task, or '
                'VideoSegmenter(..., select_tracks=True).'
            )
        self.segmenter = segmenter
        self.source = open_video(video, channel_order=channel_order)
        self.frames = SessionFrames(self.source, segmenter.pipeline.shrunk)
        super().__init__(len(self.frames), self.frames.size)
        self._lock = threading.RLock()
        self._direction = 'forward'
        self._results: dict[int, tuple[tuple, FrameResult]] = {}
        sizes = (self.length, segmenter.clip_length, segmenter.clip_overlap)
        self._passes = {
            name: Propagation(*sizes, lambda *clip, mirrored=name != 'forward': self._segment(mirrored, *clip))
            for name in ('forward', 'backward', 'before')
        }

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.source.fps

    def close(self) -> None:
        """Remove the temporary file; results stay."""
        self.frames.close()

    def __enter__(self) -> VideoSession:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Results ------------------------------------------------------------------------------------------------------

    def preview(self, frame: int) -> FrameResult:
        """The objects of one frame, for which at most one clip is segmented.

        With a run that has come up to this frame it is what a run gives, and a run uses it again. Otherwise it shows
        the objects that have prompts in this very frame.

        Raises:
            InputError: there is no such frame.
        """
        if not 0 <= frame < self.length:
            raise InputError(f'There is no frame {frame}: the video has frames 0 to {self.length - 1}.')
        with self._lock:
            self._follow()
            known = self._composed(frame, self._direction)
            if known is not None:
                return known
            forward = self._passes['forward']
            if not forward.ready_for(frame):
                here = [pair for pair in self.forward() if pair[0] == frame]
                alone = Propagation(self.length, forward.clip_length, forward.overlap, forward.segment)
                alone.follow(here)
                list(alone.compute(frame))
                return self._frame_result(frame, alone.masks(frame) or {})
            list(forward.compute(frame))
            return self._frame_result(frame, forward.masks(frame) or {})

    def run(
        self, direction: str = 'forward', from_frame: int = 0, progress: Progress | None = None
    ) -> Iterator[FrameResult]:
        """Segment what is missing and yield the frames in ascending order.

        Args:
            direction: ``'forward'``: an object is in no frame before the first that shows it; ``'backward'``: in none
                after the last that shows it; ``'both'``: frames before the first that shows it come from a pass that
                runs backward from there, the others from the forward one.
            from_frame: first frame wanted; earlier results stay as they are.
            progress: called with frames done and to do (of all passes) after each clip.

        Raises:
            InputError: an object has negative prompts only, or prompts changed meanwhile (start again).
        """
        if direction not in DIRECTIONS:
            raise InputError(f'direction={direction!r}: a run goes {", ".join(map(repr, DIRECTIONS))}.')
        self.check(direction)
        with self._lock:
            self._follow()
            self._direction = direction
            edits, done = self._now.prompts, 0
            last = self.length - 1
            mirrored = {'forward': None, 'backward': 'backward', 'both': 'before'}[direction]
            todo = 0 if mirrored is None else self._passes[mirrored].missing(last - from_frame)
            todo += 0 if direction == 'backward' else self._passes['forward'].missing(last)
        steps = self._steps(direction, mirrored, from_frame)
        for frame in range(from_frame, self.length):
            while True:
                with self._lock:
                    if self._now.prompts != edits:
                        raise InputError('Prompts changed while the video was segmented: start the run again.')
                    result = self._composed(frame, direction)
                    added = next(steps) if result is None else 0
                if result is not None:
                    break
                done += added
                if progress is not None:
                    progress(done, todo)
            yield result

    def _steps(self, direction: str, mirrored: str | None, from_frame: int) -> Iterator[int]:
        """Segment clip by clip, and yield how many frames each adds."""
        last = self.length - 1
        if mirrored is not None:
            yield from self._passes[mirrored].compute(last - from_frame)
        if direction != 'backward':
            yield from self._passes['forward'].compute(last)

    def result(self, direction: str = 'forward', progress: Progress | None = None) -> VideoResult:
        """The whole video; lost and never found objects are in its ``reports``."""
        frames = list(self.run(direction, progress=progress))
        return VideoResult(frames, self.source, self.segmenter.class_names, self.reports)

    @property
    def results(self) -> dict[int, FrameResult]:
        """Frames that are known for the direction of the last run, without segmenting anything."""
        with self._lock:
            self._follow()
            found = ((frame, self._composed(frame, self._direction)) for frame in range(self.length))
            return {frame: result for frame, result in found if result is not None}

    @property
    def reports(self) -> list[ObjectReport]:
        """What is known of every object in the direction of the last run; complete after a run to the end."""
        found = [(frame, result.ids.tolist()) for frame, result in self.results.items()]
        backward = self._direction == 'backward'
        end = min((frame for frame, _ in found), default=0) if backward else max((f for f, _ in found), default=0)
        return report_objects(self.prompts, found, end, self.names, backward)

    # From prompts to results --------------------------------------------------------------------------------------

    def _follow(self) -> None:
        for name, propagation in self._passes.items():
            propagation.follow(getattr(self, name)())

    def _composed(self, frame: int, direction: str) -> FrameResult | None:
        """The result of a frame from the passes; ``None``: not known yet."""
        mirrored = self.length - 1 - frame
        if direction != 'both':
            masks = self._passes[direction].masks(mirrored if direction == 'backward' else frame)
            return None if masks is None else self._frame_result(frame, masks)
        late, early = self._passes['forward'].masks(frame), self._passes['before'].masks(mirrored)
        if late is None or early is None:
            return None
        shown = self.first_shown()
        early = {identity: mask for identity, mask in early.items() if frame < shown[identity]}
        return self._frame_result(frame, {**_without(early, late), **late})

    def _frame_result(self, frame: int, masks: Masks) -> FrameResult:
        """A result; the same object again as long as nothing in it changed."""
        key = (tuple((identity, masks[identity]['counts']) for identity in sorted(masks)), self._now.names)
        if frame in self._results and self._results[frame][0] == key:
            return self._results[frame][1]
        ids, classes = sorted(masks), self.segmenter.class_names
        default = classes[0] if classes else 'class 0'
        result = FrameResult(
            ids=np.array(ids, np.int64),
            labels=np.zeros(len(ids), np.int64),
            names=tuple(self.names.get(identity, default) for identity in ids),
            scores=np.ones(len(ids), np.float32),
            is_thing=np.ones(len(ids), bool),
            rles=tuple(masks[identity] for identity in ids),
            class_names=classes,
            index=frame,
            time=self.frames.times[frame],
            size=self.size,
        )
        self._results[frame] = (key, result)
        return result

    def _segment(self, mirrored: bool, clip: Clip, stop: int, state: Any) -> tuple[list[Masks], Any]:
        """One clip through the model; frames are numbered from 1, since a clip at frame 0 would start a new video."""
        places = [min(place, stop - 1) for place in range(clip.start, clip.start + self.segmenter.clip_length)]
        frames = [self.frames[self.length - 1 - place if mirrored else place] for place in places]
        prompts = [replace(prompt, frame=place + 1) for place, prompt in clip.shown]
        segmenter = self.segmenter
        with segmenter.lock:
            outer = segmenter.model.snapshot()
            try:
                if state is None:
                    segmenter.model.reset()
                packed = segmenter.pipeline.prepare(
                    frames, [place + 1 for place in places], 'session', prompts, self.size
                )
                samples = predict_clip(segmenter.model, packed, state, clip.first + 1)
                return [_masks_of(sample) for sample in samples], segmenter.model.snapshot()
            finally:
                segmenter.model.restore(outer)


def _masks_of(sample: Any) -> Masks:
    segments = object_segments(sample)
    return dict(zip(segments.ids.tolist(), encode_masks(segments.masks)))


def _without(masks: Masks, others: Masks) -> Masks:
    """Masks less the pixels of others; what is left without pixels is left out."""
    if not masks or not others:
        return masks
    taken = coco_mask.decode(coco_mask.merge(list(others.values())))
    rest = {identity: coco_mask.decode(mask) & ~taken.astype(bool) for identity, mask in masks.items()}
    return {identity: encode_masks(mask[None])[0] for identity, mask in rest.items() if mask.any()}
