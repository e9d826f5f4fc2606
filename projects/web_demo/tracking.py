"""Prompted objects of a clip: previews of single frames, and tracking through the clip."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gvseg.apis import FrameResult, ObjectPrompt, VideoSegmenter

from .clips import Clip
from .prompts import PromptState, object_prompts

MAX_KEPT = 32  # prompts that were removed; a painted one has a mask of a frame's size


class ClipTracker:
    """The prompt session of one model on a part of a clip; not thread-safe.

    Frames are those of the part, except where said.

    Args:
        segmenter: reads the frames; another of the same model may be lent later.
        clip: the clip.
        first, last: the part, in frames of the clip.
    """

    def __init__(self, segmenter: VideoSegmenter, clip: Clip, first: int, last: int) -> None:
        self.clip, self.first, self.last = clip, first, last
        self._session = segmenter.session(clip.source(first, last))
        self._given: dict[tuple, ObjectPrompt] = {}
        self._kept: dict[tuple, ObjectPrompt] = {}  # with the same prompts, results are up to date again after undo

    def lend(self, segmenter: VideoSegmenter) -> None:
        """Set the loaded model for the next calls."""
        self._session.segmenter = segmenter

    def follow(self, state: PromptState) -> None:
        """Use these prompts; those outside the part are left out.

        Raises:
            InputError: a prompt does not fit its frame.
        """
        inside = [one for one in state.prompts if self.first <= one.frame <= self.last]
        wanted = object_prompts(inside, self.clip.size)
        for key in [key for key in self._given if key not in wanted]:
            self._session.remove(self._given.pop(key))
        for key, prompt in wanted.items():
            if key not in self._given:
                prompt = self._kept.pop(key, None) or replace(prompt, frame=prompt.frame - self.first)
                self._given[key] = self._kept[key] = self._session.add(prompt)
        for key in list(self._kept)[:-MAX_KEPT]:
            del self._kept[key]
        self._session.forget_edits()  # this page has its own history; masks would pile up

    def preview(self, frame: int) -> FrameResult:
        """The objects of one frame of the clip.

        Raises:
            InputError: the prompts do not fit together.
        """
        return self._session.preview(frame - self.first)

    def run(self, direction: str, progress: Callable[[int, int], Any]) -> Iterator[FrameResult]:
        """Track the objects; yields the results of all frames, of which only those that changed are computed."""
        return self._session.run(direction=direction, progress=progress)

    def results(self) -> dict[int, FrameResult]:
        """Results that belong to the current prompts, by frame of the clip."""
        return {self.first + frame: result for frame, result in self._session.results.items()}

    def messages(self) -> list[str]:
        """One line for every object that was lost or not found."""
        return [report.message for report in self._session.reports if report.message]

    def close(self) -> None:
        """Remove its temporary files."""
        self._session.close()
