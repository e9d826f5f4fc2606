"""What a Moving Shapes video contains: a plan of things, motions and camera.

Shapes: T frames, H W frame size. Lengths are in pixels of a frame 96 high
(``Scene.scale`` converts), times in frames.

Association is hard by design: every video has at least two things of equal
class, colour, pattern and size that cross each other, and one thing that
leaves the frame and returns, often with the same appearance.
"""

from dataclasses import dataclass, replace

import numpy as np

from .textures import PATTERNS, STUFF_CLASSES, THING_COLOURS

THING_CLASSES = ('disk', 'square', 'triangle', 'star', 'cross', 'ring')
TYPICAL_COLOURS = dict(disk='magenta', square='yellow', triangle='cyan', star='red', cross='lime', ring='orange')
TYPICAL = 0.85  # share of things in their class's typical colour
FRAME_HEIGHT = 96
MAX_SPEED = 2.6  # peak speed of a thing in the world, pixels a frame


@dataclass(frozen=True)
class Wave:
    """``offset + amplitude * sin(2 pi t / period + phase)``."""

    offset: float = 0.0
    amplitude: float = 0.0
    period: float = 1.0
    phase: float = 0.0

    def at(self, time: float) -> float:
        """Value at a time."""
        angle = 2 * np.pi * time / self.period + self.phase
        return self.offset + self.amplitude * np.sin(angle)


@dataclass(frozen=True)
class Look:
    """Appearance of a thing."""

    shape: int
    colours: tuple[tuple[float, ...], tuple[float, ...]]
    pattern: str
    radius: float


@dataclass(frozen=True)
class Thing:
    """One instance: appearance, motion, rotation and deformation."""

    look: Look
    x: Wave
    y: Wave
    growth: Wave
    stretch: Wave
    wobble: Wave
    angle: float
    spin: float


@dataclass(frozen=True)
class Scene:
    """A whole video. ``things`` are in drawing order, the last on top."""

    length: int
    size: tuple[int, int]
    things: tuple[Thing, ...]
    camera_x: Wave
    camera_y: Wave
    zoom: Wave
    stuff: tuple[str, ...]

    @property
    def scale(self) -> float:
        """Frame pixels for each pixel of the plan."""
        return self.size[0] / FRAME_HEIGHT


def _look(rng: np.random.Generator) -> Look:
    """A random appearance whose first colour correlates with the class: with
    shape as the only cue, a small network trained for half an hour from random
    weights learns to segment and track things but not to classify them."""
    shape = int(rng.integers(len(THING_CLASSES)))
    first, second = rng.choice(list(THING_COLOURS), 2, replace=False)
    if rng.random() < TYPICAL:
        first = TYPICAL_COLOURS[THING_CLASSES[shape]]
        second = str(rng.choice(('white', 'black', 'purple')))
    colours = tuple(tuple(np.clip(THING_COLOURS[n] + rng.uniform(-18, 18, 3), 0, 255)) for n in (first, second))
    return Look(shape, colours, str(rng.choice(PATTERNS)), float(rng.uniform(9.5, 14.5)))


def _sway(rng: np.random.Generator, offset: float, speed: float, period: float) -> Wave:
    """A wave around an offset with a given peak speed."""
    return Wave(offset, speed * period / (2 * np.pi), period, float(rng.uniform(0, 2 * np.pi)))


def _thing(rng: np.random.Generator, look: Look, x: Wave, y: Wave) -> Thing:
    return Thing(
        look=look,
        x=x,
        y=y,
        growth=Wave(1.0, rng.uniform(0.05, 0.25), rng.uniform(25, 60), rng.uniform(0, 6.28)),
        stretch=Wave(1.0, rng.uniform(0.03, 0.18), rng.uniform(15, 40), rng.uniform(0, 6.28)),
        wobble=Wave(0.0, rng.uniform(0.02, 0.12), rng.uniform(12, 30), rng.uniform(0, 6.28)),
        angle=float(rng.uniform(0, 2 * np.pi)),
        spin=float(rng.uniform(-0.07, 0.07)),
    )


