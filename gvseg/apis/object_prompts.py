"""Object prompts of one video whose frames arrive one after the other."""

import warnings
from collections.abc import Iterable, Sequence

import numpy as np
from mmdet.structures import DetDataSample

from gvseg.utils.errors import InputError

from .object_reports import ObjectReport, report_objects
from .shown_objects import ObjectPrompt


class ObjectPrompts:
    """Prompts of one video in the order in which they were given.

    Attributes:
        prompts: the prompts.
        found: first and last frame of the results so far in which each object is, by id.
    """

    def __init__(self) -> None:
        self.prompts: list[ObjectPrompt] = []
        self.found: dict[int, tuple[int, int]] = {}

    def next_id(self, identity: int | None) -> int:
        """The id that a new object gets.

        Raises:
            InputError: the wanted id is taken.
        """
        taken = [prompt.identity for prompt in self.prompts]
        if identity is not None and identity in taken:
            raise InputError(f'There is an object {identity} already: choose another id.')
        return max(taken, default=0) + 1 if identity is None else identity

    def add(self, prompt: ObjectPrompt, start: int, frames: Sequence[np.ndarray]) -> None:
        """Add a prompt.

        Args:
            prompt: of a known or a new object.
            start: first frame that has not been segmented yet.
            frames: those that have arrived, from there on.

        Raises:
            InputError: its frame is past.
            DataError: it does not fit its frame.
        """
        if prompt.frame < start:
            raise InputError(
                f'Frame {prompt.frame} has been segmented already: show objects in frame {start} or later, or reset() '
                'and start again.'
            )
        if prompt.frame < start + len(frames):
            prompt.check(frames[prompt.frame - start].shape[:2])
        self.prompts.append(prompt)

    def check(self, index: int, size: tuple[int, int]) -> None:
        """Check the prompts of a frame against its size (H, W).

        Raises:
            DataError: see :meth:`ObjectPrompt.check`.
        """
        for prompt in self.prompts:
            if prompt.frame == index:
                prompt.check(size)

    def note_found(self, results: Iterable[DetDataSample]) -> None:
        """Record which objects are in the results, which come in order."""
        for result in results:
            counts = np.bincount(np.asarray(result.pred_object_map.sem_seg).ravel())
            for identity in np.flatnonzero(counts[1:]) + 1:
                first, _ = self.found.get(int(identity), (result.frame_id, 0))
                self.found[int(identity)] = (first, result.frame_id)

    def finish(self, length: int, needed: bool) -> list[ObjectReport]:
        """Check at the end of the video that every prompt was used; warn about lost and never found objects.

        Args:
            length: frames of the video.
            needed: whether the model needs prompts.

        Returns:
            Where each object was found.

        Raises:
            InputError: there is no prompt though the model needs one, or a prompt is for a frame after the last.
        """
        if needed and not self.prompts and length:
            raise InputError(
                f'No object was shown in the {length} frames of this video, so nothing could be '
                'tracked: call add_object() before the video or while it runs.'
            )
        late = [prompt for prompt in self.prompts if prompt.frame >= length]
        if late:
            raise InputError(
                f'The video has {length} frames, but object {late[0].identity} was to be shown in '
                f'frame {late[0].place}. Frames count from 0; the results of the others are complete.'
            )
        reports = self.reports(length)
        for report in reports:
            if report.message:
                warnings.warn(report.message, stacklevel=4)
        return reports

    def reports(self, length: int) -> list[ObjectReport]:
        """Where each object was found in a video of this many frames."""
        found = [(frame, [identity]) for identity, span in self.found.items() for frame in span]
        return report_objects(self.prompts, found, length - 1)
