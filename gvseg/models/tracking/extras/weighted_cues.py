"""Appearance and shape-position as two similarities with weights, in place of the sum of Eq. 6.

Shapes: N slots, M queries, D model width, u v descriptor bins.
"""

import numpy as np
from mmdet.registry import TASK_UTILS

from gvseg.core.similarity import centred_similarity, change_similarity, cosine_similarity
from gvseg.utils.errors import ConfigError

from ..similarity import MatchCues


@TASK_UTILS.register_module()
class WeightedCues:
    """Weighted mean of two similarities, the cosine of q-hat and one of descriptors, so that neither dominates.

    Not in the paper. The weight of appearance is 1; a cue counts for a pair if it is on for both.

    Args:
        shape_weight: weight of the similarity of descriptors.
        shape_similarity: ``'cosine'``; ``'centred'``: cosine of what differs from the mean descriptor of the clip;
            ``'exp_change'``: exp(-dH / scale) with dH of Eq. 10.
        scale: relative change of a descriptor at which the similarity has fallen to 1 / e, for ``'exp_change'``.

    Raises:
        ConfigError: ``shape_similarity`` is none of these, or ``scale`` is not positive.
    """

    SIMILARITIES = ('cosine', 'centred', 'exp_change')

    def __init__(self, shape_weight: float = 0.5, shape_similarity: str = 'exp_change', scale: float = 0.3) -> None:
        if shape_similarity not in self.SIMILARITIES:
            raise ConfigError(
                f'shape_similarity of WeightedCues is one of {self.SIMILARITIES}, not {shape_similarity!r}'
            )
        if scale <= 0:
            raise ConfigError(f'WeightedCues needs a positive scale, not {scale}')
        self.shape_weight = shape_weight
        self.shape_similarity = shape_similarity
        self.scale = scale

    @property
    def reads_all(self) -> bool:
        """As of ``CueSum``: the mean descriptor is that of all queries."""
        return self.shape_similarity == 'centred'

    def __call__(self, slots: MatchCues, queries: MatchCues) -> np.ndarray:
        """Similarity of slots and queries in [-1, 1], 0 for a pair without a cue; (N, M)."""
        appearance = (slots.by_appearance[:, None] & queries.by_appearance).astype(np.float32)
        shape = np.float32(self.shape_weight) * (slots.by_shape[:, None] & queries.by_shape)
        total = appearance * cosine_similarity(slots.embeddings, queries.embeddings)
        total += shape * self._shape(slots.descriptors, queries.descriptors)
        return total / np.maximum(appearance + shape, np.float32(1e-12))

    def _shape(self, slots: np.ndarray, queries: np.ndarray) -> np.ndarray:
        if self.shape_similarity == 'exp_change':
            return change_similarity(slots, queries, self.scale)
        if self.shape_similarity == 'centred':
            return centred_similarity(slots, queries)
        return cosine_similarity(slots.reshape(len(slots), -1), queries.reshape(len(queries), -1))
