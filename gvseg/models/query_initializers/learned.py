"""Learned queries: the Mask2Former baseline."""

from mmdet.registry import MODELS

from gvseg.core.query_set import QuerySet
from gvseg.models.structures import QueryContext

from .base import QueryInitializer


@MODELS.register_module()
class LearnedQueries(QueryInitializer):
    """The head's own learned queries, the same for every clip."""

    def forward(self, context: QueryContext) -> QuerySet:
        feature, position = context.learned()
        return self._query_set(context, feature, position)
