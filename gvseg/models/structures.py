"""Data passed between the parts of the model.

Shapes: B clips, T frames, N queries, K tubes or objects, P points, C classes, D model width, H W input pixels,
h w mask pixels, u v descriptor bins.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from gvseg.core.query_set import QuerySet

from .exemplars import ExemplarBatch, KnownMasks, ObjectMemory

Assignment = tuple[Tensor, Tensor]
"""Indices of assigned queries and of their tubes, both (K',) long."""


def has_pixels(logits: Tensor) -> Tensor:
    """Whether any mask logit is above 0, (..., h, w) -> (...) bool.

    The same as ``(logits > 0).flatten(-2).any(-1)``, which is twenty times slower on a CPU.
    """
    return logits.flatten(-2).amax(-1) > 0


@dataclass
class ClipBatch:
    """B clips of T frames without their pixels.

    Attributes:
        frames: number of frames of a clip (T).
        input_shape: height and width of the padded network input (H, W).
        real_shapes: (height, width) of each clip's unpadded frame in the input, (B, 2) float.
        seeds: one integer per clip, of its identity alone, so that randomness does not depend on batches and processes.
        clips_per_video: consecutive clips of the batch that come from one video (key clip, then references).
        targets: per clip ``labels`` (K,), ``masks`` (K, T, H, W) and ``ids`` (K,); ``None`` at test time.
        exemplars: per clip the objects shown in it; ``None`` for tasks without exemplars.
        frame_ids: indices of the clips' frames in their videos, (B, T) long; ``None`` for dummy clips only.
        memories: per clip the memory of the objects shown in earlier clips, or ``None``; ``None`` in training.
        known_masks: frames of the video in which masks are known, for initialisers that match pixels with them.
        last_queries: queries after decoding the frame before these clips, for initialisers that propagate them,
            (B, N, D); ``None`` in a video's first clip.
        described: (class probabilities (N, C + 1), queries) -> which queries of a clip are described in their first and
            last frame, (N,) bool; ``None``: all.
        decoded: what the network finds in these clips, where it has run; ``None``: it has not.
    """

    frames: int
    input_shape: tuple[int, int]
    real_shapes: Tensor
    seeds: list[int]
    clips_per_video: int = 1
    targets: list[InstanceData] | None = None
    exemplars: list[ExemplarBatch] | None = None
    frame_ids: Tensor | None = None
    memories: list[ObjectMemory | None] | None = None
    known_masks: KnownMasks | None = None
    last_queries: Tensor | None = None
    described: Callable[[Tensor, QuerySet], Tensor] | None = None
    decoded: 'DecoderOutput | None' = None

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def ground_truth(self) -> list[InstanceData]:
        """The targets.

        Raises:
            ValueError: the batch was built without them.
        """
        if self.targets is None:
            raise ValueError('this batch of clips was built without targets (build_clip_batch(with_targets=True))')
        return self.targets

    def mask_sizes(self, masks: Tensor) -> Tensor:
        """Height and width of each clip's unpadded frame in pixels of masks (..., h, w), (B, 2)."""
        return self.real_shapes * (masks.shape[-2] / self.input_shape[0])


@dataclass
class QueryContext:
    """Inputs of query initialisation.

    Attributes:
        features: feature maps of every frame, finest first, each (B * T, c, h, w): those of the backbone and, last,
            the mask features of the pixel decoder.
        clips: the clips.
        feature: learned query features at this initialiser's places, (N, D).
        position: learned positional query embeddings likewise, (N, D).
        num_classes: classes without "no object" (C).
        memories: per clip the memory of the objects shown so far, in this clip too; ``None`` without exemplars.
        waves: settings of the decoder's sine encoding of places (``temperature``, ``scale``).
        last_queries: queries at this initialiser's places after decoding the frame before, (B, N, D); ``None``: none.
    """

    features: list[Tensor]
    clips: ClipBatch
    feature: Tensor
    position: Tensor
    num_classes: int
    memories: list[ObjectMemory] | None = None
    waves: dict[str, float] = field(default_factory=dict)
    last_queries: Tensor | None = None

    def learned(self) -> tuple[Tensor, Tensor]:
        """Learned features and positions repeated for every clip, both (B, N, D)."""
        batch = len(self.clips)
        return (self.feature.unsqueeze(0).repeat((batch, 1, 1)), self.position.unsqueeze(0).repeat((batch, 1, 1)))


@dataclass
class DecoderOutput:
    """Outputs of the transformer decoder for B clips.

    Attributes:
        classes: class logits after the initial prediction and after each layer, each (B, N, C + 1).
        masks: mask logits likewise, each (B, N, T, h, w); only the last layer's where the others are not needed.
        embeddings: query embeddings after the last layer (q-hat of Eq. 2), (B, N, D).
        queries: the queries that went in.
        assignments: of each prediction an assignment per clip, or ``None`` where no part of the decoder needed one.
        features: the feature maps that queries were initialised from, finest first, each (B * T, c, h, w).
        memories: per clip the memory of the objects shown so far, in this clip too; ``None`` without exemplars.
        final_queries: queries after the last layer, before its norm, (B, N, D).
    """

    classes: list[Tensor]
    masks: list[Tensor]
    embeddings: Tensor
    queries: QuerySet
    assignments: list[list[Assignment] | None]
    features: list[Tensor] = field(default_factory=list)
    memories: list[ObjectMemory] | None = None
    final_queries: Tensor | None = None


@dataclass
class ClipPrediction:
    """Prediction of one clip before association.

    Attributes:
        probabilities: class probabilities, the last is "no object", (N, C + 1).
        masks: mask logits, (N, T, h, w).
        embeddings: query embeddings, (N, D).
        descriptors: shape-position descriptors of the predicted masks in the first and in the last frame where each
            has pixels, zeros if it has none or nothing reads it, (N, 2, u, v).
        present: whether the predicted mask of a frame has pixels, (N, T) bool.
        queries: the queries (roles, classes, objects).
        features: the feature maps that queries were initialised from, each (T, c, h, w).
        frames: indices of the clip's frames in the video, (T,) long.
        memory: the objects shown so far, this clip's included; ``None`` without exemplars.
        final_queries: queries after the last frame, which the next clip may start from, (1, N, D).
    """

    probabilities: Tensor
    masks: Tensor
    embeddings: Tensor
    descriptors: Tensor
    present: Tensor
    queries: QuerySet
    features: list[Tensor]
    frames: Tensor
    memory: ObjectMemory | None = None
    final_queries: Tensor | None = None

    @cached_property
    def confidence(self) -> Tensor:
        """Highest probability of any class but "no object", (N,)."""
        return self.probabilities[:, :-1].max(-1).values

    @cached_property
    def tubes(self) -> Tensor:
        """Where the masks are, (N, T, h, w) bool."""
        return self.masks > 0


@dataclass
class TrackedClip:
    """One clip in slot order: row s of every field is about slot s of the video.

    Attributes:
        probabilities: class probabilities, the last is "no object", (N, C + 1).
        masks: mask logits of the frames to report, (N, T, h, w).
        objects: object id of each slot, -1: none, (N,) long.
        queries: the queries of the clip (roles of slots).
        input_shape: padded network input (H, W) that the masks cover.
        images: the network's input of these frames, (T, 3, H, W); ``None``: not kept.
        chosen: slot of each object that exemplars chose among the slots, by object id; a task output may replace it.
    """

    probabilities: Tensor
    masks: Tensor
    objects: Tensor
    queries: QuerySet
    input_shape: tuple[int, int]
    images: Tensor | None = None
    chosen: dict[int, int] = field(default_factory=dict)

    def at_frames(self, indices: list[int]) -> 'TrackedClip':
        """The same for some of its frames."""
        images = None if self.images is None else self.images[indices]
        return replace(self, masks=self.masks[:, indices], images=images)


@dataclass
class MatchedQueries:
    """Queries of one clip that were assigned to ground truth, K of them.

    Attributes:
        ids: identities of their tubes, (K,) long.
        labels: classes, (K,) long.
        embeddings: final embeddings, with gradient, (K, D).
        initial: initial features and positions side by side, (K, 2 D).
        descriptors: descriptors of the ground truth, (K, u, v).
    """

    ids: Tensor
    labels: Tensor
    embeddings: Tensor
    initial: Tensor
    descriptors: Tensor

    def select(self, chosen: Tensor) -> 'MatchedQueries':
        """Those of the matched queries where ``chosen`` (K,) is true."""
        return MatchedQueries(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @staticmethod
    def merged(parts: 'list[MatchedQueries]') -> 'MatchedQueries':
        """The matched queries of several clips as one set."""
        return MatchedQueries(
            *(torch.cat([getattr(part, name) for part in parts]) for name in MatchedQueries.__dataclass_fields__)
        )
