"""A pass over a video, clip by clip, of which only what changed is computed again.

Positions count along the pass: forward they are frames, backward frames from the last one on.

A clip ends, for the results, where the next prompt is: the frames from there on come from a clip that knows the prompt.
So a prompt changes nothing before its frame, and results depend on the prompts alone, not on when they were given.

Shapes: L positions of the pass.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .shown_objects import ObjectPrompt

Masks = Mapping[int, dict]
"""Masks of one frame, compressed (RLE), by object id."""
Placed = Sequence[tuple[int, ObjectPrompt]]
"""Prompts with their positions."""


class Clip(NamedTuple):
    """What one clip of a pass is made of; equal clips after equal ones have equal results.

    Attributes:
        start: position of its first frame.
        first: first position that it reports; earlier ones are shared with the clip before.
        shown: prompts that it knows, with their positions.
    """

    start: int
    first: int
    shown: tuple[tuple[int, ObjectPrompt], ...]


@dataclass
class SegmentedClip:
    """A clip with its outcome.

    Attributes:
        clip: what it was made of.
        masks: of the positions from ``clip.first`` on.
        state: what the model knows after it.
    """

    clip: Clip
    masks: list[Masks]
    state: Any


class Propagation:
    """The clips of one pass.

    Args:
        length: L.
        clip_length: frames of a clip.
        overlap: frames that a clip shares with the next.
        segment: (clip, its last position + 1, state before it) -> masks from ``clip.first`` on, and the state after it.
    """

    def __init__(
        self, length: int, clip_length: int, overlap: int, segment: Callable[[Clip, int, Any], tuple[list[Masks], Any]]
    ) -> None:
        self.length, self.clip_length, self.overlap = length, clip_length, overlap
        self.segment = segment
        self._done: list[SegmentedClip] = []
        self._prompts: tuple[tuple[int, ObjectPrompt], ...] = ()
        self._plan: list[tuple[Clip, int]] = []
        self._agreed = 0

    def follow(self, prompts: Placed) -> None:
        """Set the prompts; what was segmented with others stays where it is the same."""
        if tuple(prompts) == self._prompts:
            return
        self._prompts = tuple(prompts)
        self._plan = list(self.plan(self._prompts))
        pairs = enumerate(zip(self._plan, self._done))
        different = (index for index, ((clip, _), done) in pairs if clip != done.clip)
        self._agreed = next(different, min(len(self._plan), len(self._done)))

    def plan(self, prompts: Placed) -> Iterator[tuple[Clip, int]]:
        """All clips in order, and the position after the last one that each reports."""
        places = sorted({place for place, _ in prompts})
        done = places[0] if places else self.length
        while done < self.length:
            start = max(done - self.overlap, places[0])
            stop = min(start + self.clip_length, self.length)
            end = next((place for place in places if done < place < stop), stop)
            yield Clip(start, done, tuple(pair for pair in prompts if start <= pair[0] < end)), end
            done = end

    def masks(self, place: int) -> Masks | None:
        """Masks at a position; none before the first prompt, ``None``: not computed yet."""
        index = bisect_right([clip.first for clip, _ in self._plan], place) - 1
        if index < 0:
            return {}
        return self._done[index].masks[place - self._plan[index][0].first] if index < self._agreed else None

    def missing(self, until: int) -> int:
        """How many positions have to be computed for all up to this one."""
        return sum(end - clip.first for clip, end in self._plan[self._agreed :] if clip.first <= until)

    def ready_for(self, place: int) -> bool:
        """Whether at most one clip is missing up to a position."""
        return sum(clip.first <= place for clip, _ in self._plan[self._agreed :]) <= 1

    def compute(self, until: int) -> Iterator[int]:
        """Segment the clips that are missing up to a position, and yield how many positions each adds."""
        while self._agreed < len(self._plan) and self._plan[self._agreed][0].first <= until:
            clip, end = self._plan[self._agreed]
            del self._done[self._agreed :]
            state = self._done[-1].state if self._done else None
            stop = min(clip.start + self.clip_length, self.length)
            self._done.append(SegmentedClip(clip, *self.segment(clip, stop, state)))
            self._agreed += 1
            yield end - clip.first
