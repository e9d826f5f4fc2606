"""Task-oriented temporal contrastive learning (paper section 3.1, "Task-Oriented TCL").

Shapes: K key queries, M references, C classes, D model width.
"""
from mmdet.registry import MODELS, TASK_UTILS
from torch import Tensor, nn

from gvseg.core.contrastive import contrastive_loss, cosine_pull_loss
from gvseg.core.query_memory import QueryQueue
from gvseg.models.structures import MatchedQueries


@MODELS.register_module()
class TaskOrientedContrastiveLoss(nn.Module):
    """Instance queries against the references of their own video, class queries against a queue over the training set.

    Args:
        sampler: config of the rule that labels pairs.
        embed_dims: D.
        num_classes: classes of the queue (C); 0: class queries are compared with their video's references instead.
        capacity: N_Q, queries kept per class.
        loss_weight: weight of the contrastive term.
        pull_weight: weight of the cosine term.
    """

    def __init__(self, sampler: dict, embed_dims: int, num_classes: int = 0, capacity: int = 100,
                 loss_weight: float = 1.0, pull_weight: float = 1.0) -> None:
        super().__init__()
        self.sampler = TASK_UTILS.build(sampler)
        self.queue = QueryQueue(num_classes, capacity, embed_dims) if num_classes else None
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
        videos = [matched[first:first + clips_per_video] for first in range(0, len(matched), clips_per_video)]
        terms = [term for video in videos for term in self._video_terms(video)]
        zero = sum(match.embeddings.sum() for match in matched) * 0
        contrast = sum((contrastive_loss(*term) for term in terms), zero)
        pull = sum((cosine_pull_loss(*term) for term in terms), zero)
        return dict(
            loss_contrastive=self.loss_weight * contrast / len(videos),
            loss_cosine=self.pull_weight * pull / len(videos))

    def _video_terms(self, video: list[MatchedQueries]) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """(embeddings, references, positive, negative) of instance-like and of class-like key queries."""
        key, terms = video[0], []
        things = key.select(key.instance_like)
        if len(video) > 1:
            references = MatchedQueries.merged(video[1:])
            reference_things = references.select(references.instance_like)
            pairs = self.sampler.instance_pairs(things, reference_things)
            terms.append((things.embeddings, reference_things.embeddings, *pairs))
        stuff = key.select(~key.instance_like)
        if self.queue is not None:
            whole = MatchedQueries.merged(video)
            stuff = whole.select(~whole.instance_like)
            pairs = self.sampler.class_pairs(stuff.labels, self.queue.labels())
            terms.append((stuff.embeddings, self.queue.embeddings().to(stuff.embeddings), *pairs))
        elif len(video) > 1:
            others = references.select(~references.instance_like)
            pairs = self.sampler.class_pairs(stuff.labels, others.labels)
            terms.append((stuff.embeddings, others.embeddings, *pairs))
        return [term for term in terms if len(term[0]) and len(term[1])]

    def absorb_queries(self, labels: Tensor, initial: Tensor, final: Tensor) -> None:
        """Put the matched queries of one iteration, of all ranks, into the queue.

        Args:
            labels: (n,) long.
            initial: features and positions before decoding, (n, 2 D); not used here.
            final: embeddings after decoding, (n, D).
        """
        if self.queue is not None:
            self.queue.push(labels, final)

    def fill(self) -> float:
        """Mean fill of the queue, in [0, 1]; 0 without a queue."""
        if self.queue is None:
            return 0.0
        return float(self.queue.fill().float().mean() / self.queue.capacity)
