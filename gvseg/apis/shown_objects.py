"""Object prompts given by a user, in pixels of the frame, and their exemplars for the model.

Shapes: H W frame size, h w size of the network's input.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gvseg.datasets.transforms.exemplar_data import KINDS, Exemplar, make_exemplar
from gvseg.formats.object_maps import binary_mask
from gvseg.utils.errors import InputError

COORDINATES = dict(box=4, point=2)
"""Kind of exemplar -> how many numbers it has."""


@dataclass(frozen=True)
class ObjectPrompt:
    """One object, prompted in one frame by exactly one of mask, box and point, in pixels of the original frame.

    Attributes:
        identity: object id, 1 or more.
        frame: index of the frame.
        mask: (H, W), pixels that are not 0 belong to the object; of a black-and-white mask with soft edges those from
            the middle grey on.
        box: (x1, y1, x2, y2).
        point: (x, y).
        source: where it comes from (a file, an argument), for messages.
    """

    identity: int
    frame: int
    mask: np.ndarray | None = None
    box: Sequence[float] | None = None
    point: Sequence[float] | None = None
    source: str = ''

    def __post_init__(self) -> None:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise InputError(
                f'Object {self.identity} needs exactly one of mask, box and point, got {" and ".join(given) or "none"}.'
            )
        for kind, count in COORDINATES.items():
            values = getattr(self, kind)
            if values is not None and (len(values) != count or not np.isfinite(np.asarray(values, float)).all()):
                raise InputError(
                    f'The {kind} of object {self.identity} in frame {self.place} is {tuple(values)}: '
                    f'give {count} numbers, in pixels.'
                )
        mask = None if self.mask is None else np.asarray(self.mask)
        if mask is not None and mask.ndim == 2 and mask.dtype == np.uint8:
            object.__setattr__(self, 'mask', binary_mask(mask))
        if self.identity < 1 or self.frame < 0:
            raise InputError(f'Object {self.identity} in frame {self.frame}: ids start at 1 and frames at 0.')

    @property
    def place(self) -> str:
        """Name of the frame in messages."""
        return f'{self.frame} ({self.source})' if self.source else str(self.frame)

    @property
    def kind(self) -> str:
        """'mask', 'box' or 'point'."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def check(self, size: tuple[int, int]) -> None:
        """Check against the size (H, W) of its frame.

        Raises:
            DataError: mask of another size or without pixels, point or box outside; names frame and source.
        """
        make_exemplar(self.identity, self.kind, getattr(self, self.kind), size, self.place)

    def exemplar(self, size: tuple[int, int], resized: tuple[int, int]) -> Exemplar:
        """The exemplar for the model, sampled deterministically as in testing.

        Args:
            size: (H, W) of the frame.
            resized: (h, w) of the network's input without padding.
        """
        scale = np.array([resized[1] / size[1], resized[0] / size[0]])
        if self.mask is not None:
            mask = np.asarray(self.mask) != 0
            shown = make_exemplar(self.identity, self.kind, _scaled(mask, resized), resized, self.place)
            return replace(shown, given_mask=mask)
        if self.box is not None:
            value = _whole_box(np.asarray(self.box, float) * np.tile(scale, 2), resized)
        else:
            value = np.asarray(self.point, float) * scale
        return make_exemplar(self.identity, self.kind, value, resized, self.place)


def _scaled(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A mask at another size; one too small to survive keeps a pixel at its centre."""
    resized = cv2.resize(mask.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    if not resized.any():
        row, column = (int(places.mean() * new / old) for places, new, old in zip(np.nonzero(mask), size, mask.shape))
        resized[row, column] = 1
    return resized


def _whole_box(box: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A box with whole corners that encloses at least a pixel of a frame (h, w)."""
    limit = np.array(size[::-1])
    low = np.clip(np.round(box[:2]), 0, limit - 1)
    return np.concatenate((low, np.clip(np.round(box[2:]), low + 1, limit)))
