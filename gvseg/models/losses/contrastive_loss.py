"""Task-oriented temporal contrastive learning (paper section 3.1, "Task-Oriented TCL").

Shapes: K key queries, M references, C classes, D model width.
"""

import torch
from mmdet.registry import MODELS, TASK_UTILS
from torch import Tensor, nn

from gvseg.core.contrastive import PairLabels, contrastive_loss, cosine_pull_loss
from gvseg.core.protocols import MatchedQueryMemory
from gvseg.core.query_memory import QueryQueue
from gvseg.models.structures import MatchedQueries
from gvseg.utils.errors import ConfigError

Term = tuple[Tensor, Tensor, PairLabels]
"""Embeddings (K, D), references (M, D), labels of their pairs."""
ABOVE_TAU = dict(contrastive='negative', cosine='ignore')


@MODELS.register_module()
class TaskOrientedContrastiveLoss(nn.Module, MatchedQueryMemory):
    """Instances against the references of their own video, semantic classes against a queue over the training set.

    Args:
        sampler: config of the rule that labels pairs.
        embed_dims: D.
        semantic_classes: ``(first, last + 1)`` of the classes that are semantic rather than made of instances: stuff
            in VPS, all in VSS; ``None``: there are none.
        capacity: N_Q, queries kept per semantic class; 0: no queue; references of the same video are used.
        near_references: number of clips at the end of a video that serve semantic classes without a queue only, while
            the other references serve instances only (table 4e, row 3); 0: all references serve both.
        loss_weight: weight of the contrastive term.
        pull_weight: weight of the cosine term.
        same_object_above_tau: how pairs of the same object in another shape or place count, by term: ``'negative'`` or
            ``'ignore'``. In the paper they are negatives of the contrastive loss; the cosine term is not mentioned.
            There they would be most of the negatives that are kept, and embeddings of one object would be pushed apart.

    Raises:
        ConfigError: ``same_object_above_tau`` names another term or another treatment.
    """

    def __init__(
        self,
        sampler: dict,
        embed_dims: int,
        semantic_classes: tuple[int, int] | None = None,
        capacity: int = 100,
        near_references: int = 0,
        loss_weight: float = 1.0,
        pull_weight: float = 1.0,
        same_object_above_tau: dict[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.above_tau = {**ABOVE_TAU, **(same_object_above_tau or {})}
        if set(self.above_tau) != set(ABOVE_TAU) or not {'negative', 'ignore'} >= set(self.above_tau.values()):
            raise ConfigError(
                "same_object_above_tau gives contrastive and cosine each 'negative' or 'ignore', not "
                f'{same_object_above_tau}'
            )
        self.sampler = TASK_UTILS.build(sampler)
        self.first, self.end = semantic_classes or (0, 0)
        self.queue = QueryQueue(self.end - self.first, capacity, embed_dims) if semantic_classes and capacity else None
        self.near_references = near_references
        self.loss_weight = loss_weight
        self.pull_weight = pull_weight

    def forward(self, matched: list[MatchedQueries], clips_per_video: int) -> dict[str, Tensor]:
        """Losses averaged over the videos of the batch.

        Args:
            matched: per clip; every ``clips_per_video`` consecutive ones are a key clip and its references.
            clips_per_video: clips of one video.

        Returns:
            ``loss_contrastive`` and ``loss_cosine``; zeros that keep the graph where nothing can be compared.
        """
        videos = [matched[first : first + clips_per_video] for first in range(0, len(matched), clips_per_video)]
        terms = [term for video in videos for term in (*self._instances(video), *self._semantics(video))]
        zero = torch.cat([match.embeddings for match in matched]).sum() * 0
        contrast = sum((contrastive_loss(*self._pairs(term, 'contrastive')) for term in terms), zero)
        pull = sum((cosine_pull_loss(*self._pairs(term, 'cosine')) for term in terms), zero)
        return dict(
            loss_contrastive=self.loss_weight * contrast / len(videos),
            loss_cosine=self.pull_weight * pull / len(videos),
        )

    def _pairs(self, term: Term, loss: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Embeddings, references, positive and negative pairs of one of the two losses."""
        embeddings, references, labels = term
        changed = self.above_tau[loss] == 'negative'
        return embeddings, references, labels.positive, labels.negative | labels.changed if changed else labels.negative

    def _instances(self, video: list[MatchedQueries]) -> list[Term]:
        """Instances of the key clip against those of the reference clips."""
        video = video[: len(video) - self.near_references]
        if len(video) < 2:
            return []
        key, references = video[0], MatchedQueries.merged(video[1:])
        pairs = self.sampler.instance_pairs(key, references)
        mine, theirs = ~self._semantic(key.labels), ~self._semantic(references.labels)
        return _nonempty(key.embeddings, references.embeddings, pairs.among(mine, theirs))

    def _semantics(self, video: list[MatchedQueries]) -> list[Term]:
        """Semantic queries of all clips against the queue, or of the key clip against the reference clips."""
        if self.queue is not None:
            known, labels, theirs = self.queue.places()
            labels = labels + self.first
            video = [MatchedQueries.merged(video)]
        elif len(video) > 1:
            references = MatchedQueries.merged(video[-self.near_references :] if self.near_references else video[1:])
            known, labels, theirs = references.embeddings, references.labels, self._semantic(references.labels)
        else:
            return []
        own = video[0]
        pairs = self.sampler.class_pairs(own.labels, labels).among(self._semantic(own.labels), theirs)
        return _nonempty(own.embeddings, known.to(own.embeddings), pairs)

    def _semantic(self, labels: Tensor) -> Tensor:
        return (labels >= self.first) & (labels < self.end)

    def update_memory(self, labels: Tensor, initial: Tensor, final: Tensor) -> None:
        """Put the final embeddings of semantic classes into the queue."""
        if self.queue is not None:
            mine = self._semantic(labels)
            self.queue.push(labels[mine] - self.first, final[mine])

    def fill(self) -> float:
        """Mean fill of the queue, in [0, 1]; 0 without a queue."""
        if self.queue is None:
            return 0.0
        return float(self.queue.fill().float().mean() / self.queue.capacity)


def _nonempty(embeddings: Tensor, references: Tensor, labels: PairLabels) -> list[Term]:
    return [(embeddings, references, labels)] if len(embeddings) and len(references) else []
