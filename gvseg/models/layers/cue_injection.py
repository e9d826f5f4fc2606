"""Shape-position cues for queries between decoder layers (paper section 3.1, below Eq. 5).

Shapes: B clips, T frames, N queries, K tubes, C classes, D model width, h w mask pixels, u v descriptor bins.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from mmdet.registry import MODELS
from torch import Tensor, nn

from gvseg.core.descriptors import to_query_dim
from gvseg.core.query_set import QuerySet
from gvseg.core.tracking.assignment import assignment_matrix
from gvseg.models.structures import Assignment
from gvseg.utils.errors import ConfigError


@dataclass
class LayerState:
    """State before a decoder layer.

    Attributes:
        index: index of the layer.
        classes: class logits of the prediction before it, (B, N, C + 1).
        masks: mask logits of that prediction: (clip, some queries: indices or a slice) -> (n, T, h, w).
        queries: the initial queries.
        truth: cues of ground-truth tubes, per clip (K, D); ``None`` at test time.
        assignments: that prediction's assignment to ground truth, per clip; ``None`` at test time.
        tube_cues: (clip, tubes (K, T, h, w) bool) -> cues (K, D).
    """

    index: int
    classes: Tensor
    masks: Callable[[int, Tensor | slice], Tensor]
    queries: QuerySet
    truth: list[Tensor] | None
    assignments: list[Assignment] | None
    tube_cues: Callable[[int, Tensor], Tensor]


@MODELS.register_module()
class PredictedCues(nn.Module):
    """Every confident query gets the descriptor of its own intermediate mask, in training as at test.

    The query that it is added to comes from a layer norm and has a length of about sqrt(D), 16 at D = 256; H has 1.6.

    Args:
        confidence: minimum class probability of a prediction that is described.
        normalize: ``'raw'`` adds H as Eq. 4 has it; ``'unit'`` times sqrt(D), as if the query had length 1.
        unit_cues: H at length 1 before that, instead of its own.
        gain: initial value of a learned factor of H; ``None``: no factor.

    Raises:
        ConfigError: ``normalize`` is none of these.
    """

    #: Whether ground truth has to be assigned before each layer.
    needs_assignments = False

    def __init__(
        self, confidence: float = 0.5, normalize: str = 'raw', unit_cues: bool = False, gain: float | None = None
    ) -> None:
        super().__init__()
        if normalize not in ('raw', 'unit'):
            raise ConfigError(f"normalize of {type(self).__name__} is 'raw' or 'unit', not {normalize!r}")
        self.confidence = confidence
        self.normalize = normalize
        self.unit_cues = unit_cues
        self.gain = None if gain is None else nn.Parameter(torch.tensor(float(gain)))

    def forward(self, state: LayerState) -> Tensor:
        """Cues to add to the queries, (B, N, D); zeros for queries that take none."""
        cues = self.compute_cues(state)
        if self.unit_cues:
            cues = F.normalize(cues, dim=-1)
        if self.normalize == 'unit':
            cues = cues * math.sqrt(cues.shape[-1])
        return cues if self.gain is None else self.gain * cues

    @torch.no_grad()
    def compute_cues(self, state: LayerState) -> Tensor:
        """H of each query (Eq. 4), (B, N, D); zeros for queries that take none."""
        chosen = (state.classes.softmax(-1)[..., :-1].amax(-1) > self.confidence) & state.queries.takes_cues
        cues = torch.stack([self._clip_cues(state, clip, queries) for clip, queries in enumerate(chosen)])
        known = state.queries.descriptors
        if known is None or state.index > 0:
            return cues
        given = known.flatten(2).any(-1) & state.queries.takes_cues
        return torch.where(given[..., None], to_query_dim(known, cues.shape[-1]), cues)

    def _clip_cues(self, state: LayerState, clip: int, chosen: Tensor) -> Tensor:
        """Cues (N, D) of the chosen queries (N,); most are not confident, so only these are computed."""
        queries = chosen.nonzero()[:, 0]
        cues = state.tube_cues(clip, state.masks(clip, queries) > 0)
        return cues.new_zeros(len(chosen), cues.shape[1]).index_copy_(0, queries, cues)


@MODELS.register_module()
class GroundTruthCues(PredictedCues):
    """The paper's reading: while training, q <- q + A H with the previous prediction's Hungarian assignment A."""

    needs_assignments = True

    @torch.no_grad()
    def compute_cues(self, state: LayerState) -> Tensor:
        """As :class:`PredictedCues`."""
        if state.assignments is None or state.truth is None:
            return super().compute_cues(state)
        count = state.queries.feature.shape[1]
        rows = []
        for (queries, tubes), truth in zip(state.assignments, state.truth):
            matrix = assignment_matrix(queries, tubes, count, len(truth)).to(truth)
            rows.append(matrix @ truth)
        return torch.stack(rows) * state.queries.takes_cues[None, :, None]
