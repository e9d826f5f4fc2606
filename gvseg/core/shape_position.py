"""The shape-position descriptor (paper Eqs. 3 and 4, Fig. 2) and its change over time (Eq. 10).

Shapes: N masks (any leading shape), T frames, H W mask pixels, u angle bins, v radius bins, S contour pixels of all
masks together, D model width.
"""
import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d, pad

POINTS = 200
"""Contour points of an object (M in Eq. 3); with fewer or more pixels their weights still sum to it."""


@dataclass(frozen=True)
class DescriptorSpec:
    """How a descriptor is read; the defaults are the paper's.

    Attributes:
        angle_bins: u.
        radius_bins: v.
        points: contour points, evenly spaced in angular order (M); ``None``: every contour pixel, weighted to sum M.
        binning: ``hard``: a point counts in one bin; ``soft``: it is shared among the four nearest bin centres.
        radius: greatest radius: ``frame``, the diagonal of the frame; ``object``, the object's own extent.
        outside: ``frame``: bins whose centre lies off the frame hold -1/sqrt(D); ``none``: they do not.
    """
    angle_bins: int = 36
    radius_bins: int = 12
    points: int | None = POINTS
    binning: str = 'hard'
    radius: str = 'frame'
    outside: str = 'frame'

    def __post_init__(self) -> None:
        choices = dict(binning=('hard', 'soft'), radius=('frame', 'object'), outside=('frame', 'none'))
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f'descriptor {name}={getattr(self, name)!r}: choose one of {allowed}')


@dataclass
class _Contour:
    """Contour points of N masks: which mask each is of, its offset from the mask's centre, its weight; all (S,)."""
    mask: Tensor
    down: Tensor
    right: Tensor
    weight: Tensor


def describe(masks: Tensor, spec: DescriptorSpec, dim: int,
             frame_size: tuple[float, float] | Tensor | None = None) -> Tensor:
    """Polar histograms of contours around the masks' centroids.

    Args:
        masks: (..., H, W) bool or float, true inside.
        spec: how they are read.
        dim: D; each point adds 1/sqrt(D).
        frame_size: height and width of the real frame, which padding may exceed; ``None``: H, W.

    Returns:
        (..., u, v) float32, zeros for empty masks.
    """
    lead, (height, width) = masks.shape[:-2], masks.shape[-2:]
    flat = masks.reshape(-1, height, width) > 0
    frame = torch.as_tensor((height, width) if frame_size is None else frame_size, dtype=torch.float32,
                            device=masks.device)
    centre = _centroids(flat)
    contour = _contours(flat, centre, spec)
    reach = frame.square().sum().sqrt().expand(len(flat))
    if spec.radius == 'object':
        distance = (contour.down.square() + contour.right.square()).sqrt()
        reach = torch.zeros_like(reach).scatter_reduce(0, contour.mask, distance, 'amax').clamp(min=1e-6)
    histogram = _histogram(contour, reach, len(flat), spec) / math.sqrt(dim)
    if spec.outside == 'frame':
        histogram = torch.where(_off_frame(centre, reach, frame, spec), -1 / math.sqrt(dim), histogram)
    histogram = histogram * flat.flatten(1).any(1)[:, None, None]
    return histogram.view(*lead, spec.angle_bins, spec.radius_bins)


def _centroids(masks: Tensor) -> Tensor:
    """Mean pixel centre (y, x) of every mask, (N, 2); pixel (0, 0) is centred at (0.5, 0.5)."""
    rows, columns = masks.sum(2).float(), masks.sum(1).float()
    area = rows.sum(1).clamp(min=1)
    place = [(counts * (torch.arange(counts.shape[1], device=masks.device) + 0.5)).sum(1) / area
             for counts in (rows, columns)]
    return torch.stack(place, 1)


def _contours(masks: Tensor, centre: Tensor, spec: DescriptorSpec) -> _Contour:
    """Mask minus its 3 x 3 erosion, as points; the frame's border counts as outside."""
    shrunk = -max_pool2d(pad(-masks[:, None].float(), (1, 1, 1, 1)), 3, 1)[:, 0]
    edge = masks & (shrunk < 0.5)
    if masks.is_cuda:  # all pixels with weights: looking up where the contour is would wait for the device
        mask, row, column = (index.flatten() for index in torch.meshgrid(
            *(torch.arange(size, device=masks.device) for size in masks.shape), indexing='ij'))
        weight = edge.flatten().float()
    else:
        mask, row, column = edge.nonzero(as_tuple=True)
        weight = torch.ones(len(mask), device=masks.device)
    contour = _Contour(mask, row + 0.5 - centre[mask, 0], column + 0.5 - centre[mask, 1], weight)
    if spec.points is not None:
        contour.weight = _thinned(contour, len(masks), spec.points)
    total = torch.zeros(len(masks), device=masks.device).scatter_add_(0, mask, contour.weight)
    contour.weight = contour.weight * (POINTS / total.clamp(min=1e-6))[mask]
    return contour


