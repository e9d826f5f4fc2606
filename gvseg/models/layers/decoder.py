"""Mask2Former's transformer decoder with a seam between cross- and self-attention.

Shapes: B clips, N queries, L keys, D model width.
"""

from mmdet.models.layers.transformer.mask2former_layers import (
    Mask2FormerTransformerDecoder,
    Mask2FormerTransformerDecoderLayer,
)
from mmengine.model import ModuleList
from torch import Tensor

from .masked_attention import FusedAttention


class CueTransformerDecoderLayer(Mask2FormerTransformerDecoderLayer):
    """A decoder layer whose queries can take shape-position cues (paper section 3.1, below Eq. 5)."""

    def _init_layers(self) -> None:
        super()._init_layers()
        for attention in (self.self_attn, self.cross_attn):
            # Same parameters and state, other forward.
            attention.__class__ = FusedAttention

    def forward(self, query: Tensor, cues: Tensor | None = None, **kwargs) -> Tensor:
        """Cross-attention, ``query + cues``, self-attention, feed-forward.

        Args:
            query: (B, N, D).
            cues: what is added between the two attentions, (B, N, D); ``None`` leaves the layer as upstream has it.
            kwargs: arguments of the upstream layer.
        """
        if cues is None:
            return super().forward(query=query, **kwargs)
        query = self.cross_attn(
            query=query,
            key=kwargs['key'],
            value=kwargs['value'],
            query_pos=kwargs['query_pos'],
            key_pos=kwargs['key_pos'],
            attn_mask=kwargs['cross_attn_mask'],
        )
        query = self.norms[0](query) + cues
        position = kwargs['query_pos']
        query = self.self_attn(query=query, key=query, value=query, query_pos=position, key_pos=position)
        query = self.ffn(self.norms[1](query))
        return self.norms[2](query)


class CueTransformerDecoder(Mask2FormerTransformerDecoder):
    """Mask2Former's decoder made of layers that take cues; parameter names are upstream's."""

    def _init_layers(self) -> None:
        super()._init_layers()
        self.layers = ModuleList([CueTransformerDecoderLayer(**self.layer_cfg) for _ in range(self.num_layers)])
