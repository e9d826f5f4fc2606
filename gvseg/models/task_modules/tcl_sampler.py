"""Positive and negative pairs of key and reference embeddings (paper section 3.1, Fig. 4).

Shapes: K key queries, M reference queries, u v descriptor bins.
"""

from mmdet.registry import TASK_UTILS
from torch import Tensor

from gvseg.core.contrastive import PairLabels, label_identities, label_instances
from gvseg.models.structures import MatchedQueries


@TASK_UTILS.register_module()
class TCLSampler:
    """Instances: the same object with a similar shape and place is positive, another object negative.

    Args:
        threshold: tau of Eq. 10, above the relative change of the descriptor among positives.
    """

    def __init__(self, threshold: float = 0.2) -> None:
        self.threshold = threshold

    def instance_pairs(self, key: MatchedQueries, reference: MatchedQueries) -> PairLabels:
        """Labels of all pairs; pairs of one object above tau are ``changed``, and the loss decides on them."""
        return label_instances(key.ids, key.descriptors, reference.ids, reference.descriptors, self.threshold)

    def class_pairs(self, labels: Tensor, reference_labels: Tensor) -> PairLabels:
        """Stuff and semantic classes: same class positive, others negative."""
        return label_identities(labels, reference_labels)


@TASK_UTILS.register_module()
class IdentityTCLSampler(TCLSampler):
    """Prior work's rule: the same object is positive however it has changed (rows "Frame" of table 4e)."""

    def __init__(self) -> None:
        super().__init__(threshold=float('inf'))

    def instance_pairs(self, key: MatchedQueries, reference: MatchedQueries) -> PairLabels:
        return label_identities(key.ids, reference.ids)
