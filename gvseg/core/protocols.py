"""What a module of a model promises to the hooks of the training loop.

A hook looks for instances of these classes among a model's modules. The methods are abstract: a module without one of
them cannot be built, whereas a hook that searches for names would silently skip it.

Shapes: n matched queries, D model width.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from torch import Tensor

VideoQueries = tuple[Tensor, Tensor, Tensor]
"""Of one video: labels (n,), initial features and positions side by side (n, 2 D), final embeddings (n, D)."""


class MatchedQuerySource(ABC):
    """Records the queries that were matched to ground truth, for ``QueryQueueHook`` to share between ranks."""

    @abstractmethod
    def record_matched_queries(self, wanted: bool) -> None:
        """Start or stop recording; off until this is called."""

    @abstractmethod
    def pop_matched_queries(self) -> list[VideoQueries]:
        """Everything recorded since the last call, one entry per video."""


class MatchedQueryMemory(ABC):
    """Keeps something of the matched queries of all ranks, fed by ``QueryQueueHook`` after every step."""

    @abstractmethod
    def update_memory(self, labels: Tensor, initial: Tensor, final: Tensor) -> None:
        """Take in the matched queries of one step.

        Args:
            labels: class of each matched query, (n,) long.
            initial: features and positions before decoding, side by side, (n, 2 D).
            final: embeddings after decoding, (n, D).
        """

    @abstractmethod
    def fill(self) -> float:
        """How full the memory is, in [0, 1]; logged by the hook."""


class AccumulationAware(ABC):
    """Needs the batches of a whole optimiser step before its first iteration (``AccumulationHook``)."""

    @abstractmethod
    def prepare_accumulation(self, batches: Sequence[list[Any]]) -> None:
        """Take in the data samples of the iterations whose gradients make the next step."""


class MasksAttention(ABC):
    """Blocks whose queries attend to their own masks with a probability, which ``MaskAnnealingHook`` lowers."""

    @property
    @abstractmethod
    def num_masked_blocks(self) -> int:
        """How many blocks have a probability."""

    @abstractmethod
    def set_mask_probabilities(self, probabilities: Sequence[float]) -> None:
        """Probability of each block that a query attends to the patches of its own mask only, in [0, 1]."""
