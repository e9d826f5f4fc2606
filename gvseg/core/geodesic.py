"""How far a pixel is from a click when crossing edges costs more than going along a surface.

Geodesic distances carry clicks to a mask in many interactive methods (GeoS: Criminisi, Sharp and Blake, ECCV 2008).

Shapes: H W picture, C colour channels, P seeds.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Steps (rows, columns) to half of a pixel's eight neighbours; the way back is as long."""


def geodesic_distance(colours: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Length of the shortest way from every pixel to the nearest seed, (H, W) float, in pixels.

    Args:
        colours: (H, W, C) float, scaled such that a change by 1 is as long as a pixel.
        seeds: pixels (row, column), (P, 2); at least one.
    """
    height, width = colours.shape[:2]
    starts = np.unique(np.ravel_multi_index(tuple(seeds.T), (height, width)))
    found = dijkstra(_steps(colours), directed=False, indices=starts, min_only=True)
    return found.reshape(height, width)


def _steps(colours: np.ndarray) -> csr_array:
    """Lengths of the steps between neighbours as a sparse (H W, H W) matrix; each pair stands there once."""
    height, width = colours.shape[:2]
    pixels = np.arange(height * width).reshape(height, width)
    sources, targets, lengths = [], [], []
    for down, right in STEPS:
        start = np.s_[: height - down, max(0, -right) : width - max(0, right)]
        end = np.s_[down:, max(0, right) : width + min(0, right)]
        change = np.square(colours[start] - colours[end]).sum(-1)
        sources.append(pixels[start].ravel())
        targets.append(pixels[end].ravel())
        lengths.append(np.sqrt(down * down + right * right + change).ravel())
    pairs = np.concatenate(sources), np.concatenate(targets)
    return csr_array((np.concatenate(lengths), pairs), shape=(pixels.size, pixels.size))
