"""Textures of the Moving Shapes videos: stuff regions and thing patterns.

Shapes: H W height and width in pixels. Colours are BGR floats 0..255.
Every texture is a function of a generator and a size only, so a video is a
function of its seed.
"""

from collections.abc import Callable

import cv2
import numpy as np

STUFF_CLASSES = ('sky', 'grass', 'water', 'sand', 'brick')
PATTERNS = ('plain', 'stripes', 'checker', 'dots')
THING_COLOURS = {
    'magenta': (200, 40, 220),
    'yellow': (30, 230, 245),
    'red': (40, 40, 225),
    'orange': (20, 130, 250),
    'white': (245, 245, 245),
    'black': (30, 30, 30),
    'purple': (170, 50, 110),
    'cyan': (230, 230, 40),
    'lime': (40, 250, 140),
}


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> np.ndarray:
    """Smooth noise: a coarse random grid enlarged by cubic interpolation.

    Args:
        rng: Source of randomness.
        shape: (H, W) of the result.
        cell: Distance of the grid's points in pixels.

    Returns:
        np.ndarray: (H, W) float32, about -1..1.
    """
    height, width = shape
    rows, columns = int(height / cell) + 3, int(width / cell) + 3
    grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    size = (int(columns * cell) + 1, int(rows * cell) + 1)
    large = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
    return large[:height, :width]


def _paint(base: tuple[float, float, float], brightness: np.ndarray) -> np.ndarray:
    """A base colour with additive brightness (H, W) -> (H, W, 3)."""
    return np.float32(base) + brightness[..., None]


def _sky(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    clouds = np.clip(smooth_noise(rng, shape, 22) * 1.6, 0, 0.8)[..., None]
    gradient = np.linspace(-14, 14, shape[0], dtype=np.float32)[:, None]
    blue = _paint((235, 180, 120), np.broadcast_to(gradient, shape))
    return blue * (1 - clouds) + np.float32((248, 245, 240)) * clouds


def _grass(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    blades = smooth_noise(rng, shape, 1.7) * 38
    return _paint((45, 140, 60), blades + smooth_noise(rng, shape, 14) * 16)


def _water(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    phase = 2.2 * smooth_noise(rng, shape, 18)
    waves = np.sin(2 * np.pi * rows / 6 + phase)
    return _paint((140, 85, 25), waves * 26)


def _sand(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    grain = rng.normal(0, 10, shape).astype(np.float32)
    pebbles = np.where(rng.random(shape) < 0.02, -70, 0).astype(np.float32)
    pebbles = cv2.GaussianBlur(pebbles, (3, 3), 0.6)
    return _paint((135, 190, 215), grain + pebbles)


def _brick(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    rows, columns = np.indices(shape)
    course = rows // 8
    shifted = columns + 7 * (course % 2)
    tone = rng.uniform(-22, 22, (course.max() + 1, shifted.max() // 14 + 1))
    wall = _paint((55, 75, 150), tone[course, shifted // 14])
    mortar = (rows % 8 == 0) | (shifted % 14 == 0)
    wall[mortar] = (165, 170, 175)
    return wall.astype(np.float32)


_STUFF: dict[str, Callable] = dict(sky=_sky, grass=_grass, water=_water, sand=_sand, brick=_brick)


def stuff_texture(name: str, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Texture of a stuff class with this video's tint.

    Args:
        name: One of ``STUFF_CLASSES``.
        rng: Source of randomness.
        shape: (H, W).

    Returns:
        np.ndarray: (H, W, 3) float32 BGR.
    """
    tint = rng.uniform(0.85, 1.15) * rng.uniform(0.93, 1.07, 3)
    texture = _STUFF[name](rng, shape) * np.float32(tint)
    return np.clip(texture, 0, 255).astype(np.float32)


def pattern_mix(pattern: str, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Share of the second colour in a thing's pattern.

    Args:
        pattern: One of ``PATTERNS``.
        along, across: (H, W) the thing's own coordinates, -1..1 inside it,
            so that the pattern turns and stretches with the thing.

    Returns:
        np.ndarray: (H, W) float32 0..1.
    """
    if pattern == 'plain':
        return np.zeros_like(along)
    if pattern == 'stripes':
        wave = np.sin(along * 6.5)
    elif pattern == 'checker':
        wave = np.sin(along * 5) * np.sin(across * 5) * 2
    else:
        wave = np.cos(along * 6.5) + np.cos(across * 6.5) - 0.7
    return np.clip(wave * 3 + 0.5, 0, 1)
