"""Descriptors of masks: which implementation computes them, and where the real frame ends.

Shapes: N masks, K tubes, T frames, H W pixels, u v angle and radius bins, M points, D model width; "..." any leading
dimensions.
"""

import torch
from torch import Tensor

from . import sparse
from .dense import compute_descriptors_dense
from .operations import clip_descriptor, to_query_dim
from .spec import DescriptorSpec

FrameSize = tuple[float, float] | Tensor | None


@torch.no_grad()
def compute_descriptors(
    masks: Tensor, spec: DescriptorSpec, dim: int, frame_size: FrameSize = None, backend: str | None = None
) -> Tensor:
    """Descriptors of masks, all at once and without waiting for the device (Eq. 3-4).

    Each of the M points adds 1/sqrt(D) to its bin. Then every bin whose centre lies off the frame becomes -1/sqrt(D).
    The paper says "outside of masks"; only the frame makes the descriptor depend on position, which is what its
    sentence is there to explain.

    Args:
        masks: (..., H, W) bool, or numbers of which those above 0.5 are inside.
        spec: descriptor settings.
        dim: D.
        frame_size: height and width in mask pixels of the real frame where masks are padded: two numbers, or a tensor
            (2,) or (..., 2). Pixels beyond it are ignored. ``None``: the whole mask.
        backend: ``'dense'`` or ``'sparse'`` (on a CPU only); ``None``: :func:`default_backend`.

    Returns:
        (..., u, v) float32, zeros for an empty mask.
    """
    frames = _frames(masks, frame_size)
    regions = (masks if masks.dtype == torch.bool else masks > 0.5).reshape(-1, *masks.shape[-2:])
    if (backend or default_backend(regions)) == 'sparse':
        described = torch.from_numpy(sparse.compute_descriptors_sparse(regions.numpy(), spec, dim, frames.numpy()))
    else:
        described = compute_descriptors_dense(regions, spec, dim, frames)
    return described.view(*masks.shape[:-2], spec.angle_bins, spec.radius_bins)


@torch.no_grad()
def tube_cues(
    tubes: Tensor, spec: DescriptorSpec, dim: int, frame_size: FrameSize = None, backend: str | None = None
) -> Tensor:
    """Cue of a tube: the mean of its descriptors over the frames, at query width.

    Args:
        tubes: (K, T, H, W) bool.
        spec, dim, frame_size, backend: as :func:`compute_descriptors`.

    Returns:
        (K, D), zeros for a tube without pixels.
    """
    if (backend or default_backend(tubes)) != 'sparse':
        descriptors = compute_descriptors(tubes, spec, dim, frame_size, backend)
        return to_query_dim(clip_descriptor(descriptors, descriptors.flatten(2).any(-1)), dim)
    frames = _frames(tubes, frame_size).numpy()
    described = sparse.compute_descriptors_sparse(tubes.flatten(0, 1).numpy(), spec, dim, frames)
    means = sparse.clip_descriptor(described.reshape(*tubes.shape[:2], *described.shape[1:]))
    return torch.from_numpy(sparse.to_query_dim(means, dim))


def default_backend(masks: Tensor) -> str:
    """``'sparse'`` on a CPU, else ``'dense'``: an accelerator would have to wait for the number of contour pixels."""
    return 'sparse' if masks.device.type == 'cpu' else 'dense'


def _frames(masks: Tensor, frame_size: FrameSize) -> Tensor:
    """Height and width of each mask's frame, (N, 2), or of the one that all have, (1, 2)."""
    if not isinstance(frame_size, Tensor):
        sides = masks.shape[-2:] if frame_size is None else frame_size
        return torch.stack([torch.full((1,), float(side), device=masks.device) for side in sides], -1)
    frame = frame_size.to(masks.device, torch.float32, non_blocking=True)
    return frame[None] if frame.dim() == 1 else frame.expand(*masks.shape[:-2], 2).reshape(-1, 2)
