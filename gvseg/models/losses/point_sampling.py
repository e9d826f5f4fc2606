"""Random points of masks, independent of how a batch is distributed.

Shapes: B clips, T frames, N queries, M matched masks, P points, h w mask pixels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from gvseg.models.structures import ClipBatch


@dataclass(frozen=True)
class PointSampling:
    """Where the mask costs and losses are evaluated.

    Attributes:
        count: points of a mask (P).
        oversample_ratio: points drawn, in P, of which the least certain are chosen.
        importance_ratio: share of the P that are chosen so; the others are any.
        seeded: draw points from each clip's seed instead of the global stream (see :func:`generator`).
        in_padding: draw points in the padding too, as mmdet and detectron2 do, so that masks learn to end at the
            frame; or in each clip's real frame only.
    """

    count: int
    oversample_ratio: float
    importance_ratio: float
    seeded: bool = True
    in_padding: bool = True

    def seed(self, clips: ClipBatch, clip: int, layer: int, purpose: int) -> int | None:
        """Seed of a clip's points before a decoder layer; ``None``: those of the global stream."""
        return clips.seeds[clip] + 1000 * layer + purpose if self.seeded else None

    def extent(self, clips: ClipBatch, clip: int, device: torch.device) -> Tensor:
        """Width and height of where points of a clip are drawn, as fractions of the padded frame, (1, 2)."""
        if self.in_padding:
            return torch.ones(1, 2, device=device)
        height, width = clips.input_shape
        size = clips.real_shapes[clip].flip(0)[None].to(device, torch.float32, non_blocking=True)
        return size / torch.tensor([[width, height]], device=device)


def generator(seed: int | None, device: torch.device) -> torch.Generator | None:
    """Generator of random numbers from a seed, beside the global stream.

    The points of a clip are then the same for any number of processes and after resuming.

    Args:
        seed: ``None``: the global stream, as in mmdet's head.
        device: device on which numbers are drawn.
    """
    return None if seed is None else torch.Generator(device).manual_seed(seed)


def sample_tubes(masks: Tensor, points: Tensor) -> Tensor:
    """Values of N tubes at the same places of every frame.

    Args:
        masks: (N, T, h, w) float.
        points: (x, y) as fractions of the frame, (P, 2).

    Returns:
        (N, T * P).
    """
    if len(masks) == 0:
        return masks.new_zeros(0, masks.shape[1] * len(points))
    sampled = grid_sample(masks.flatten(0, 1)[None], 2 * points[None, None].to(masks.dtype) - 1, align_corners=False)
    return sampled.view(len(masks), -1)


def uncertain_points(
    masks: Tensor, count: int, oversample: float, importance: float, seed: int | None, extent: Tensor
) -> Tensor:
    """Points where M x T mask logits are close to zero, and random ones (PointRend).

    As mmdet's ``get_uncertain_point_coords_with_randomness``, whose points may lie in the padding too.

    Args:
        masks: logits (M, T, h, w).
        count: P.
        oversample: points drawn, in P, of which the least certain are chosen.
        importance: share of the P that are chosen so; the others are any.
        seed: as :func:`generator`.
        extent: width and height of each real frame as fractions of the padded one, (M, 2) or (1, 2).

    Returns:
        (x, y) as fractions of the padded frame, (M * T, P, 2).
    """
    extent = extent.expand(len(masks), 2).repeat_interleave(masks.shape[1], 0)[:, None]
    frames, uncertain = masks.flatten(0, 1).unsqueeze(1), int(importance * count)
    draws = generator(seed, masks.device)
    drawn = torch.rand(len(frames), int(count * oversample), 2, device=masks.device, generator=draws) * extent
    certainty = grid_sample(frames, 2 * drawn[:, :, None] - 1, align_corners=False)[:, 0, :, 0].abs()
    chosen = (-certainty).topk(uncertain, 1).indices
    points = drawn.gather(1, chosen[..., None].expand(-1, -1, 2))
    if uncertain == count:
        return points
    others = torch.rand(len(frames), count - uncertain, 2, device=masks.device, generator=draws) * extent
    return torch.cat((points, others), 1)
