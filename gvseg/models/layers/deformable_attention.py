"""Multi-scale deformable attention that runs with and without compiled kernels.

Shapes: B frames, L tokens of all levels, D model width, heads h, levels l, points p.
"""

import torch
from mmcv.ops.multi_scale_deform_attn import MultiScaleDeformableAttention
from mmdet.registry import MODELS
from torch import Tensor

from .deformable_sampling import Sizes, sample_levels
from .level_pixel_decoder import LevelPixelDecoder


class PortableDeformableAttention(MultiScaleDeformableAttention):
    """mmcv's module on every device, with the fastest implementation there is (see :mod:`.deformable_sampling`)."""

    def forward(
        self,
        query: Tensor,
        value: Tensor | None = None,
        identity: Tensor | None = None,
        query_pos: Tensor | None = None,
        *,
        reference_points: Tensor,
        spatial_shapes: Sizes | Tensor,
        **kwargs,
    ) -> Tensor:
        """Attend from every token to a few learnt places of every level.

        Places and weights are computed in full precision under autocast, everything else in its type.

        Args:
            query: (B, L, D); ``batch_first`` is what mmdet's encoder uses.
            value: (B, L, D), the query if ``None``.
            identity: residual input, the query if ``None``.
            query_pos: (B, L, D).
            reference_points: (L, 2), or (B, L, l, 2) as mmdet gives them, in [0, 1].
            spatial_shapes: height and width of the levels; a tensor (l, 2) makes an accelerator wait.
        """
        if reference_points is None or spatial_shapes is None:
            raise ValueError('deformable attention needs reference points and the sizes of the levels')
        value = query if value is None else value
        identity = query if identity is None else identity
        query = query if query_pos is None else query + query_pos
        sizes = spatial_shapes.tolist() if isinstance(spatial_shapes, Tensor) else spatial_shapes
        value = self.value_proj(value).unflatten(-1, (self.num_heads, -1))
        with torch.autocast(query.device.type, enabled=False):
            query = query.to(self.sampling_offsets.weight.dtype)
            shape = (*query.shape[:2], self.num_heads, self.num_levels, self.num_points)
            weights = self.attention_weights(query).view(*shape[:3], -1).softmax(-1).view(shape)
            offsets = self.sampling_offsets(query).view(*shape, 2)
            mixed = sample_levels(value, tuple(map(tuple, sizes)), reference_points, offsets, weights)
        return self.dropout(self.output_proj(mixed)) + identity


@MODELS.register_module()
class DeformablePixelDecoder(LevelPixelDecoder):
    """Mask2Former's pixel decoder on :class:`PortableDeformableAttention`; parameter names are upstream's."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.encoder.layers:
            # Same parameters and state, other forward: nothing is built or initialised twice.
            layer.self_attn.__class__ = PortableDeformableAttention
