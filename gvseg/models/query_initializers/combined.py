"""Several kinds of queries side by side: things and stuff of panoptic segmentation."""

from dataclasses import replace

from mmdet.registry import MODELS
from mmengine.model import ModuleList
from torch import Tensor

from gvseg.core.query_set import QuerySet, concatenate
from gvseg.models.structures import ClipBatch, ObjectMemory, QueryContext

from .base import QueryInitializer


@MODELS.register_module()
class CombinedQueries(QueryInitializer):
    """The queries of several initialisers, one after another.

    Args:
        parts: configs of the initialisers; the sum of their ``num_queries`` is the head's.
    """

    def __init__(self, parts: list[dict], **kwargs) -> None:
        built: list[QueryInitializer] = [MODELS.build(part) for part in parts]
        super().__init__(num_queries=sum(part.num_queries for part in built), **kwargs)
        self.parts = ModuleList(built)

    @property
    def reads_learned_features(self) -> bool:
        return any(part.reads_learned_features for part in self.parts)

    @property
    def propagates(self) -> bool:
        return any(part.propagates for part in self.parts)

    @property
    def reads_video(self) -> bool:
        return any(part.reads_video for part in self.parts)

    def observe(self, features: list[Tensor], clips: ClipBatch) -> list[ObjectMemory] | None:
        """Memories of the first part that makes them."""
        made = (part.observe(features, clips) for part in self.parts)
        return next((memories for memories in made if memories is not None), None)

    def forward(self, context: QueryContext) -> QuerySet:
        sets, first = [], 0
        for part in self.parts:
            own = slice(first, first + part.num_queries)
            last = None if context.last_queries is None else context.last_queries[:, own]
            feature, position = context.feature[own], context.position[own]
            sets.append(part(replace(context, feature=feature, position=position, last_queries=last)))
            first = own.stop
        return concatenate(sets)
