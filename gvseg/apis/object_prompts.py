"""Object prompts of one video."""

import warnings
from collections.abc import Iterable

import torch
from mmdet.structures import DetDataSample

from gvseg.utils.errors import InputError

from .shown_objects import ObjectPrompt


class ObjectPrompts:
    """Prompts of one video in the order in which they were given.

    Attributes:
        prompts: the prompts.
        found: ids that are in the results so far.
    """

    def __init__(self) -> None:
        self.prompts: list[ObjectPrompt] = []
        self.found: set[int] = set()

    def next_id(self, identity: int | None) -> int:
        """The id that a new object gets.

        Raises:
            InputError: the wanted id is taken.
        """
        taken = [prompt.identity for prompt in self.prompts]
        if identity is not None and identity in taken:
            raise InputError(f'There is an object {identity} already: choose another id.')
        return max(taken, default=0) + 1 if identity is None else identity

    def check(self, index: int, size: tuple[int, int]) -> None:
        """Check the prompts of a frame against its size (H, W).

        Raises:
            DataError: see :meth:`ObjectPrompt.check`.
        """
        for prompt in self.prompts:
            if prompt.frame == index:
                prompt.check(size)

    def note_found(self, results: Iterable[DetDataSample]) -> None:
        """Record which objects are in the results."""
        for result in results:
            due = (prompt for prompt in self.prompts if prompt.frame <= result.frame_id)
            if any(prompt.identity not in self.found for prompt in due):
                self.found.update(torch.unique(result.pred_object_map.sem_seg).tolist())

    def finish(self, length: int, needed: bool) -> None:
        """Check at the end of the video that every prompt was used; warn about objects that were never found.

        Args:
            length: frames of the video.
            needed: whether the model needs prompts.

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
        for prompt in self.prompts:
            if prompt.identity not in self.found:
                warnings.warn(
                    f'Object {prompt.identity}, shown in frame {prompt.place}, was found in no frame. Show it '
                    'by a mask or a box, or in a frame where it is larger.',
                    stacklevel=4,
                )
