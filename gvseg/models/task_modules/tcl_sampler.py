"""Which reference embeddings a key embedding is pulled to and which it is pushed from (paper section 3.1, Fig. 4).

Shapes: K key queries, M reference queries, u v descriptor bins.
"""
from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.contrastive import positive_pairs
from gvseg.models.structures import MatchedQueries


@TASK_UTILS.register_module()
class TCLSampler:
    """Instances: the same object with a like shape and place is positive, everything else negative.

    Args:
        threshold: tau of Eq. 10, the greatest relative change of the descriptor among positives.
    """

    def __init__(self, threshold: float = 0.2) -> None:
        self.threshold = threshold

    def instance_pairs(self, key: MatchedQueries, reference: MatchedQueries) -> tuple[Tensor, Tensor]:
        """Positive and negative pairs, both (K, M) bool."""
        return positive_pairs(key.ids, key.descriptors, reference.ids, reference.descriptors, self.threshold)

    def class_pairs(self, labels: Tensor, reference_labels: Tensor) -> tuple[Tensor, Tensor]:
        """Stuff and semantic classes: same class positive, others negative, both (K, M) bool."""
        same = labels[:, None] == reference_labels[None]
        return same, ~same


@TASK_UTILS.register_module()
class IdentityTCLSampler(TCLSampler):
    """Prior work's rule: the same object is positive however it has changed (rows "Frame" of table 4e)."""

    def __init__(self) -> None:
        super().__init__(threshold=float('inf'))

    def instance_pairs(self, key: MatchedQueries, reference: MatchedQueries) -> tuple[Tensor, Tensor]:
        return self.class_pairs(key.ids, reference.ids)
