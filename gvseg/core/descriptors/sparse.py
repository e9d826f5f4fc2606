"""Descriptors in numpy, for a CPU.

Masks are few and small there, so that the number of operations counts more than their size; an operation of numpy costs
half as much as one of torch. Contour pixels are listed, whose number an accelerator would have to wait for.

Shapes: N masks, K tubes, T frames, H W pixels, u v angle and radius bins, D model width, P contour pixels of all masks,
grouped by mask.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from .centroids import mask_centroids_numpy
from .spec import PAPER_POINTS, DescriptorSpec


@dataclass(frozen=True)
class ListedPoints:
    """Every contour pixel of N masks in polar coordinates around the centre of its mask.

    Attributes:
        owner: index of the mask, ascending, (P,) int.
        sizes: number of pixels of each mask, (N,) int.
        turn: angle as a share of a full turn, in [0, 1], (P,) float32.
        distance: distance from the centre in pixels, (P,) float32.
    """

    owner: np.ndarray
    sizes: np.ndarray
    turn: np.ndarray
    distance: np.ndarray

    @classmethod
    def of(cls, masks: np.ndarray, centres: np.ndarray) -> 'ListedPoints':
        """Those of masks (N, H, W) bool around ``centres``, x + i y, (N,) complex64."""
        height, width = masks.shape[-2:]
        owner, pixel = np.divmod(np.flatnonzero(contour_of(masks)), max(height * width, 1))
        # Complex numbers: one operation for both coordinates.
        offset = pixel_places(height, width).take(pixel) - centres.take(owner)
        turn = np.arctan2(offset.imag, offset.real) / np.float32(2 * math.pi)
        turn += turn < 0
        return cls(owner, np.bincount(owner, minlength=len(masks)), turn, np.abs(offset))


def compute_descriptors_sparse(masks: np.ndarray, spec: DescriptorSpec, dim: int, frames: np.ndarray) -> np.ndarray:
    """Descriptors of masks (Eq. 3-4).

    Args:
        masks: (N, H, W) bool.
        spec: descriptor settings.
        dim: D.
        frames: height and width of each mask's frame in pixels, (N, 2), or of that of all, (1, 2), float32.

    Returns:
        (N, u, v) float32, zeros for an empty mask.
    """
    if len(masks) == 0:
        return np.zeros((0, spec.angle_bins, spec.radius_bins), dtype=np.float32)
    masks = inside_frame(masks, frames)
    centres, areas = mask_centroids_numpy(masks)
    points = ListedPoints.of(masks if spec.holes else fill_holes(masks), centres)
    max_radius = _max_radius(points, frames, spec)
    radius = points.distance * (spec.radius_bins / (max_radius if len(max_radius) == 1 else max_radius[points.owner]))
    weight = None if spec.points is None else _times_taken(points, radius, spec.points, spec.radius_bins)
    descriptors = _histogram(points, radius, weight, spec)
    total = np.maximum(points.sizes, 1) if spec.points is None else np.float32(spec.points)
    factor = (spec.points or PAPER_POINTS) / math.sqrt(dim) / total
    descriptors *= factor.astype(np.float32).reshape(-1, 1, 1)
    if spec.outside == 'frame':
        off = _off_frame(centres, max_radius, frames, spec)
        descriptors = np.where(off, np.float32(-1 / math.sqrt(dim)), descriptors)
    descriptors[areas == 0] = 0
    return descriptors


def inside_frame(masks: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Masks (N, H, W) without the pixels whose centre is beyond the frame."""
    height, width = masks.shape[-2:]
    if len(frames) == 1:
        return masks & pixels_of_frame(height, width, *frames[0].tolist())
    return masks & pixels_of_frames(height, width, frames)


def pixels_of_frames(height: int, width: int, frames: np.ndarray) -> np.ndarray:
    """Pixels of a mask whose centre is in each frame, (N, H, W) bool."""
    rows, columns = np.arange(height) + 0.5, np.arange(width) + 0.5
    return (rows < frames[:, :1])[:, :, None] & (columns < frames[:, 1:])[:, None, :]


