"""Plots of shape-position descriptors and association affinities.

Shapes: u v angle and radius bins, N M slots of two clips, H W frame pixels.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Wedge


def plot_descriptor(
    image: np.ndarray,
    mask: np.ndarray,
    descriptor: np.ndarray,
    radius: float | None = None,
    title: str = 'shape-position descriptor',
) -> np.ndarray:
    """The polar histogram of a mask, drawn over its frame around the mask's centroid (paper Eq. 3-4).

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) bool with at least one pixel.
        descriptor: (u, v); angles count from the positive x axis towards positive y (down). Bins below 0 (outside
            the frame) are hatched, empty ones are left blank, others are darker the more points they hold.
        radius: outer radius in pixels; ``None``: the frame's diagonal, the descriptor's default.
        title: line above.

    Returns:
        The plot as an RGB image.

    Raises:
        ValueError: the mask is empty.
    """
    if not mask.any():
        raise ValueError('an empty mask has no centre to draw a descriptor around')
    rows, columns = np.nonzero(mask)
    centre = (columns.mean(), rows.mean())
    outer = float(np.hypot(*mask.shape)) if radius is None else radius
    figure = Figure(figsize=(8, 8 * mask.shape[0] / mask.shape[1] + 0.6), layout='constrained')
    axes = figure.add_subplot()
    axes.imshow(image)
    axes.contour(mask, levels=[0.5], colors='white', linewidths=1.2)
    _draw_bins(axes, centre, outer, np.asarray(descriptor))
    axes.plot(*centre, 'w+', markersize=10)
    axes.set(xlim=(-0.5, mask.shape[1] - 0.5), ylim=(mask.shape[0] - 0.5, -0.5), title=title)
    axes.set_axis_off()
    return _rendered(figure)


def plot_affinity(
    affinity: np.ndarray,
    matches: Sequence[int] | None = None,
    first: Sequence[str] | None = None,
    second: Sequence[str] | None = None,
    title: str = 'association affinity',
) -> np.ndarray:
    """The affinity of the slots of two clips, with the chosen pairs framed (paper Eq. 6).

    Args:
        affinity: (N, M).
        matches: column matched to each row, -1: none.
        first, second: names of rows and columns; numbers by default.
        title: line above.

    Returns:
        The plot as an RGB image.
    """
    figure = Figure(figsize=(1.6 + 0.42 * affinity.shape[1], 1.4 + 0.42 * affinity.shape[0]), layout='constrained')
    axes = figure.add_subplot()
    limit = max(1.0, float(np.abs(affinity).max(initial=0)))
    picture = axes.imshow(affinity, cmap='RdBu_r', vmin=-limit, vmax=limit)
    figure.colorbar(picture, ax=axes, shrink=0.8)
    axes.set_yticks(range(affinity.shape[0]), first if first is not None else range(affinity.shape[0]))
    axes.set_xticks(range(affinity.shape[1]), second if second is not None else range(affinity.shape[1]), rotation=90)
    axes.set(title=title, ylabel='clip t', xlabel='clip t+1')
    for row, column in enumerate(matches if matches is not None else ()):
        if column >= 0:
            axes.add_patch(_square(row, column))
    return _rendered(figure)


def _square(row: int, column: int):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor='black', linewidth=2)


def _draw_bins(axes, centre: tuple[float, float], outer: float, descriptor: np.ndarray) -> None:
    angles, radii = descriptor.shape
    peak = max(float(descriptor.max()), 1e-12)
    for angle in range(angles):
        for ring in range(radii):
            value = float(descriptor[angle, ring])
            look = dict(facecolor='none', edgecolor=(1, 1, 1, 0.25), linewidth=0.4)
            if value < 0:
                look = dict(facecolor=(0, 0, 0, 0.35), edgecolor=(1, 1, 1, 0.15), hatch='///', linewidth=0.2)
            elif value > 0:
                look.update(facecolor=(1, 0.15, 0, 0.25 + 0.6 * value / peak))
            # The y axis of an image points down, so angles grow clockwise on screen.
            axes.add_patch(
                Wedge(
                    centre,
                    outer * (ring + 1) / radii,
                    360 * angle / angles,
                    360 * (angle + 1) / angles,
                    width=outer / radii,
                    **look,
                )
            )


def _rendered(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
