"""Colours of segments: a function of the id alone, so they are equal over frames, videos and runs.

Shapes: n ids.
"""

from functools import cache

import cv2
import numpy as np

PALETTE_SIZE = 128


def id_colours(ids: np.ndarray) -> np.ndarray:
    """Vivid RGB colours of individuals (things, objects).

    Args:
        ids: (n,) integers. Ids that differ by less than ``PALETTE_SIZE`` get different colours, small
            ones the most different.

    Returns:
        (n, 3) uint8.
    """
    return vivid_palette()[np.asarray(ids, np.int64) % PALETTE_SIZE]


def class_colours(labels: np.ndarray) -> np.ndarray:
    """Muted RGB colours of classes (stuff), less prominent than individuals; arguments as :func:`id_colours`."""
    return muted_palette()[np.asarray(labels, np.int64) % PALETTE_SIZE]


@cache
def vivid_palette() -> np.ndarray:
    """(PALETTE_SIZE, 3) uint8 RGB, saturated."""
    return _spread(chroma=(62, 140), lightness=(42, 88), first=(0, 150, 255))


@cache
def muted_palette() -> np.ndarray:
    """(PALETTE_SIZE, 3) uint8 RGB, little saturated."""
    return _spread(chroma=(10, 34), lightness=(32, 86), first=(110, 150, 190))


def text_colour(background: np.ndarray) -> tuple[int, int, int]:
    """Black or white, whichever has more contrast to an RGB colour (3,)."""
    luminance = float(np.dot(np.asarray(background, np.float64), (0.299, 0.587, 0.114)))
    return (0, 0, 0) if luminance > 140 else (255, 255, 255)


def _spread(chroma: tuple[int, int], lightness: tuple[int, int], first: tuple[int, int, int]) -> np.ndarray:
    """Farthest point sampling in CIELAB: each colour is the one farthest from all before.

    Distances are integers, so that the choice is the same on every machine.
    """
    levels = np.linspace(0, 255, 16).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing='ij'), -1).reshape(-1, 3)
    lab = _lab(cube)
    strength = np.hypot(lab[:, 1], lab[:, 2])
    wanted = (
        (strength >= chroma[0]) & (strength <= chroma[1]) & (lab[:, 0] >= lightness[0]) & (lab[:, 0] <= lightness[1])
    )
    cube, lab = cube[wanted], lab[wanted]
    chosen = [np.asarray(first, np.uint8)]
    distance = np.full(len(cube), np.iinfo(np.int64).max)
    while len(chosen) < PALETTE_SIZE:
        newest = _lab(chosen[-1][None])[0]
        distance = np.minimum(distance, ((lab - newest) ** 2).sum(-1))
        chosen.append(cube[distance.argmax()])
    return np.stack(chosen)


def _lab(colours: np.ndarray) -> np.ndarray:
    """CIELAB of RGB colours (n, 3), rounded to int64."""
    image = (colours[None].astype(np.float32)) / 255
    return cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[0].round().astype(np.int64)
