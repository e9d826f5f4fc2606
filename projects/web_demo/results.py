"""Masks of a clip's frames: which are known and up to date, how the page shows them.

Shapes: H W frame size, n segments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np
import pycocotools.mask as coco_mask

from gvseg.apis import FrameResult
from gvseg.visualization import FrameSegments, class_colours, id_colours

from .prompts import hex_colour

MASK_ALPHA = 115  # of 255
FAST_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]


class ClipResults:
    """Results by frame. Outdated ones are kept until they are computed again, so that the page can go on showing them.

    Attributes:
        frames: result by frame.
        valid: frames whose result belongs to the current prompts.
        previews: of single frames, for the current prompts.
        version: grows with every change, except by previews.
    """

    def __init__(self) -> None:
        self.frames: dict[int, FrameResult] = {}
        self.valid: set[int] = set()
        self.previews: dict[int, FrameResult] = {}
        self.version = 0

    def set(self, frame: int, result: FrameResult) -> None:
        """Set the result of a frame."""
        self.frames[frame] = result
        self.valid.add(frame)
        self.previews.pop(frame, None)
        self.version += 1

    def set_preview(self, frame: int, result: FrameResult) -> None:
        """Set the preview of a frame."""
        self.previews[frame] = result

    def follow(self, known: Mapping[int, FrameResult]) -> None:
        """The prompts have changed: ``known`` are the results that are up to date, no preview is."""
        known = known if self.frames else {}  # without a run, it is only what precedes the first prompt
        self.frames.update(known)
        self.valid = set(known)
        self.previews.clear()
        self.version += 1

    def keep_only(self, first: int, last: int) -> None:
        """Another part of the clip is segmented: results outside are dropped, those inside are outdated."""
        self.frames = {frame: result for frame, result in self.frames.items() if first <= frame <= last}
        self.follow({})

    def clear(self) -> None:
        """Drop all results."""
        self.frames.clear()
        self.follow({})

    def shown(self, frame: int) -> FrameResult | None:
        """What is known of a frame: its result, else its preview, else its outdated result."""
        if frame in self.valid:
            return self.frames[frame]
        return self.previews.get(frame, self.frames.get(frame))

    def as_json(self) -> dict:
        """As JSON for the page: frames as inclusive ranges."""
        return dict(
            version=self.version, valid=ranges(self.valid), outdated=ranges(set(self.frames).difference(self.valid))
        )


def ranges(frames: Iterable[int]) -> list[list[int]]:
    """Inclusive ranges [first, last] of frame numbers."""
    found: list[list[int]] = []
    for frame in sorted(frames):
        if found and found[-1][1] == frame - 1:
            found[-1][1] = frame
        else:
            found.append([frame, frame])
    return found


def of_objects(result: FrameResult, names: Mapping[int, str]) -> FrameResult:
    """A result with only the objects that exist, by their names.

    Args:
        result: of a model that takes prompts.
        names: name by id of all objects; an empty one keeps the class name.
    """
    rows = [row for row, number in enumerate(result.ids.tolist()) if number in names]
    return replace(
        result,
        ids=result.ids[rows],
        labels=result.labels[rows],
        names=tuple(names[int(result.ids[row])] or result.names[row] for row in rows),
        scores=result.scores[rows],
        is_thing=result.is_thing[rows],
        rles=tuple(result.rles[row] for row in rows),
    )


def segments_of(result: FrameResult) -> FrameSegments:
    """The segments of a frame for drawing, each by its name."""
    class_names, labels = list(result.class_names), result.labels.copy()
    for row, name in enumerate(result.names):
        if result.is_thing[row] and (labels[row] >= len(class_names) or class_names[labels[row]] != name):
            labels[row] = len(class_names)  # the colour of a thing does not depend on its label
            class_names.append(name)
    return FrameSegments(result.masks, labels, result.ids, result.is_thing, tuple(class_names))


def colours_of(result: FrameResult) -> np.ndarray:
    """RGB colour of every object, by id, or class, (n, 3) uint8."""
    return np.where(result.is_thing[:, None], id_colours(result.ids), class_colours(result.labels))


def mask_picture(result: FrameResult) -> bytes:
    """PNG (H, W) with transparency: masks in their colours, later ones on top, with opaque contours."""
    picture = np.zeros((*result.size, 4), np.uint8)
    for rle, colour in zip(result.rles, colours_of(result)):
        inside = coco_mask.decode(rle)
        contour = (inside - cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)).astype(bool)
        picture[inside > 0] = (*colour[::-1].tolist(), MASK_ALPHA)
        picture[contour] = (*colour[::-1].tolist(), 255)
    return cv2.imencode('.png', picture, FAST_PNG)[1].tobytes()


def segment_table(results: Iterable[FrameResult]) -> list[dict]:
    """Things, objects and classes of a video in order of their first frames: id (of a thing), name and colour."""
    found: dict[tuple, dict] = {}
    for index, result in enumerate(results):
        colours = colours_of(result)
        for row, number in enumerate(result.ids.tolist()):
            thing = bool(result.is_thing[row])
            entry = dict(id=number if thing else None, name=result.names[row], colour=hex_colour(colours[row]))
            found.setdefault((thing, number), dict(entry, first_frame=index))
    return list(found.values())