def _crossing_twins(rng: np.random.Generator, look: Look, length: int, width: float) -> list[Thing]:
    """Two equal things that pass each other in the middle of the video."""
    meeting = rng.uniform(0.3, 0.7) * length
    period = rng.uniform(0.9, 1.6) * min(length, 45)
    speed = rng.uniform(1.5, MAX_SPEED)
    # Slow pairs take longer, so that every pair separates again.
    period = max(period, 2 * np.pi * 1.25 * look.radius / speed)
    centre = (rng.uniform(0.3, 0.7) * width, rng.uniform(0.3, 0.7) * FRAME_HEIGHT)
    direction = rng.uniform(-0.6, 0.6) + (np.pi / 2 if rng.random() < 0.3 else 0)
    # The gap decides whether they overlap a little or one hides the other.
    gap = rng.uniform(0, 0.8) * look.radius
    twins = []
    for side in (-1, 1):
        axes = []
        for axis, unit in enumerate((np.cos(direction), np.sin(direction))):
            normal = (-np.sin(direction), np.cos(direction))[axis]
            axes.append(
                Wave(
                    centre[axis] + side * gap / 2 * normal,
                    side * unit * speed * period / (2 * np.pi),
                    period,
                    -2 * np.pi * meeting / period,
                )
            )
        twins.append(_thing(rng, look, *axes))
    return twins


def _visitor(rng: np.random.Generator, look: Look, length: int, width: float) -> Thing:
    """A thing that is outside in the middle of the video, or at its ends."""
    look = replace(look, radius=min(look.radius, 11.5))
    period = rng.uniform(0.85, 1.1) * min(length, 50)
    middle_out = rng.random() < 0.65
    left = rng.random() < 0.5
    phase = (-np.pi / 2 if middle_out else np.pi / 2) + rng.uniform(-0.5, 0.5)
    amplitude = min(3.2 * period / (2 * np.pi), 30)
    sign = 1 if left else -1
    # Relative to the left border: sin = -1 is inside at the start.
    x = Wave(0.0 if left else width, -sign * amplitude, period, phase)
    y = _sway(rng, rng.uniform(0.2, 0.8) * FRAME_HEIGHT, rng.uniform(0.2, 1.0), rng.uniform(30, 60))
    return _thing(rng, look, x, y)


def _wanderer(rng: np.random.Generator, look: Look, width: float) -> Thing:
    period = rng.uniform(30, 70)
    x = _sway(rng, rng.uniform(0.1, 0.9) * width, rng.uniform(0.6, 2.2), period)
    y = _sway(rng, rng.uniform(0.15, 0.85) * FRAME_HEIGHT, rng.uniform(0.4, 1.6), rng.uniform(30, 70))
    return _thing(rng, look, x, y)


def plan_scene(rng: np.random.Generator, length: int, size: tuple[int, int]) -> Scene:
    """Plan a video: 3 to 6 things, at least two of them equal.

    Args:
        rng: Source of randomness.
        length: Number of frames T.
        size: (H, W).

    Returns:
        Scene: The plan.
    """
    width = size[1] * FRAME_HEIGHT / size[0]
    look = _look(rng)
    things = _crossing_twins(rng, look, length, width)
    things.append(_visitor(rng, look if rng.random() < 0.6 else _look(rng), length, width))
    other = _look(rng)
    for _ in range(rng.integers(0, 4)):
        things.append(_wanderer(rng, other, width))
        other = other if rng.random() < 0.5 else _look(rng)
    order = rng.permutation(len(things))
    return Scene(
        length=length,
        size=size,
        things=tuple(things[i] for i in order),
        camera_x=_sway(rng, 0.0, rng.uniform(0.3, 1.2), rng.uniform(40, 80)),
        camera_y=_sway(rng, 0.0, rng.uniform(0.1, 0.6), rng.uniform(40, 80)),
        zoom=Wave(1.0, rng.uniform(0, 0.06), rng.uniform(30, 80), rng.uniform(0, 6.28)),
        stuff=tuple(rng.permutation(STUFF_CLASSES)),
    )
