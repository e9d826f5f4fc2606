"""Object prompts given by a user, in pixels of the frame.

Shapes: H W frame size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gvseg.datasets.transforms.exemplar_data import KINDS, make_exemplar
from gvseg.formats.object_maps import binary_mask
from gvseg.utils.errors import InputError

COORDINATES = dict(box=4, point=2)
"""Kind of exemplar -> how many numbers it has."""


@dataclass(frozen=True, eq=False)
class ObjectPrompt:
    """An object shown in one frame by exactly one of mask, box and point, in pixels of the original frame.

    Several prompts of one object in one frame are combined, see :mod:`gvseg.apis.prompt_exemplars`; in a later frame
    the object is shown again (a correction).

    Attributes:
        identity: object id, 1 or more.
        frame: index of the frame.
        mask: (H, W), pixels that are not 0 belong to the object; of a black-and-white mask with soft edges those from
            the middle grey on.
        box: (x1, y1, x2, y2).
        point: (x, y).
        source: where it comes from (a file, an argument), for messages.
        positive: ``False``: it shows what the object is *not*, beside it.
    """

    identity: int
    frame: int
    mask: np.ndarray | None = None
    box: Sequence[float] | None = None
    point: Sequence[float] | None = None
    source: str = ''
    positive: bool = True

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
