"""Queries that continue those of the last frame (VidEoMT, CVPR 2026, section 3.3).

Shapes: B clips, N queries, D model width.
"""

from dataclasses import replace

from mmdet.registry import MODELS
from torch import nn

from gvseg.core.query_set import QuerySet
from gvseg.models.structures import QueryContext
from gvseg.utils.errors import ConfigError

from .base import QueryInitializer
from .exemplar import ExemplarQueries


@MODELS.register_module()
class PropagatedQueries(QueryInitializer):
    """Queries of another initialiser plus a linear function of the same queries after the last frame.

    A query stays with its object, so that it can be an identity by itself (``SameQueryAssociator``); SPA association
    can follow it as well. Frames are decoded one after another, in a clip as between clips. In a video's first frame
    queries are those of the other initialiser alone, and in every frame before training.

    Args:
        source: config of the other initialiser; ``num_queries`` and roles are its own.
        embed_dims: D.

    Raises:
        ConfigError: the other initialiser makes queries of exemplars, which have a memory of their own.
    """

    def __init__(self, source: dict, embed_dims: int, init_cfg: dict | None = None) -> None:
        built: QueryInitializer = MODELS.build(source)
        if isinstance(built, ExemplarQueries):
            raise ConfigError('PropagatedQueries cannot continue ExemplarQueries, which remember objects themselves.')
        super().__init__(built.num_queries, built.takes_cues, built.classes, built.is_thing, init_cfg)
        self.source = built
        self.updater = nn.Linear(embed_dims, embed_dims)
        nn.init.zeros_(self.updater.weight)
        nn.init.zeros_(self.updater.bias)

    @property
    def reads_learned_features(self) -> bool:
        return self.source.reads_learned_features

    @property
    def propagates(self) -> bool:
        return True

    def forward(self, context: QueryContext) -> QuerySet:
        queries, last = self.source(context), context.last_queries
        if last is None:
            return queries
        if last.shape[1] != queries.feature.shape[1]:
            raise ConfigError(
                f'PropagatedQueries: {queries.feature.shape[1]} queries cannot continue {last.shape[1]}; in '
                'CombinedQueries they come before parts whose number of queries changes'
            )
        return replace(queries, feature=queries.feature + self.updater(last.to(queries.feature.dtype)))
