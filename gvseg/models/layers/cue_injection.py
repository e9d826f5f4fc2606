"""Shape-position cues for queries between decoder layers (paper section 3.1, below Eq. 5).

Shapes: B clips, T frames, N queries, K tubes, C classes, D model width, h w mask pixels, u v descriptor bins.
"""
from collections.abc import Callable
from dataclasses import dataclass

import torch
from mmdet.registry import MODELS
from torch import Tensor, nn

from gvseg.core.matching import assignment_matrix
from gvseg.core.query_set import QuerySet
from gvseg.core.shape_position import clip_descriptor, to_query_dim
from gvseg.models.structures import Assignment, has_pixels


@dataclass
class LayerState:
    """What is known before a decoder layer.

    Attributes:
        index: index of the layer.
        classes: class logits of the prediction before it, (B, N, C + 1).
        masks: mask logits of that prediction, (B, N, T, h, w).
        queries: the initial queries.
        truth: descriptors of ground-truth tubes, per clip (K, u, v); ``None`` at test time.
        assignments: that prediction's assignment to ground truth, per clip; ``None`` at test time.
        describe: (clip, masks (n, T, h, w) bool) -> descriptors (n, T, u, v).
    """
    index: int
    classes: Tensor
    masks: Tensor
    queries: QuerySet
    truth: list[Tensor] | None
    assignments: list[Assignment] | None
    describe: Callable[[int, Tensor], Tensor]


@MODELS.register_module()
class PredictedCues(nn.Module):
    """Every confident query gets the descriptor of its own intermediate mask, in training as at test.

    Args:
        confidence: least class probability of a prediction that is described.
    """
    #: Whether ground truth has to be assigned before each layer.
    needs_assignments = False

    def __init__(self, confidence: float = 0.5) -> None:
        super().__init__()
        self.confidence = confidence

    @torch.no_grad()
    def forward(self, state: LayerState) -> Tensor:
        """Cues to add to the queries, (B, N, D); zeros for queries that take none."""
        cues = to_query_dim(self._descriptors(state), state.queries.feature.shape[-1])
        return cues * state.queries.takes_cues[None, :, None]

    def _descriptors(self, state: LayerState) -> Tensor:
        confident = state.classes.softmax(-1)[..., :-1].max(-1).values > self.confidence
        described = torch.stack([self._describe_clip(state, clip, chosen & state.queries.takes_cues)
                                 for clip, chosen in enumerate(confident)])
        known = state.queries.descriptors
        if known is None or state.index > 0:
            return described
        return torch.where(known.flatten(2).any(-1)[..., None, None], known, described)

    def _describe_clip(self, state: LayerState, clip: int, chosen: Tensor) -> Tensor:
        """Clip descriptors (N, u, v) of the chosen queries (N,); most are not confident, so only these are computed."""
        queries = chosen.nonzero()[:, 0]
        logits = state.masks[clip].index_select(0, queries)
        described = clip_descriptor(state.describe(clip, logits > 0), has_pixels(logits))
        return described.new_zeros(len(chosen), *described.shape[1:]).index_copy_(0, queries, described)


@MODELS.register_module()
class GroundTruthCues(PredictedCues):
    """The paper's reading: while training, q <- q + A H with the previous prediction's Hungarian assignment A."""
    needs_assignments = True

    def _descriptors(self, state: LayerState) -> Tensor:
        if state.assignments is None:
            return super()._descriptors(state)
        count = state.queries.feature.shape[1]
        rows = []
        for (queries, tubes), truth in zip(state.assignments, state.truth):
            matrix = assignment_matrix(queries, tubes, count, len(truth)).to(truth)
            rows.append(torch.einsum('nk,kuv->nuv', matrix, truth))
        return torch.stack(rows)