def _thinned(contour: _Contour, count: int, points: int) -> Tensor:
    """How often each contour pixel is picked when M places are spread evenly over its mask's, in order of angle, (S,)."""
    angle = torch.atan2(contour.down, contour.right)
    # Sort by mask, then contour before the rest, then angle: one key, since angles span less than 8.
    key = contour.mask.double() * 32 + (contour.weight == 0) * 16 + angle
    order = key.argsort()
    totals = torch.zeros(count, device=angle.device).scatter_add_(0, contour.mask, contour.weight)
    pixels = torch.bincount(contour.mask, minlength=count)
    first = pixels.cumsum(0) - pixels
    mask = contour.mask[order]
    rank = torch.arange(len(order), device=angle.device) - first[mask]
    step = points / totals.clamp(min=1)[mask].double()
    # Pixel r of R stands for the places in [r M / R, (r + 1) M / R).
    picked = ((rank + 1) * step - 1e-9).floor() - (rank * step - 1e-9).floor()
    weight = torch.zeros_like(contour.weight)
    weight[order] = picked.float() * contour.weight[order]
    return weight


def _histogram(contour: _Contour, reach: Tensor, count: int, spec: DescriptorSpec) -> Tensor:
    """Weights of points summed per bin, (N, u, v)."""
    angle = torch.atan2(contour.down, contour.right) / (2 * math.pi) % 1 * spec.angle_bins
    distance = (contour.down.square() + contour.right.square()).sqrt()
    radius = distance / reach[contour.mask] * spec.radius_bins
    histogram = torch.zeros(count * spec.angle_bins * spec.radius_bins, device=reach.device)
    for angle_bin, radius_bin, share in _bins(angle, radius, spec):
        index = (contour.mask * spec.angle_bins + angle_bin) * spec.radius_bins + radius_bin
        histogram.scatter_add_(0, index, contour.weight * share)
    return histogram.view(count, spec.angle_bins, spec.radius_bins)


def _bins(angle: Tensor, radius: Tensor, spec: DescriptorSpec) -> list[tuple[Tensor, Tensor, Tensor | float]]:
    """Bins that each point counts in and with what share; angle and radius in units of bins, (S,)."""
    last = spec.radius_bins - 1
    if spec.binning == 'hard':
        return [(angle.long() % spec.angle_bins, radius.long().clamp(max=last), 1.0)]
    angle, radius = angle - 0.5, (radius - 0.5).clamp(0, last)
    low_angle, low_radius = angle.floor(), radius.floor()
    part_angle, part_radius = angle - low_angle, radius - low_radius
    return [((low_angle.long() + right) % spec.angle_bins, (low_radius.long() + out).clamp(max=last),
             (part_angle if right else 1 - part_angle) * (part_radius if out else 1 - part_radius))
            for right in (0, 1) for out in (0, 1)]


def _off_frame(centre: Tensor, reach: Tensor, frame: Tensor, spec: DescriptorSpec) -> Tensor:
    """Bins whose centre lies outside the frame, (N, u, v) bool."""
    angle = (torch.arange(spec.angle_bins, device=reach.device) + 0.5) / spec.angle_bins * 2 * math.pi
    radius = (torch.arange(spec.radius_bins, device=reach.device) + 0.5) / spec.radius_bins * reach[:, None]
    down = centre[:, 0, None, None] + angle.sin()[:, None] * radius[:, None]
    right = centre[:, 1, None, None] + angle.cos()[:, None] * radius[:, None]
    return (down < 0) | (right < 0) | (down >= frame[0]) | (right >= frame[1])


def to_query_dim(descriptors: Tensor, dim: int) -> Tensor:
    """Descriptors (..., u, v), flattened and linearly interpolated to the width of a query, (..., D)."""
    flat = descriptors.flatten(-2)
    wide = interpolate(flat.reshape(-1, 1, flat.shape[-1]), dim, mode='linear', align_corners=False)
    return wide.view(*flat.shape[:-1], dim)


def descriptor_change(key: Tensor, other: Tensor) -> Tensor:
    """Relative change of descriptors (..., u, v), Eq. 10: |other - key| / |key|, infinite for an empty key."""
    norm = key.flatten(-2).norm(dim=-1)
    change = (other - key).flatten(-2).norm(dim=-1)
    return torch.where(norm > 0, change / norm.clamp(min=1e-12), torch.inf)


def clip_descriptor(descriptors: Tensor, present: Tensor) -> Tensor:
    """Mean of an object's descriptors (..., T, u, v) over the frames where it is present (..., T); zeros if in none."""
    weight = present.to(descriptors)[..., None, None]
    return (descriptors * weight).sum(-3) / weight.sum(-3).clamp(min=1)


def edge_descriptor(descriptors: Tensor, present: Tensor, last: bool) -> Tensor:
    """Descriptor (..., u, v) in the last, or first, frame of T where an object is present; zeros if in none."""
    time = torch.arange(present.shape[-1], device=present.device)
    index = torch.where(present, time if last else -time, -len(time) - 1).argmax(-1)
    place = index[..., None, None, None].expand(*index.shape, 1, *descriptors.shape[-2:])
    return descriptors.gather(-3, place).squeeze(-3) * present.any(-1)[..., None, None]
