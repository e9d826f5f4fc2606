"""Descriptors in torch without waiting for the device: every pixel is a point, weighing 0 off the contour.

Shapes: N masks, T frames, H W pixels, u v angle and radius bins, M points, D model width.
"""

import math

import torch
from torch import Tensor

from .centroids import mask_centroids
from .contour_points import ContourPoints, contour_of, contour_points, fill_holes, of_owner, sample_contour_points
from .spec import PAPER_POINTS, DescriptorSpec
from .tables import cached_table


def compute_descriptors_dense(masks: Tensor, spec: DescriptorSpec, dim: int, frames: Tensor) -> Tensor:
    """Descriptors (N, u, v) of masks (Eq. 3-4), as :func:`sparse.compute_descriptors_sparse`.

    Args:
        masks: (N, H, W) bool.
        spec: descriptor settings.
        dim: D.
        frames: height and width of each mask's frame, (N, 2), or of that of all, (1, 2).
    """
    regions = _inside_frame(masks, frames)
    centres, areas = mask_centroids(regions)
    contour = contour_of(regions if spec.holes else fill_holes(regions))
    points = contour_points(contour, centres)
    max_radius = _max_radius(points, frames, len(regions), spec)
    if spec.points is not None:
        points = sample_contour_points(points, contour.flatten(1).sum(1), spec.points, max_radius, spec.radius_bins)
    counts = _histogram(points, max_radius, len(regions), spec)
    factor = (spec.points or PAPER_POINTS) / counts.sum((1, 2), keepdim=True).clamp(min=1) / math.sqrt(dim)
    descriptors = counts * factor
    if spec.outside == 'frame':
        descriptors = torch.where(_off_frame(centres, max_radius, frames, spec), -1 / math.sqrt(dim), descriptors)
    return descriptors * (areas > 0).float()[:, None, None]


def _inside_frame(masks: Tensor, frame: Tensor) -> Tensor:
    """Masks (N, H, W) without the pixels whose centre is beyond the frame."""
    rows, columns = (pixel_centres(side, masks.device) for side in masks.shape[-2:])
    return masks & ((rows < frame[:, :1])[:, :, None] & (columns < frame[:, 1:])[:, None, :])


def _max_radius(points: ContourPoints, frame: Tensor, count: int, spec: DescriptorSpec) -> Tensor:
    """Radius where the last bin ends, for each of ``count`` masks or (1,) where all have the same."""
    if spec.radius == 'frame':
        return frame.square().sum(-1).sqrt()
    distance, owner = torch.broadcast_tensors(points.distance * (points.weight > 0), points.owner)
    extent = torch.zeros(count, device=frame.device)
    # A single pixel has no extent; half a pixel keeps its one point in the first bin.
    return extent.scatter_reduce(0, owner.flatten(), distance.flatten(), 'amax').clamp(min=0.5)


def _histogram(points: ContourPoints, max_radius: Tensor, count: int, spec: DescriptorSpec) -> Tensor:
    """Weight of the points in each bin of ``count`` masks, (N, u, v)."""
    angle = points.turn * spec.angle_bins
    radius = points.distance / of_owner(max_radius, points) * spec.radius_bins
    angle_bin, radius_bin, share = (_hard_shares if spec.binning == 'hard' else _soft_shares)(angle, radius, spec)
    place = (points.owner * spec.angle_bins + angle_bin) * spec.radius_bins + radius_bin
    place, weight = torch.broadcast_tensors(place, points.weight * share)
    # One-dimensional, because CUDA has a deterministic scatter for that; hard counts are exact in any order.
    counts = torch.zeros(count * spec.angle_bins * spec.radius_bins, device=max_radius.device)
    return counts.scatter_add_(0, place.flatten(), weight.flatten()).view(-1, spec.angle_bins, spec.radius_bins)


def _hard_shares(angle: Tensor, radius: Tensor, spec: DescriptorSpec) -> tuple[Tensor, Tensor, float]:
    """The bin of each point, wholly; angle and radius are counted in bins."""
    return angle.long().clamp(max=spec.angle_bins - 1), radius.long().clamp(max=spec.radius_bins - 1), 1.0


def _soft_shares(angle: Tensor, radius: Tensor, spec: DescriptorSpec) -> tuple[Tensor, Tensor, Tensor]:
    """The bins whose centres surround each point and its bilinear shares of them; angles are circular.

    Two angle bins (2, 1, ...), two radius bins (2, ...) and the shares of their four pairs (2, 2, ...).
    """
    angle, radius = angle - 0.5, (radius - 0.5).clamp(0, spec.radius_bins - 1)
    low_angle, low_radius = angle.floor(), radius.floor()
    angle, radius = angle - low_angle, radius - low_radius
    low_angle, low_radius = low_angle.long(), low_radius.long()
    angle_bin = torch.stack((low_angle % spec.angle_bins, (low_angle + 1) % spec.angle_bins))
    radius_bin = torch.stack((low_radius, (low_radius + 1).clamp(max=spec.radius_bins - 1)))
    share = torch.stack((1 - angle, angle))[:, None] * torch.stack((1 - radius, radius))
    return angle_bin[:, None], radius_bin, share


def _off_frame(centres: Tensor, max_radius: Tensor, frame: Tensor, spec: DescriptorSpec) -> Tensor:
    """Bins whose centre lies off the frame, (N, u, v)."""
    sines, cosines, shares = bin_centres(spec.angle_bins, spec.radius_bins, max_radius.device)
    radii = (shares * max_radius[:, None])[:, None]
    columns = centres[:, :1, None] + cosines * radii
    rows = centres[:, 1:, None] + sines * radii
    height, width = frame[:, :1, None], frame[:, 1:, None]
    return (rows < 0) | (rows > height) | (columns < 0) | (columns > width)


@cached_table(maxsize=16)
def bin_centres(angle_bins: int, radius_bins: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Sine and cosine of the middle of each angle bin, (u, 1), and that of each radius bin as a share of all, (v,)."""
    angles = (torch.arange(angle_bins, device=device)[:, None] + 0.5) * (2 * math.pi / angle_bins)
    return angles.sin(), angles.cos(), (torch.arange(radius_bins, device=device) + 0.5) / radius_bins


@cached_table(maxsize=64)
def pixel_centres(side: int, device: torch.device) -> Tensor:
    """0.5, 1.5, ... along a side of a mask, (side,)."""
    return torch.arange(side, device=device) + 0.5