@lru_cache(maxsize=64)
def pixels_of_frame(height: int, width: int, frame_height: float, frame_width: float) -> np.ndarray:
    """:func:`pixels_of_frames` of a single frame, (1, H, W), which all clips of a video have."""
    return pixels_of_frames(height, width, np.array([[frame_height, frame_width]]))


@lru_cache(maxsize=16)
def pixel_places(height: int, width: int) -> np.ndarray:
    """Centre of every pixel, x + i y, (H * W,) complex64."""
    rows, columns = np.indices((height, width)).reshape(2, -1) + 0.5
    return (columns + 1j * rows).astype(np.complex64)


def fill_holes(masks: np.ndarray) -> np.ndarray:
    """Masks (N, H, W) bool with their holes filled: what cannot be reached from the border over four neighbours."""
    return ndimage.binary_fill_holes(masks, ndimage.generate_binary_structure(2, 1)[None])


def contour_of(masks: np.ndarray) -> np.ndarray:
    """Masks (N, H, W) bool minus their 3 x 3 erosion; pixels at the frame's border have neighbours outside."""
    height, width = masks.shape[-2:]
    if min(height, width) < 3:
        return masks
    # One long row, since "and" is slower on a part of every row. Border pixels get neighbours from other rows and
    # masks, but are on the contour anyway.
    pixels = masks.ravel()
    columns = pixels[: -2 * width] & pixels[width:-width]
    columns &= pixels[2 * width :]
    inner = np.zeros_like(pixels)
    centre = inner[width + 1 : len(pixels) - width - 1]
    np.logical_and(columns[:-2], columns[1:-1], out=centre)
    centre &= columns[2:]
    inner = inner.reshape(masks.shape)
    inner &= off_border(height, width)
    return masks ^ inner  # the inner pixels are all in the mask


@lru_cache(maxsize=16)
def off_border(height: int, width: int) -> np.ndarray:
    """Pixels that have eight neighbours, (H, W) bool."""
    inside = np.zeros((height, width), dtype=bool)
    inside[1:-1, 1:-1] = True
    return inside


def _max_radius(points: ListedPoints, frames: np.ndarray, spec: DescriptorSpec) -> np.ndarray:
    """Radius where the last bin ends, for each mask or (1,) where all have the same."""
    if spec.radius == 'frame':
        return np.sqrt((frames * frames).sum(-1))
    extent = np.zeros(len(points.sizes), dtype=np.float32)
    np.maximum.at(extent, points.owner, points.distance)
    # A single pixel has no extent; half a pixel keeps its one point in the first bin.
    return np.maximum(extent, np.float32(0.5))


def _times_taken(points: ListedPoints, radius: np.ndarray, count: int, rings: int) -> np.ndarray:
    """How often each pixel is among the M of its mask, (P,).

    See :func:`.contour_points.sample_contour_points`.
    """
    ring = np.minimum(np.floor(radius), rings - 1)
    order = (ring.astype(np.float64) + points.turn + (rings + 2) * points.owner).argsort(kind='stable')
    sizes = points.sizes[points.sizes > 0]
    steps = (2 * np.arange(count) + 1) * sizes[:, None] // (2 * count)
    chosen = (np.cumsum(sizes) - sizes)[:, None] + steps
    return np.bincount(order[chosen].ravel(), minlength=len(order))


def _histogram(points: ListedPoints, radius: np.ndarray, weight: np.ndarray | None, spec: DescriptorSpec) -> np.ndarray:
    """Points in each bin, (N, u, v) float32; ``radius`` is counted in bins."""
    angle_bins, radius_bins, count = spec.angle_bins, spec.radius_bins, len(points.sizes)
    angle = points.turn * np.float32(angle_bins)
    if spec.binning == 'hard':
        angle_bin, radius_bin = (
            np.minimum(value.astype(np.int64), bins - 1) for value, bins in ((angle, angle_bins), (radius, radius_bins))
        )
        place = (points.owner * angle_bins + angle_bin) * radius_bins + radius_bin
    else:
        place, share = _soft_shares(angle, radius, points.owner, spec)
        weight = share if weight is None else share * weight
        weight, place = weight.ravel(), place.ravel()
    counts = np.bincount(place, weight, count * angle_bins * radius_bins)
    return counts.astype(np.float32).reshape(count, angle_bins, radius_bins)


