"""Drawings of the user (points, boxes, brush strokes) as prompts for the network.

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
"""Kind of drawing -> smallest and largest number of its points (x, y)."""

MOST_PLACES = 20_000  # points of all drawings of a clip


@dataclass(frozen=True)
class Drawing:
    """One drawing.

    Attributes:
        identity: object id, 1 or more.
        frame: index of its frame.
        kind: 'point', 'box' or 'brush'.
        places: (x, y) in pixels of the frame: the point, two opposite corners, or the brush path.
        radius: brush radius in pixels.
    """

    identity: int
    frame: int
    kind: str
    places: tuple[tuple[float, float], ...]
    radius: float = 0.0

    def as_json(self) -> dict:
        """As JSON for the page, with the colour of the object in the result."""
        return dict(asdict(self), colour='#{:02x}{:02x}{:02x}'.format(*id_colours(np.array([self.identity]))[0]))


class DrawnObjects:
    """Drawings of a clip, in order.

    Each point or box is one object; consecutive strokes in one frame are one object.

    Args:
        length: number of frames of the clip.
        size: (H, W).
        most: largest number of objects.
    """

    def __init__(self, length: int, size: tuple[int, int], most: int) -> None:
        self.length, self.size, self.most = length, size, most
        self.drawings: list[Drawing] = []

    def add(
        self, frame: int, kind: str, places: Sequence[Sequence[float]], radius: float = 0.0, new_object: bool = False
    ) -> Drawing:
        """Add a drawing.

        Args:
            frame, kind, places, radius: as in :class:`Drawing`; points outside the frame are clipped to its border.
            new_object: start a new object with this stroke, although the previous one was in this frame.

        Raises:
            InputError: Unknown kind or frame, wrong number of points, empty box, or too many objects.
        """
        places = self._checked(frame, kind, places, radius)
        last = self.drawings[-1] if self.drawings else None
        joins = kind == 'brush' and not new_object and last and (last.kind, last.frame) == (kind, frame)
        if sum(len(one.places) for one in self.drawings) + len(places) > MOST_PLACES:
            raise InputError('These are too many strokes. Undo some, or draw a box instead.')
        identity = last.identity if joins else max((one.identity for one in self.drawings), default=0) + 1
        if identity > self.most:
            raise InputError(f'This page tracks up to {self.most} objects. Undo one first.')
        drawing = Drawing(identity, frame, kind, places, radius)
        self.drawings.append(drawing)
        return drawing

    def undo(self) -> None:
        """Remove the last drawing, if there is one."""
        del self.drawings[-1:]

    def clear(self) -> None:
        """Remove all drawings."""
        self.drawings.clear()

    def shown(self) -> list[ObjectPrompt]:
        """Prompts of the objects, by id."""
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
            raise InputError(f'A {kind} has {fewest} to {most} points (x, y), got an array of shape {values.shape}.')
        if not np.isfinite([*values.flat, radius]).all() or not 0 <= radius <= max(self.size):
            raise InputError(f'A {kind} needs finite points and a radius of 0 to {max(self.size)}.')
        height, width = self.size
        values = np.clip(values, 0, (width - 1, height - 1))
        if kind == 'box' and (np.abs(values[0] - values[1]) < 1).any():
            raise InputError('This box is empty: press, drag to the opposite corner, and release.')
        return tuple((x, y) for x, y in values.tolist())

    def _point(self, drawings: list[Drawing]) -> dict:
        return dict(point=drawings[0].places[0])

    def _box(self, drawings: list[Drawing]) -> dict:
        low, high = np.sort(np.array(drawings[0].places), axis=0)
        return dict(box=(*low.tolist(), *(high + 1).tolist()))  # both corner pixels are inside

    def _mask(self, drawings: list[Drawing]) -> dict:
        mask = np.zeros(self.size, np.uint8)
        for drawing in drawings:
            places = np.round(np.array(drawing.places)).astype(np.int32)
            cv2.polylines(mask, [places], False, 1, max(1, round(2 * drawing.radius)))
            for place in places[[0, -1]]:
                cv2.circle(mask, place.tolist(), round(drawing.radius), 1, -1)
        return dict(mask=mask.astype(bool))
