"""Query initialisers: the initial N queries of a clip (paper section 3.1, Fig. 3a)."""

from .base import QueryInitializer
from .combined import CombinedQueries
from .exemplar import ExemplarQueries
from .frozen_prototypes import FrozenPrototypeQueries
from .grid import GridQueries
from .learned import LearnedQueries
from .propagated import PropagatedQueries
from .prototypes import PrototypeQueries
from .semantic_prior import SemanticPriorQueries

__all__ = [
    'CombinedQueries',
    'ExemplarQueries',
    'FrozenPrototypeQueries',
    'GridQueries',
    'LearnedQueries',
    'PropagatedQueries',
    'PrototypeQueries',
    'QueryInitializer',
    'SemanticPriorQueries',
]
