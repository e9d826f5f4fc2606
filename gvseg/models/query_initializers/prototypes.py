"""Class prototypes as queries (paper Eq. 9).

Shapes: B clips, N queries, n matched queries, C classes of these queries, D model width.
"""

import torch
from mmdet.registry import MODELS
from torch import Tensor

from gvseg.core.protocols import MatchedQueryMemory
from gvseg.core.query_memory import Prototypes
from gvseg.core.query_set import QuerySet
from gvseg.models.structures import QueryContext
from gvseg.utils.errors import ConfigError

from .base import QueryInitializer


@MODELS.register_module()
class PrototypeQueries(QueryInitializer, MatchedQueryMemory):
    """Learned queries in training; at test one query per class, the running mean of those that were matched to it.

    The means are buffers, saved in the checkpoint; ``QueryQueueHook`` feeds them the same matches on every rank.
    The positional embedding is averaged with the feature, since a class has no learned position.

    Args:
        embed_dims: D.
        momentum: share of the old mean kept in an update.
        aligned: in training too, query c may only be assigned to class c (needs N = C): the prototype is then the
            learned query itself. ``False`` is the paper's reading, free Hungarian matching among the classes: a
            prototype is then a mixture of learned queries, which the decoder has not seen in training.
        absorb: which feature is averaged (Eq. 9): the ``'initial'`` one, which goes into the decoder at test as it did
            in training, or the ``'final'`` embedding, which comes out of it. The position is the initial one in both.
        test_queries: ``'prototypes'``, those of the classes that training has met; or ``'learned'``, all N as in
            training, to compare them with the prototypes of the same weights.

    Raises:
        ValueError: the numbers of queries and classes do not fit.
        ConfigError: ``absorb`` or ``test_queries`` is none of these.
    """

    def __init__(
        self,
        embed_dims: int,
        classes: tuple[int, int],
        momentum: float = 0.99,
        aligned: bool = False,
        absorb: str = 'initial',
        test_queries: str = 'prototypes',
        takes_cues: bool = False,
        is_thing: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(classes=classes, takes_cues=takes_cues, is_thing=is_thing, **kwargs)
        count = classes[1] - classes[0]
        if aligned and self.num_queries != count:
            raise ValueError(
                f'aligned class queries need one query per class: {self.num_queries} queries, '
                f'{count} classes (set num_queries={count})'
            )
        if absorb not in ('initial', 'final'):
            raise ConfigError(f"absorb of PrototypeQueries is 'initial' or 'final', not {absorb!r}")
        if test_queries not in ('prototypes', 'learned'):
            raise ConfigError(f"test_queries of PrototypeQueries is 'prototypes' or 'learned', not {test_queries!r}")
        self.own_classes = classes
        self.aligned = aligned
        self.absorb = absorb
        self.test_queries = test_queries
        self.prototypes = Prototypes(count, 2 * embed_dims, momentum)

    def forward(self, context: QueryContext) -> QuerySet:
        feature, position = context.learned()
        known = [] if self.training or self.test_queries == 'learned' else self.known_classes()
        if not known:
            return self._query_set(context, feature, position, **self._alignment(context))
        mean = self.prototypes.mean[known].expand(len(context.clips), -1, -1)
        feature, position = mean.to(feature.dtype).chunk(2, -1)
        return self._query_set(context, feature, position, classes=self._own_class(context)[known])

    def update_memory(self, labels: Tensor, initial: Tensor, final: Tensor) -> None:
        """Move the prototypes of this initialiser's classes towards the queries matched to them."""
        first, end = self.own_classes
        mine = (labels >= first) & (labels < end)
        queries = initial if self.absorb == 'initial' else torch.cat((final, initial[:, final.shape[1] :]), -1)
        self.prototypes.update(labels[mine] - first, queries[mine])

    def known_classes(self) -> list[int]:
        """Which of its classes have a prototype; learned queries are used while there is none."""
        return self.prototypes.seen.nonzero()[:, 0].tolist()

    def fill(self) -> float:
        """Share of classes that have a prototype."""
        return float(self.prototypes.seen.float().mean())

    def _alignment(self, context: QueryContext) -> dict[str, Tensor]:
        return {'classes': self._own_class(context)} if self.aligned else {}

    def _own_class(self, context: QueryContext) -> Tensor:
        first, end = self.own_classes
        mask = torch.zeros(end - first, context.num_classes, dtype=torch.bool, device=context.feature.device)
        mask[:, first:end] = torch.eye(end - first, dtype=torch.bool, device=mask.device)
        return mask
