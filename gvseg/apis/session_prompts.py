"""The prompts of one video that a user edits: objects shown, corrected, named, deleted; undo and redo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gvseg.utils.errors import InputError

from .shown_objects import ObjectPrompt

Placed = list[tuple[int, ObjectPrompt]]


@dataclass(frozen=True)
class Edits:
    """Prompts in the order in which they were given, and the names of objects."""

    prompts: tuple[ObjectPrompt, ...] = ()
    names: tuple[tuple[int, str], ...] = ()


class SessionPrompts:
    """Prompts of a video with frames ``0 .. length - 1`` of one size.

    Args:
        length: number of frames.
        size: (H, W).
    """

    def __init__(self, length: int, size: tuple[int, int]) -> None:
        self.length, self.size = length, size
        self._past: list[Edits] = []
        self._now = Edits()
        self._future: list[Edits] = []

    @property
    def prompts(self) -> tuple[ObjectPrompt, ...]:
        """All prompts, in the order in which they were given."""
        return self._now.prompts

    @property
    def objects(self) -> list[int]:
        """Ids of the objects, ascending."""
        return sorted({prompt.identity for prompt in self._now.prompts})

    @property
    def names(self) -> dict[int, str]:
        """Names of the objects that have one."""
        return dict(self._now.names)

    # Edits --------------------------------------------------------------------------------------------------------

    def add(self, prompt: ObjectPrompt | None = None, object: int | None = None, **values: Any) -> ObjectPrompt:
        """Show an object, or show it again.

        Args:
            prompt: the prompt, or its fields:
            object: id of the object, new or known; ``None``: a new object.
            values: fields of :class:`ObjectPrompt` (frame, point, box, mask, positive, source).

        Returns:
            The prompt, for :meth:`remove`.

        Raises:
            InputError, DataError: it does not fit the video.
        """
        if prompt is None:
            identity = max(self.objects, default=0) + 1 if object is None else object
            prompt = ObjectPrompt(identity, **{'frame': 0, **values})
        if prompt.frame >= self.length:
            raise InputError(
                f'The video has {self.length} frames, but object {prompt.identity} was to be shown in frame '
                f'{prompt.place}. Frames count from 0.'
            )
        prompt.check(self.size)
        self._change(replace(self._now, prompts=(*self._now.prompts, prompt)))
        return prompt

    def remove(self, prompt: ObjectPrompt) -> None:
        """Take one prompt away.

        Raises:
            InputError: it is none of these.
        """
        if prompt not in self._now.prompts:
            raise InputError(f'This prompt of object {prompt.identity} is not there: it was removed before.')
        self._change(self._with_prompts([one for one in self._now.prompts if one is not prompt]))

    def delete_object(self, identity: int) -> None:
        """Take all prompts of an object away, and its name.

        Raises:
            InputError: there is no such object.
        """
        self.check_object(identity)
        self._change(self._with_prompts([one for one in self._now.prompts if one.identity != identity]))

    def clear(self) -> None:
        """Delete all objects."""
        self._change(Edits())

    def name_object(self, identity: int, name: str) -> None:
        """Name an object; an empty name takes its name away.

        Raises:
            InputError: there is no such object.
        """
        self.check_object(identity)
        names = {**self.names, identity: name.strip()}
        self._change(replace(self._now, names=tuple(sorted((key, value) for key, value in names.items() if value))))

    def undo(self) -> bool:
        """Take the last edit back; returns whether there was one."""
        if not self._past:
            return False
        self._future.append(self._now)
        self._now = self._past.pop()
        return True

    def redo(self) -> bool:
        """Repeat what was taken back last; returns whether there was something."""
        if not self._future:
            return False
        self._past.append(self._now)
        self._now = self._future.pop()
        return True

    def forget_edits(self) -> None:
        """Forget what :meth:`undo` and :meth:`redo` need, for a program that has a history of its own."""
        self._past.clear()
        self._future.clear()

    def check_object(self, identity: int) -> None:
        """Raise InputError where there is no such object."""
        if identity not in self.objects:
            known = ', '.join(map(str, self.objects)) or 'none'
            raise InputError(f'There is no object {identity}; there are: {known}.')

    def _change(self, edits: Edits) -> None:
        self._past.append(self._now)
        self._future.clear()
        self._now = edits

    def _with_prompts(self, prompts: Sequence[ObjectPrompt]) -> Edits:
        left = {prompt.identity for prompt in prompts}
        return Edits(tuple(prompts), tuple((key, name) for key, name in self._now.names if key in left))

    # What passes over the video are told --------------------------------------------------------------------------

    def first_shown(self, last: bool = False) -> dict[int, int]:
        """First (or last) frame in which each object has a positive prompt; objects without one are left out."""
        frames: dict[int, list[int]] = {}
        for prompt in self._now.prompts:
            if prompt.positive:
                frames.setdefault(prompt.identity, []).append(prompt.frame)
        return {identity: (max if last else min)(places) for identity, places in sorted(frames.items())}

    def check(self, direction: str) -> None:
        """Check that a run can use every prompt.

        Raises:
            InputError: an object has negative prompts only, or one before (in the direction) it is first shown.
        """
        shown = self.first_shown(last=direction == 'backward')
        for prompt in self._now.prompts:
            if prompt.identity not in shown:
                raise InputError(
                    f'Object {prompt.identity} has negative prompts only (frame {prompt.place}): show what it is by a '
                    'positive one.'
                )
            late = shown[prompt.identity] - prompt.frame
            if direction != 'both' and (-late if direction == 'backward' else late) > 0:
                raise InputError(
                    f'Object {prompt.identity} has a negative prompt in frame {prompt.place}, where a run {direction} '
                    f'does not know it yet: it is first shown in frame {shown[prompt.identity]}.'
                )

    def forward(self) -> Placed:
        """Prompts of a pass from the first frame to the last, with their positions in it."""
        shown = self.first_shown()
        return _placed((prompt.frame, prompt) for prompt in self._now.prompts if self._since(prompt, shown) >= 0)

    def backward(self) -> Placed:
        """Prompts of a pass from the last frame to the first."""
        shown = self.first_shown(last=True)
        return self._mirrored(prompt for prompt in self._now.prompts if self._since(prompt, shown) <= 0)

    def before(self) -> Placed:
        """Prompts of a pass that runs backward from the first frame in which each object is shown."""
        shown = {identity: frame for identity, frame in self.first_shown().items() if frame > 0}
        return self._mirrored(prompt for prompt in self._now.prompts if self._since(prompt, shown) <= 0)

    @staticmethod
    def _since(prompt: ObjectPrompt, shown: dict[int, int]) -> float:
        """Frames from the object's first sight to a prompt; not a number for an object that is not shown."""
        return prompt.frame - shown.get(prompt.identity, float('nan'))

    def _mirrored(self, prompts: Any) -> Placed:
        return _placed((self.length - 1 - prompt.frame, prompt) for prompt in prompts)


def _placed(pairs: Any) -> Placed:
    return sorted(pairs, key=lambda pair: (pair[0], pair[1].identity))
