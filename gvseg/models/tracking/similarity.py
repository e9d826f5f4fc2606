"""Affinity of slots and queries from appearance and shape-position cues.

Shapes: N slots, M queries, D model width, u v descriptor bins.
"""

from dataclasses import dataclass, replace

import numpy as np
from mmdet.registry import TASK_UTILS

from gvseg.core.descriptors.sparse import to_query_dim
from gvseg.core.similarity import cosine_similarity, normalize
from gvseg.utils.errors import ConfigError


@dataclass(frozen=True)
class MatchCues:
    """Cues by which N slots, or the N queries of a clip, are matched.

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

    After layer norm |q-hat| is about sqrt(D), 16 at D = 256, and |H| about 1.6: H has little effect
    on the sum as written. The factor 1/sqrt(D) of Eq. 4 fits q-hat of unit length.

    Args:
        normalize: ``'raw'`` adds q-hat as it is, ``'unit'`` at length 1.
        unit_cues: H at length 1 too, instead of its own.
        weight: factor of H; 1 is the paper's sum.

    Raises:
        ConfigError: ``normalize`` is none of these.
    """

    #: Whether a pair's affinity depends on the descriptors of other queries too.
    reads_all = False

    def __init__(self, normalize: str = 'raw', unit_cues: bool = False, weight: float = 1.0) -> None:
        if normalize not in ('raw', 'unit'):
            raise ConfigError(f"normalize of CueSum is 'raw' or 'unit', not {normalize!r}")
        self.normalize = normalize
        self.unit_cues = unit_cues
        self.weight = weight

    def __call__(self, slots: MatchCues, queries: MatchCues) -> np.ndarray:
        """Affinity of slots and queries in [-1, 1], (N, M)."""
        return cosine_similarity(self._sum(slots), self._sum(queries))

    def _sum(self, cues: MatchCues) -> np.ndarray:
        shape = to_query_dim(cues.descriptors, cues.embeddings.shape[-1])
        shape = normalize(shape) if self.unit_cues else shape
        appearance = normalize(cues.embeddings) if self.normalize == 'unit' else cues.embeddings
        return appearance * cues.by_appearance[:, None] + np.float32(self.weight) * shape * cues.by_shape[:, None]
