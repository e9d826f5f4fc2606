"""Prompts of the user (points, boxes, brush strokes) on the objects of a clip, with undo and redo.

Shapes: H W frame size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import cv2
import numpy as np
import pycocotools.mask as coco_mask

from gvseg.apis import ObjectPrompt
from gvseg.utils.errors import InputError
from gvseg.visualization import id_colours

POINTS_OF_KIND = dict(point=(1, 1), box=(2, 2), brush=(1, 2000))
"""Kind of prompt -> smallest and largest number of its points (x, y)."""

MAX_POINTS = 20_000  # of all prompts of a clip
MAX_UNDO = 100  # steps
MAX_NAME = 40  # characters of an object's name


@dataclass(frozen=True)
class Prompt:
    """One action on one object in one frame.

    Attributes:
        object_id: 1 or more.
        frame: index of its frame.
        kind: 'point', 'box' or 'brush'.
        points: (x, y) in pixels of the frame: the point, two opposite corners, or the path of the brush.
        positive: False: not the object; a negative stroke erases.
        radius: of the brush in pixels.
        base: mask that the first stroke of an object in a frame extends, as RLE; ``None``: an empty one.
    """

    object_id: int
    frame: int
    kind: str
    points: tuple[tuple[float, float], ...]
    positive: bool = True
    radius: float = 0.0
    base: dict | None = None

    def as_json(self) -> dict:
        """As JSON for the page."""
        content = asdict(self)
        del content['base']
        return content


@dataclass(frozen=True)
class NamedObject:
    """An object; ``name`` is empty until the user gives one."""

    object_id: int
    name: str = ''

    def as_json(self) -> dict:
        """As JSON for the page, with the colour of the object in the result."""
        return dict(asdict(self), colour=hex_colour(id_colours(np.array([self.object_id]))[0]))


@dataclass(frozen=True)
class PromptState:
    """Objects and prompts of a clip at one time; ids are not used twice."""

    objects: tuple[NamedObject, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    next_id: int = 1

    @property
    def names(self) -> dict[int, str]:
        """Name by object id, of objects that have one."""
        return {one.object_id: one.name for one in self.objects if one.name}


class PromptHistory:
    """Prompts of a clip and the states before and after the current one.

    Args:
        length: number of frames of the clip.
        size: (H, W).
        max_objects: largest number of objects.

    Attributes:
        current: the current state.
        revision: grows with every change.
    """

    def __init__(self, length: int, size: tuple[int, int], max_objects: int) -> None:
        self.length, self.size, self.max_objects = length, size, max_objects
        self.current, self.revision = PromptState(), 0
        self.before: list[PromptState] = []
        self.after: list[PromptState] = []

    def add(
        self,
        frame: int,
        kind: str,
        points: Sequence[Sequence[float]],
        positive: bool = True,
        radius: float = 0.0,
        object_id: int | None = None,
        base: dict | None = None,
    ) -> Prompt:
        """Add a prompt.

        Args:
            frame, kind, points, positive, radius, base: as in :class:`Prompt`; points outside the frame are clipped
                to its border.
            object_id: the object; ``None``: a new one.

        Raises:
            InputError: Unknown kind, frame or object, wrong number of points, empty box, too many objects, or a prompt
                that cannot have an effect.
        """
        points = self._checked(frame, kind, points, radius)
        state = self.current if object_id is not None else self._with_object()
        prompt = Prompt(self._known(object_id, state), frame, kind, points, bool(positive), float(radius), base)
        self._check_effect(prompt)
        if sum(len(one.points) for one in state.prompts) + len(points) > MAX_POINTS:
            raise InputError('These are too many strokes. Undo some, or draw a box instead.')
        self._change(replace(state, prompts=(*state.prompts, prompt)))
        return prompt

    def rename(self, object_id: int, name: str) -> None:
        """Name an object; an empty name removes its name.

        Raises:
            InputError: Unknown object, or the name is not text or too long.
        """
        self._known(object_id, self.current)
        if not isinstance(name, str) or len(name.strip()) > MAX_NAME or not name.isprintable():
            raise InputError(f'A name is up to {MAX_NAME} printable characters.')
        objects = self.current.objects
        renamed = tuple(replace(one, name=name.strip()) if one.object_id == object_id else one for one in objects)
        if renamed != objects:
            self._change(replace(self.current, objects=renamed))

    def delete(self, object_id: int) -> None:
        """Delete an object and its prompts.

        Raises:
            InputError: Unknown object.
        """
        self._known(object_id, self.current)
        self._change(
            replace(
                self.current,
                objects=tuple(one for one in self.current.objects if one.object_id != object_id),
                prompts=tuple(one for one in self.current.prompts if one.object_id != object_id),
            )
        )

    def clear(self) -> None:
        """Delete all objects."""
        if self.current.objects:
            self._change(replace(self.current, objects=(), prompts=()))

    def saved(self) -> tuple:
        """Everything, for :meth:`restore`."""
        return self.current, [*self.before], [*self.after]

    def restore(self, saved: tuple) -> None:
        """Return to what :meth:`saved` has given."""
        self.current, self.before, self.after = saved

    def undo(self) -> None:
        """Return to the state before the last change, if there is one."""
        self._step(self.before, self.after)

    def redo(self) -> None:
        """Repeat the change that was undone last, if there is one."""
        self._step(self.after, self.before)

    def _step(self, source: list[PromptState], target: list[PromptState]) -> None:
        if source:
            target.append(self.current)
            self.current = source.pop()
            self.revision += 1

    def _change(self, state: PromptState) -> None:
        self.before = [*self.before[-MAX_UNDO + 1 :], self.current]
        self.current, self.after = state, []
        self.revision += 1

    def _with_object(self) -> PromptState:
        """The current state and a new object, which is the last."""
        if len(self.current.objects) >= self.max_objects:
            raise InputError(f'This page tracks up to {self.max_objects} objects. Delete one first.')
        number = self.current.next_id
        return replace(self.current, objects=(*self.current.objects, NamedObject(number)), next_id=number + 1)

    def _known(self, object_id: object, state: PromptState) -> int:
        """The id of an object of a state; ``None`` is the last object."""
        ids = [one.object_id for one in state.objects]
        if object_id is None:
            return ids[-1]
        if isinstance(object_id, bool) or not isinstance(object_id, int) or object_id not in ids:
            raise InputError(f'There is no object {object_id!r}.')
        return object_id

    def _check_effect(self, prompt: Prompt) -> None:
        """Refuse prompts that the network would ignore."""
        of_object = [one for one in self.current.prompts if one.object_id == prompt.object_id]
        painted = any(one.kind == 'brush' and one.frame == prompt.frame for one in of_object)
        if prompt.kind != 'brush' and painted:
            raise InputError('The mask of this object is painted in this frame: use the brush, or undo the strokes.')
        if prompt.kind == 'brush' and not prompt.positive and not painted and prompt.base is None:
            raise InputError('There is no mask of this object to erase in this frame.')
        if not prompt.positive and not any(one.positive for one in of_object):
            raise InputError('A negative prompt corrects an object: select one, or start it with a positive prompt.')

    def _checked(
        self, frame: int, kind: str, points: Sequence[Sequence[float]], radius: float
    ) -> tuple[tuple[float, float], ...]:
        if kind not in POINTS_OF_KIND:
            raise InputError(f'There is no prompt of kind {kind!r}; there are {", ".join(POINTS_OF_KIND)}.')
        if type(frame) is not int or not 0 <= frame < self.length:
            raise InputError(f'There is no frame {frame}: the clip has frames 0 to {self.length - 1}.')
        fewest, most = POINTS_OF_KIND[kind]
        values = np.asarray(points, np.float64)
        if values.ndim != 2 or values.shape[1] != 2 or not fewest <= len(values) <= most:
            raise InputError(f'A {kind} has {fewest} to {most} points (x, y), got an array of shape {values.shape}.')
        if not np.isfinite([*values.flat, radius]).all() or not 0 <= radius <= max(self.size):
            raise InputError(f'A {kind} needs finite points and a radius of 0 to {max(self.size)}.')
        height, width = self.size
        values = np.clip(values, 0, (width - 1, height - 1))
        if kind == 'box' and (np.abs(values[0] - values[1]) < 1).any():
            raise InputError('This box is empty: press, drag to the opposite corner, and release.')
        return tuple((x, y) for x, y in values.tolist())


def object_prompts(prompts: Sequence[Prompt], size: tuple[int, int]) -> dict[tuple, ObjectPrompt]:
    """Prompts for the network.

    Args:
        prompts: in the order in which they were given.
        size: (H, W).

    Returns:
        By what each is made of; equal keys mean equal prompts. The strokes of an object in a frame make one mask. A
        mask that was erased completely is left out.
    """
    found: dict[tuple, ObjectPrompt] = {}
    strokes: dict[tuple[int, int], list[Prompt]] = {}
    for prompt in prompts:
        if prompt.kind == 'brush':
            strokes.setdefault((prompt.object_id, prompt.frame), []).append(prompt)
            continue
        value = dict(point=prompt.points[0]) if prompt.kind == 'point' else dict(box=_box(prompt))
        key = (prompt.object_id, prompt.frame, prompt.kind, prompt.points, prompt.positive)
        found[key] = ObjectPrompt(prompt.object_id, prompt.frame, positive=prompt.positive, **value)
    for (object_id, frame), painted in strokes.items():
        mask = painted_mask(painted, size)
        if mask.any():
            paths = tuple((one.points, one.positive, one.radius, one.base and one.base['counts']) for one in painted)
            key = (object_id, frame, 'mask', paths)
            found[key] = ObjectPrompt(object_id, frame, mask=mask)
    return found


def painted_mask(strokes: Sequence[Prompt], size: tuple[int, int]) -> np.ndarray:
    """Mask (H, W) bool that brush strokes paint and erase, in order, from the base of the first."""
    base: Mapping | None = strokes[0].base
    mask = np.zeros(size, np.uint8) if base is None else np.ascontiguousarray(coco_mask.decode(base))
    for stroke in strokes:
        value = int(stroke.positive)
        path = np.round(np.array(stroke.points)).astype(np.int32)
        cv2.polylines(mask, [path], False, value, max(1, round(2 * stroke.radius)))
        for end in path[[0, -1]]:
            cv2.circle(mask, end.tolist(), round(stroke.radius), value, -1)
    return mask.astype(bool)


def hex_colour(colour: np.ndarray) -> str:
    """``#rrggbb`` of an RGB colour (3,)."""
    return '#{:02x}{:02x}{:02x}'.format(*colour.tolist())


def _box(prompt: Prompt) -> tuple[float, ...]:
    """(x1, y1, x2, y2); both corner pixels are inside."""
    low, high = np.sort(np.array(prompt.points), axis=0)
    return (*low.tolist(), *(high + 1).tolist())
