"""Shape-position descriptors of a clip's tubes, as the head uses them.

Shapes: N K tubes, T frames, D model width, H W input pixels, h w mask pixels, u v descriptor bins.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from gvseg.core.descriptors import DescriptorSpec, clip_descriptor, compute_descriptors, end_frames, tube_cues
from gvseg.core.descriptors.compute import default_backend


class TubeDescriptors:
    """Descriptors of tubes; ``size`` is the (height, width) of the unpadded frame in mask pixels everywhere.

    Args:
        spec: descriptor settings.
        dim: D, the width of the queries that receive cues.
        backend: as :func:`compute_descriptors`.
    """

    def __init__(self, spec: DescriptorSpec, dim: int, backend: str | None = None) -> None:
        self.spec = spec
        self.dim = dim
        self.backend = backend

    def per_frame(self, masks: Tensor, size: Tensor) -> Tensor:
        """One descriptor per frame, (K, T, h, w) bool -> (K, T, u, v)."""
        return compute_descriptors(masks, self.spec, self.dim, size, self.backend)

    def clip_mean(self, masks: Tensor, size: Tensor) -> Tensor:
        """Mean over the frames where each tube is present, (K, T, H, W) bool -> (K, u, v)."""
        return clip_descriptor(self.per_frame(masks, size), masks.flatten(2).any(-1))

    def cues(self, masks: Tensor, size: Tensor) -> Tensor:
        """The clip's descriptor at query width, (K, T, h, w) bool -> (K, D)."""
        return tube_cues(masks, self.spec, self.dim, size, self.backend)

    def ground_truth_cues(self, masks: Tensor, mask_size: Sequence[int], size: Tensor) -> Tensor:
        """Cues (K, D) of ground-truth tubes (K, T, H, W), described at the resolution of predicted masks.

        Training and test see the same contours that way.
        """
        return self.cues(_resize_gt_masks(masks, mask_size), size)

    def first_last(self, logits: Tensor, present: Tensor, size: Tensor, chosen: Tensor | None = None) -> Tensor:
        """Descriptors (N, 2, u, v) in the first and the last frame where a tube has pixels, zeros if it has none.

        Clips are linked by these two, so the frames between them are not described.

        Args:
            logits: mask logits (N, T, h, w).
            present: where a tube has pixels, (N, T) bool.
            size: height and width of the unpadded frames, (2,).
            chosen: which tubes are described on a CPU, (N,) bool, the others get zeros; ``None``: all. An accelerator
                would have to wait for their number and describes all.
        """
        if chosen is not None and (self.backend or default_backend(logits)) == 'sparse':
            rows = chosen.nonzero()[:, 0]
            described = self.first_last(logits[rows], present[rows], size)
            return described.new_zeros(len(logits), *described.shape[1:]).index_copy_(0, rows, described)
        count, frames = present.shape
        places = end_frames(present) + frames * torch.arange(count, device=logits.device)[:, None]
        ends = (logits > 0).flatten(0, 1).index_select(0, places.flatten())
        return self.per_frame(ends.unflatten(0, (count, 2)), size)


def _resize_gt_masks(masks: Tensor, size: Sequence[int]) -> Tensor:
    """Ground-truth masks (K, T, H, W) at the size of predicted ones, majority of the pixels."""
    if len(masks) == 0:
        return masks.new_zeros((*masks.shape[:2], *size))
    return interpolate(masks.float(), list(size), mode='area') > 0.5
