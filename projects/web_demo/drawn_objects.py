"""What a user has drawn: points, boxes and brush strokes, as objects for the network.

Shapes: H W frame size.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from gvseg.apis import ObjectPrompt
from gvseg.utils.errors import InputError
from gvseg.visualization import id_colours

POINTS_OF_KIND = dict(point=(1, 1), box=(2, 2), brush=(1, 2000))
"""Kind of drawing -> fewest and most places (x, y) it consists of."""

MOST_PLACES = 20_000  # of all drawings of a clip


@dataclass(frozen=True)
class Drawing:
    """One gesture.

    Attributes:
        identity: the object it belongs to, 1 or more.
        frame: where it was made.
        kind: 'point', 'box' or 'brush'.
        places: (x, y) in pixels of the frame: the point, two opposite corners, or the way of the brush.
        radius: of the brush in pixels.
    """

    identity: int
    frame: int
    kind: str
    places: tuple[tuple[float, float], ...]
    radius: float = 0.0

    def as_json(self) -> dict:
        """For the page, with the colour that the object will have in the result."""
        return dict(asdict(self), colour='#{:02x}{:02x}{:02x}'.format(*id_colours(np.array([self.identity]))[0]))


class DrawnObjects:
    """The drawings of a clip, in order.

    A point or a box is an object by itself; strokes that follow each other in one frame are one object.

    Args:
        length: frames of the clip.
        size: (H, W).
        most: how many objects are allowed.
    """

    def __init__(self, length: int, size: tuple[int, int], most: int) -> None:
        self.length, self.size, self.most = length, size, most
        self.drawings: list[Drawing] = []

    def add(
        self, frame: int, kind: str, places: Sequence[Sequence[float]], radius: float = 0.0, new_object: bool = False
    ) -> Drawing:
        """Take in a gesture.

        Args:
            frame, kind, places, radius: as in :class:`Drawing`; places outside the frame are moved to its border.
            new_object: a stroke begins an object although one was just painted in this frame.

        Raises:
            InputError: no such kind or frame, a wrong number of places, an empty box, or too many objects.
        """
        places = self._checked(frame, kind, places, radius)
        last = self.drawings[-1] if self.drawings else None
        joins = kind == 'brush' and not new_object and last and (last.kind, last.frame) == (kind, frame)
        if sum(len(one.places) for one in self.drawings) + len(places) > MOST_PLACES:
            raise InputError('These are too many strokes. Undo some, or draw a box instead.')
        identity = last.identity if joins else max((one.identity for one in self.drawings), default=0) + 1
        if identity > self.most:
            raise InputError(f'This page follows up to {self.most} objects. Undo one first.')
        drawing = Drawing(identity, frame, kind, places, radius)
        self.drawings.append(drawing)
        return drawing

    def undo(self) -> None:
        """Take the last gesture back, if there is one."""
        del self.drawings[-1:]

    def clear(self) -> None:
        """Forget all."""
        self.drawings.clear()

    def shown(self) -> list[ObjectPrompt]:
        """The objects, by identity."""
        objects: dict[int, list[Drawing]] = {}
        for drawing in self.drawings:
            objects.setdefault(drawing.identity, []).append(drawing)
        return [self._shown(drawings) for drawings in objects.values()]

    def _shown(self, drawings: list[Drawing]) -> ObjectPrompt:
        first = drawings[0]
        value = dict(point=self._point, box=self._box, brush=self._mask)[first.kind](drawings)
        return ObjectPrompt(first.identity, first.frame, **value)

    def _checked(
        self, frame: int, kind: str, places: Sequence[Sequence[float]], radius: float
    ) -> tuple[tuple[float, float], ...]:
        if kind not in POINTS_OF_KIND:
            raise InputError(f'There is no drawing of kind {kind!r}; there are {", ".join(POINTS_OF_KIND)}.')
        if not isinstance(frame, int) or not 0 <= frame < self.length:
            raise InputError(f'There is no frame {frame}: the clip has frames 0 to {self.length - 1}.')
        fewest, most = POINTS_OF_KIND[kind]
        values = np.asarray(places, np.float64)
        if values.ndim != 2 or values.shape[1] != 2 or not fewest <= len(values) <= most:
            raise InputError(f'A {kind} has {fewest} to {most} places (x, y), got an array of shape {values.shape}.')
        if not np.isfinite([*values.flat, radius]).all() or not 0 <= radius <= max(self.size):
            raise InputError(f'A {kind} needs finite places and a radius of 0 to {max(self.size)}.')
        height, width = self.size
        values = np.clip(values, 0, (width - 1, height - 1))
        if kind == 'box' and (np.abs(values[0] - values[1]) < 1).any():
            raise InputError('This box is empty: press, drag to the opposite corner, and let go.')
        return tuple((x, y) for x, y in values.tolist())

    def _point(self, drawings: list[Drawing]) -> dict:
        return dict(point=drawings[0].places[0])

    def _box(self, drawings: list[Drawing]) -> dict:
        low, high = np.sort(np.array(drawings[0].places), axis=0)
        return dict(box=(*low.tolist(), *(high + 1).tolist()))  # the pixels under both corners belong to it

    def _mask(self, drawings: list[Drawing]) -> dict:
        mask = np.zeros(self.size, np.uint8)
        for drawing in drawings:
            places = np.round(np.array(drawing.places)).astype(np.int32)
            cv2.polylines(mask, [places], False, 1, max(1, round(2 * drawing.radius)))
            for place in places[[0, -1]]:
                cv2.circle(mask, place.tolist(), round(drawing.radius), 1, -1)
        return dict(mask=mask.astype(bool))
