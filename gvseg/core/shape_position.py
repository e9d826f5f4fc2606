"""Shape-position descriptors (paper section 3.1, Eq. 3-4 and 10).

Shapes: N masks, T frames, H W pixels, u v angle and radius bins, M points, D model width; "..." any leading dimensions.
Pixel (row, column) has its centre at (row + 0.5, column + 0.5): the frame is [0, H] x [0, W]. Angles run from the
x axis towards the y axis, that is clockwise in the picture, and bin 0 begins at the x axis.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from . import shape_position_arrays as arrays
from .contour_points import (
    ContourPoints,
    contour_of,
    contour_points,
    fill_holes,
    mask_centres,
    of_owner,
    sample_contour_points,
)
from .descriptor_spec import PAPER_POINTS, DescriptorSpec

FrameSize = tuple[float, float] | Tensor | None


@torch.no_grad()
def compute_descriptors(masks: Tensor, spec: DescriptorSpec, dim: int, frame_size: FrameSize = None) -> Tensor:
    """Descriptors of masks, all at once and without waiting for the device (Eq. 3-4).

    Each of the M points adds 1/sqrt(D) to its bin. Then every bin whose centre lies off the frame becomes -1/sqrt(D).
    The paper says "outside of masks"; only the frame makes the descriptor depend on position, which is what its
    sentence is there to explain.

    Args:
        masks: (..., H, W) bool, or numbers of which those above 0.5 are inside.
        spec: the reading of the paper.
        dim: D.
        frame_size: height and width in mask pixels of the real frame where masks are padded: two numbers, or a tensor
            (2,) or (..., 2). Pixels beyond it are ignored. ``None``: the whole mask.

    Returns:
        (..., u, v) float32, zeros for an empty mask.
    """
    frames = _frames(masks, frame_size)
    regions = (masks if masks.dtype == torch.bool else masks > 0.5).reshape(-1, *masks.shape[-2:])
    if in_numpy(regions):
        described = torch.from_numpy(arrays.compute_descriptors_sparse(regions.numpy(), spec, dim, frames.numpy()))
    else:
        described = compute_descriptors_dense(regions, spec, dim, frames)
    return described.view(*masks.shape[:-2], spec.angle_bins, spec.radius_bins)


@torch.no_grad()
def tube_cues(tubes: Tensor, spec: DescriptorSpec, dim: int, frame_size: FrameSize = None) -> Tensor:
    """What is added to the query of a tube: the mean of its descriptors, at query width.

    Args:
        tubes: (K, T, H, W) bool.
        spec, dim, frame_size: as :func:`compute_descriptors`.

    Returns:
        (K, D), zeros for a tube without pixels.
    """
    if not in_numpy(tubes):
        descriptors = compute_descriptors(tubes, spec, dim, frame_size)
        return to_query_dim(clip_descriptor(descriptors, descriptors.flatten(2).any(-1)), dim)
    frames = _frames(tubes, frame_size).numpy()
    described = arrays.compute_descriptors_sparse(tubes.flatten(0, 1).numpy(), spec, dim, frames)
    means = arrays.clip_descriptor(described.reshape(*tubes.shape[:2], *described.shape[1:]))
    return torch.from_numpy(arrays.to_query_dim(means, dim))


def in_numpy(masks: Tensor) -> bool:
    """A CPU is faster with numpy and with a list of contour pixels, for which an accelerator would have to wait."""
    return masks.device.type == 'cpu'


def compute_descriptors_dense(masks: Tensor, spec: DescriptorSpec, dim: int, frames: Tensor) -> Tensor:
    """Descriptors (N, u, v) without waiting for the device: every pixel is a point, weighing 0 off the contour.

    Args:
        masks: (N, H, W) bool.
        spec: the reading of the paper.
        dim: D.
        frames: height and width of each mask's frame, (N, 2), or of that of all, (1, 2).
    """
    regions = _inside_frame(masks, frames)
    centres, areas = mask_centres(regions)
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


def _frames(masks: Tensor, frame_size: FrameSize) -> Tensor:
    """Height and width of each mask's frame, (N, 2), or of the one that all have, (1, 2)."""
    if not isinstance(frame_size, Tensor):
        sides = masks.shape[-2:] if frame_size is None else frame_size
        return torch.stack([torch.full((1,), float(side), device=masks.device) for side in sides], -1)
    frame = frame_size.to(masks.device, torch.float32, non_blocking=True)
    return frame[None] if frame.dim() == 1 else frame.expand(*masks.shape[:-2], 2).reshape(-1, 2)


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
    rows = centres[:, :1, None] + sines * radii
    columns = centres[:, 1:, None] + cosines * radii
    height, width = frame[:, :1, None], frame[:, 1:, None]
    return (rows < 0) | (rows > height) | (columns < 0) | (columns > width)


@lru_cache(maxsize=16)
def bin_centres(angle_bins: int, radius_bins: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Sine and cosine of the middle of each angle bin, (u, 1), and that of each radius bin as a share of all, (v,)."""
    angles = (torch.arange(angle_bins, device=device)[:, None] + 0.5) * (2 * math.pi / angle_bins)
    return angles.sin(), angles.cos(), (torch.arange(radius_bins, device=device) + 0.5) / radius_bins


@lru_cache(maxsize=64)
def pixel_centres(side: int, device: torch.device) -> Tensor:
    """0.5, 1.5, ... along a side of a mask, (side,)."""
    return torch.arange(side, device=device) + 0.5


def to_query_dim(descriptors: Tensor, dim: int) -> Tensor:
    """Flatten descriptors and interpolate them linearly to the width of a query, (..., u, v) -> (..., D)."""
    flat = descriptors.flatten(-2)
    resized = F.interpolate(flat.reshape(-1, 1, flat.shape[-1]), dim, mode='linear', align_corners=False)
    return resized.view(*flat.shape[:-1], dim)


def descriptor_change(key: Tensor, other: Tensor) -> Tensor:
    """Relative change of a descriptor, |other - key| / |key| (Eq. 10).

    Args:
        key: (..., u, v).
        other: (..., u, v), broadcast against ``key``.

    Returns:
        (...), infinite where the key is zero: an absent object is like nothing.
    """
    norm = key.flatten(-2).norm(dim=-1)
    change = (other - key).flatten(-2).norm(dim=-1)
    return torch.where(norm > 0, change / norm, math.inf)


def clip_descriptor(descriptors: Tensor, present: Tensor) -> Tensor:
    """Mean over the frames where an object is present, zeros if there is none.

    Args:
        descriptors: (..., T, u, v).
        present: (..., T) bool.

    Returns:
        (..., u, v).
    """
    weight = present.to(descriptors)[..., None, None]
    return (descriptors * weight).sum(-3) / weight.sum(-3).clamp(min=1)


def end_frames(present: Tensor) -> Tensor:
    """First and last frame where each tube is present, (N, T) bool -> (N, 2) long; any frames of one that never is."""
    return (present[:, None] * _from_both_ends(present.shape[1], present.device)).argmax(-1)


@lru_cache(maxsize=64)
def _from_both_ends(frames: int, device: torch.device) -> Tensor:
    """T, ..., 1 and 1, ..., T, (2, T)."""
    order = torch.arange(1, frames + 1, device=device)
    return torch.stack((order.flip(0), order))
