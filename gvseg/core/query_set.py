"""The queries of a batch of clips and what each of them may become.

Shapes: B clips, N queries, K tubes, C classes, D model width, u v descriptor bins.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class QuerySet:
    """N queries for each of B clips, before the first decoder layer.

    A task never appears here by name: it is the sum of these fields (paper section 3.1, Fig. 3a).

    Attributes:
        feature: initial query features, (B, N, D).
        position: positional query embeddings, (B, N, D).
        takes_cues: which queries receive shape-position cues between decoder layers, (N,) bool.
        classes: classes a query may be assigned to, (N, C) bool.
        is_thing: which queries stand for individuals (things, instances, shown objects) and not for stuff or a class,
            (N,) bool.
        objects: object id a query was made for, (B, N) long, -1 for a spare query. ``None``: queries are free.
        descriptors: shape-position descriptors known before decoding (exemplars), (B, N, u, v) or ``None``.
    """

    feature: Tensor
    position: Tensor
    takes_cues: Tensor
    classes: Tensor
    is_thing: Tensor
    objects: Tensor | None = None
    descriptors: Tensor | None = None

    def allowed(self, clip: int, labels: Tensor, ids: Tensor) -> Tensor:
        """Which query may be assigned to which ground-truth tube of one clip.

        Args:
            clip: index of the clip in the batch.
            labels: classes of the K tubes, (K,) long.
            ids: identities of the K tubes, (K,) long.

        Returns:
            (N, K) bool.
        """
        allowed = self.classes[:, labels]
        if self.objects is not None:
            allowed = allowed & (self.objects[clip][:, None] == ids[None, :])
        return allowed

    def same_role(self) -> Tensor:
        """Which pairs of queries may take over one another's identity, (N, N) bool.

        Two queries of one kind may. A thing query never continues a stuff query, and a query that stands for one
        class only ever continues itself.
        """
        same_classes = (self.classes[:, None] == self.classes[None]).all(-1)
        return same_classes & (self.is_thing[:, None] == self.is_thing[None])


def concatenate(sets: list[QuerySet]) -> QuerySet:
    """Put query sets of the same clips side by side along N; all or none carry objects and descriptors."""

    def join(name: str, dim: int) -> Tensor:
        return torch.cat([getattr(part, name) for part in sets], dim)

    return replace(
        sets[0],
        feature=join('feature', 1),
        position=join('position', 1),
        takes_cues=join('takes_cues', 0),
        classes=join('classes', 0),
        is_thing=join('is_thing', 0),
        objects=None if sets[0].objects is None else join('objects', 1),
        descriptors=None if sets[0].descriptors is None else join('descriptors', 1),
    )
