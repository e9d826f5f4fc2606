"""Bars that pass in front of a Moving Shapes scene and hide its things for a while.

Shapes: H W frame size. Lengths are in pixels of a frame 96 high, times in
frames, as in :mod:`.scene`. Bars use a random generator of their own, so that
the scene behind them does not change.
"""

from dataclasses import dataclass

import numpy as np

from .scene import FRAME_HEIGHT
from .textures import STUFF_CLASSES, stuff_texture

HIDING = 3.0, 24.0  # frames for which a thing that stands still is hidden
WIDTH = 50.0, 80.0
THING_WIDTH = 26.0  # of a typical thing
STREAM = 1  # makes this generator's seed differ from the scene's


@dataclass(frozen=True)
class Occluder:
    """A bar as high as the frame that crosses it from side to side.

    Attributes:
        stuff: Class of its texture and of its pixels.
        width: Of the bar.
        middle: When its centre is at the frame's centre.
        speed: Pixels a frame, negative to the left.
    """

    stuff: str
    width: float
    middle: float
    speed: float

    def columns(self, time: float, size: tuple[int, int]) -> tuple[int, int]:
        """First and end column of the bar in a frame, cut to the frame.

        Args:
            time: 0..T-1.
            size: (H, W).
        """
        scale = size[0] / FRAME_HEIGHT
        centre = size[1] / 2 + self.speed * (time - self.middle) * scale
        edges = np.round([centre - self.width * scale / 2, centre + self.width * scale / 2]).astype(int)
        first, end = np.clip(edges, 0, size[1]).tolist()
        return first, end


def plan_occluders(rng: np.random.Generator, length: int, count: int) -> tuple[Occluder, ...]:
    """Bars spread over a video.

    Args:
        rng: Source of randomness.
        length: Number of frames T.
        count: Number of bars.
    """
    bars = []
    for index in range(count):
        width = rng.uniform(*WIDTH)
        hiding = np.exp(rng.uniform(*np.log(HIDING)))
        bars.append(
            Occluder(
                stuff=str(rng.choice(STUFF_CLASSES)),
                width=float(width),
                middle=(index + 0.5) * length / count,
                speed=float(rng.choice((-1, 1)) * (width - THING_WIDTH) / hiding),
            )
        )
    return tuple(bars)


class Bars:
    """Draws the bars of one video.

    Args:
        entropy: Integers that name the video.
        length: Number of frames T.
        size: (H, W).
        count: Number of bars.
    """

    def __init__(self, entropy: tuple[int, ...], length: int, size: tuple[int, int], count: int) -> None:
        rng = np.random.default_rng((*entropy, STREAM))
        self.size = size
        self.plan = plan_occluders(rng, length, count)
        self.textures: list[np.ndarray] = [stuff_texture(bar.stuff, rng, size) for bar in self.plan]

    def draw(
        self, time: int, image: np.ndarray, labels: np.ndarray, instances: np.ndarray, classes: tuple[str, ...]
    ) -> None:
        """Cover a frame in place.

        Args:
            time: 0..T-1.
            image: (H, W, 3) float32 BGR.
            labels, instances: (H, W), as of :class:`.render.Frame`.
            classes: Names by label.
        """
        for bar, texture in zip(self.plan, self.textures):
            first, end = bar.columns(time, self.size)
            image[:, first:end] = texture[:, : end - first]
            # A dark rim separates two patches of the same texture.
            for edge in (first, end - 1):
                if first < end and 0 < edge < self.size[1] - 1:
                    image[:, edge] *= 0.3
            labels[:, first:end] = classes.index(bar.stuff)
            instances[:, first:end] = 0