def _soft_shares(
    angle: np.ndarray, radius: np.ndarray, owner: np.ndarray, spec: DescriptorSpec
) -> tuple[np.ndarray, np.ndarray]:
    """Places of the four bins whose centres surround each point, and its bilinear shares of them, both (2, 2, P)."""
    corner = np.array([[0], [1]])
    angle, radius = angle - np.float32(0.5), np.minimum(np.maximum(radius - np.float32(0.5), 0), spec.radius_bins - 1)
    low_angle, low_radius = np.floor(angle), np.floor(radius)
    angle_bin = (low_angle.astype(np.int64) + corner) % spec.angle_bins + owner * spec.angle_bins
    radius_bin = np.minimum(low_radius.astype(np.int64) + corner, spec.radius_bins - 1)
    upper = corner.astype(np.float32)
    angle_share, radius_share = np.abs(1 - upper - (angle - low_angle)), np.abs(1 - upper - (radius - low_radius))
    return (angle_bin * spec.radius_bins)[:, None] + radius_bin, angle_share[:, None] * radius_share


def _off_frame(centres: np.ndarray, max_radius: np.ndarray, frames: np.ndarray, spec: DescriptorSpec) -> np.ndarray:
    """Bins whose centre lies off the frame, (N, u, v)."""
    max_radius, half = max_radius.reshape(-1, 1, 1), (frames / 2)[..., None, None]
    down, right = bin_centres(spec.angle_bins, spec.radius_bins)
    # Off the frame: farther from its middle than half its side.
    off = np.abs(down * max_radius + (centres.imag[:, None, None] - half[:, 0])) > half[:, 0]
    off |= np.abs(right * max_radius + (centres.real[:, None, None] - half[:, 1])) > half[:, 1]
    return off


@lru_cache(maxsize=16)
def bin_centres(angle_bins: int, radius_bins: int) -> np.ndarray:
    """Row and column of the middle of each bin around a centre, for a max_radius of 1, (2, u, v) float32."""
    angles = (np.arange(angle_bins)[:, None] + 0.5) * (2 * math.pi / angle_bins)
    shares = (np.arange(radius_bins) + 0.5) / radius_bins
    return np.stack((np.sin(angles) * shares, np.cos(angles) * shares)).astype(np.float32)


def to_query_dim(descriptors: np.ndarray, dim: int) -> np.ndarray:
    """:func:`.operations.to_query_dim`: interpolated linearly, (N, u, v) -> (N, D)."""
    flat = descriptors.reshape(len(descriptors), math.prod(descriptors.shape[1:]))
    low, high, share = _surrounding(flat.shape[1], dim)
    below = flat.take(low, 1)
    return below + (flat.take(high, 1) - below) * share


@lru_cache(maxsize=16)
def _surrounding(count: int, dim: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bins below and above each of D evenly spaced places among ``count`` bins, and the share of the upper one."""
    places = np.maximum((np.arange(dim) + 0.5) * (count / dim) - 0.5, 0)
    low = np.minimum(places.astype(np.int64), count - 1)
    return low, np.minimum(low + 1, count - 1), (places - low).astype(np.float32)


def clip_descriptor(descriptors: np.ndarray) -> np.ndarray:
    """Mean over the frames where a tube has pixels: where its descriptor is not zero; (K, T, u, v) -> (K, u, v).

    A mask with pixels has a contour, so that not all bins are zero.
    """
    present = descriptors.any((2, 3)).sum(1)
    return descriptors.sum(1) / np.maximum(present, 1).astype(np.float32)[:, None, None]
