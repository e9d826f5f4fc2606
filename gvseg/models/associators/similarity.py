"""How alike a slot and a query are: what appearance and shape-position say, and how the two are put together.

Shapes: N slots, M queries, D model width, u v descriptor bins.
"""

from dataclasses import dataclass, replace

import numpy as np
from mmdet.registry import TASK_UTILS

from gvseg.core.linking import affinity, centred_affinity, change_affinity, unit
from gvseg.core.shape_position_arrays import to_query_dim
from gvseg.utils.errors import ConfigError


@dataclass(frozen=True)
class MatchCues:
    """What N slots, or the N queries of a clip, are matched by.

    Attributes:
        embeddings: q-hat of Eq. 2, (N, D).
        descriptors: (N, u, v).
        by_appearance: which are matched by their embeddings, (N,) bool.
        by_shape: which are matched by their descriptors, (N,) bool (table 4d).
    """

    embeddings: np.ndarray
    descriptors: np.ndarray
    by_appearance: np.ndarray
    by_shape: np.ndarray

    def only(self, appearance: bool, shape: bool) -> 'MatchCues':
        """With one of the two cues left out."""
        return replace(self, by_appearance=self.by_appearance & appearance, by_shape=self.by_shape & shape)


@TASK_UTILS.register_module()
class CueSum:
    """Cosine of q-hat + H (Eq. 6).

    After layer norm |q-hat| is about sqrt(D), 16 at D = 256, and |H| about 1.6: the sum as written hardly hears H. The
    factor 1/sqrt(D) of Eq. 4 fits q-hat of unit length.

    Args:
        normalize: ``'raw'`` adds q-hat as it is, ``'unit'`` at length 1.
        unit_cues: H at length 1 too, instead of its own.
        weight: factor of H; 1 is the paper's sum.

    Raises:
        ConfigError: ``normalize`` is none of these.
    """

    def __init__(self, normalize: str = 'raw', unit_cues: bool = False, weight: float = 1.0) -> None:
        if normalize not in ('raw', 'unit'):
            raise ConfigError(f"CueSum knows normalize='raw' and 'unit', not {normalize!r}")
        self.normalize = normalize
        self.unit_cues = unit_cues
        self.weight = weight

    def __call__(self, slots: MatchCues, queries: MatchCues) -> np.ndarray:
        """Affinity of slots and queries in [-1, 1], (N, M)."""
        return affinity(self._sum(slots), self._sum(queries))

    def _sum(self, cues: MatchCues) -> np.ndarray:
        shape = to_query_dim(cues.descriptors, cues.embeddings.shape[-1])
        shape = unit(shape) if self.unit_cues else shape
        looks = unit(cues.embeddings) if self.normalize == 'unit' else cues.embeddings
        return looks * cues.by_appearance[:, None] + np.float32(self.weight) * shape * cues.by_shape[:, None]


@TASK_UTILS.register_module()
class WeightedCues:
    """Weighted mean of two similarities, so that neither drowns the other: cosine of q-hat, and one of descriptors.

    Not in the paper. The weight of appearance is 1; a pair is matched by what both of it are matched by.

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
            raise ConfigError(f'WeightedCues knows shape_similarity of {self.SIMILARITIES}, not {shape_similarity!r}')
        if scale <= 0:
            raise ConfigError(f'WeightedCues needs a positive scale, not {scale}')
        self.shape_weight = shape_weight
        self.shape_similarity = shape_similarity
        self.scale = scale

    def __call__(self, slots: MatchCues, queries: MatchCues) -> np.ndarray:
        """Similarity of slots and queries in [-1, 1], 0 for a pair matched by nothing; (N, M)."""
        looks = (slots.by_appearance[:, None] & queries.by_appearance).astype(np.float32)
        shape = np.float32(self.shape_weight) * (slots.by_shape[:, None] & queries.by_shape)
        total = looks * affinity(slots.embeddings, queries.embeddings)
        total += shape * self._shape(slots.descriptors, queries.descriptors)
        return total / np.maximum(looks + shape, np.float32(1e-12))

    def _shape(self, slots: np.ndarray, queries: np.ndarray) -> np.ndarray:
        if self.shape_similarity == 'exp_change':
            return change_affinity(slots, queries, self.scale)
        if self.shape_similarity == 'centred':
            return centred_affinity(slots, queries)
        return affinity(slots.reshape(len(slots), -1), queries.reshape(len(queries), -1))
