"""Multi-scale deformable attention that runs with and without mmcv's compiled kernels.

Shapes: B frames, L tokens of all levels, D model width, heads h, levels l, points p.
"""

from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from mmcv.ops.multi_scale_deform_attn import MultiScaleDeformableAttention, multi_scale_deformable_attn_pytorch
from mmdet.models.layers.msdeformattn_pixel_decoder import MSDeformAttnPixelDecoder
from mmdet.registry import MODELS
from torch import Tensor


@lru_cache(maxsize=1)
def kernels_are_compiled() -> bool:
    """Whether this mmcv brings its compiled operators (our stand-in module has no file on disk)."""
    try:
        spec: ModuleSpec | None = find_spec('mmcv._ext')
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and spec.origin.endswith(('.so', '.pyd'))


class PortableDeformableAttention(MultiScaleDeformableAttention):
    """mmcv's module, with the kernel where it is compiled and plain torch elsewhere, on every device."""

    def forward(
        self,
        query: Tensor,
        value: Tensor | None = None,
        identity: Tensor | None = None,
        query_pos: Tensor | None = None,
        reference_points: Tensor | None = None,
        spatial_shapes: Tensor | None = None,
        level_start_index: Tensor | None = None,
        **kwargs,
    ) -> Tensor:
        """Attend from every token to a few learnt places of every level.

        Args:
            query: (B, L, D); ``batch_first`` is what mmdet's encoder uses.
            value: (B, L, D), the query if ``None``.
            identity: residual input, the query if ``None``.
            query_pos: (B, L, D).
            reference_points: (B, L, l, 2) in [0, 1].
            spatial_shapes: (l, 2) height and width of the levels.
            level_start_index: (l,) first token of each level.
        """
        if query.is_cuda and kernels_are_compiled():
            return super().forward(
                query,
                value=value,
                identity=identity,
                query_pos=query_pos,
                reference_points=reference_points,
                spatial_shapes=spatial_shapes,
                level_start_index=level_start_index,
                **kwargs,
            )
        value = query if value is None else value
        identity = query if identity is None else identity
        query = query if query_pos is None else query + query_pos
        batch, tokens, _ = query.shape
        value = self.value_proj(value).view(batch, value.shape[1], self.num_heads, -1)
        shape = (batch, tokens, self.num_heads, self.num_levels, self.num_points)
        weights = self.attention_weights(query).view(*shape[:3], -1).softmax(-1).view(shape)
        offsets = self.sampling_offsets(query).view(*shape, 2)
        places = (
            reference_points[:, :, None, :, None, :] + offsets / spatial_shapes.flip(-1)[None, None, None, :, None, :]
        )
        output = multi_scale_deformable_attn_pytorch(value, spatial_shapes, places, weights.to(value.dtype))
        return self.dropout(self.output_proj(output)) + identity


@MODELS.register_module()
class DeformablePixelDecoder(MSDeformAttnPixelDecoder):
    """Mask2Former's pixel decoder on :class:`PortableDeformableAttention`; parameter names are upstream's."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for layer in self.encoder.layers:
            # Same parameters and state, other forward: nothing is built or initialised twice.
            layer.self_attn.__class__ = PortableDeformableAttention
