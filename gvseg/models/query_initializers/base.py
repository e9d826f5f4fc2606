"""Base class of the query initialisers, and their shared layers.

Shapes: B clips, N queries, C classes, D model width.
"""

import math

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from gvseg.core.query_set import QuerySet
from gvseg.models.structures import ClipBatch, ClipPrediction, KnownMasks, ObjectMemory, QueryContext


class QueryInitializer(BaseModule):
    """Base of the initialisers: N queries of one kind for every clip.

    Args:
        num_queries: N.
        takes_cues: whether these queries receive shape-position cues.
        classes: ``(first, last + 1)`` of the classes these queries may be assigned to; ``None``: all.
        is_thing: whether they stand for individuals (things, instances, shown objects), which are linked by the
            associator's cues for things and subject to mask NMS, or for stuff and classes.
    """

    def __init__(
        self,
        num_queries: int,
        takes_cues: bool = True,
        classes: tuple[int, int] | None = None,
        is_thing: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.num_queries = num_queries
        self.takes_cues = takes_cues
        self.classes = classes
        self.is_thing = is_thing

    @property
    def reads_learned_features(self) -> bool:
        """Whether the head's learned query features are read; they are frozen otherwise, for distributed training."""
        return True

    @property
    def propagates(self) -> bool:
        """Whether a frame's queries depend on those of the frame before, so that frames are decoded in sequence."""
        return False

    @property
    def reads_video(self) -> bool:
        """Whether queries depend on earlier clips, so that a video's clips have to be decoded one after another."""
        return self.propagates

    def forward(self, context: QueryContext) -> QuerySet:
        """Initial queries of every clip."""
        raise NotImplementedError

    def observe(self, features: list[Tensor], clips: ClipBatch) -> list[ObjectMemory] | None:
        """New memories of the objects shown to the network, those of these clips included; before :meth:`forward`.

        Args:
            features: as :class:`QueryContext`.
            clips: with exemplars and the memories of earlier clips; left as they are.

        Returns:
            One memory per clip; ``None``: these queries have nothing to do with exemplars.
        """
        return None

    def remember(
        self, features: list[Tensor], memory: ObjectMemory, masks: Tensor, seen: Tensor, descriptors: Tensor
    ) -> ObjectMemory:
        """A new memory with one clip's result; only called for initialisers whose :meth:`observe` returns memories.

        Args:
            features: feature maps of the clip, each (T, c, h, w).
            memory: memory of the K objects before the clip's result.
            masks: masks of the objects in the last frame where each was seen, (K, T, h', w') bool, empty elsewhere.
            seen: whether an object was seen in this clip at all, (K,) bool.
            descriptors: descriptors of these masks, (K, u, v).

        Returns:
            The memory; objects that were not seen keep what was known of them.
        """
        raise NotImplementedError

    def trusted(self, clip: ClipPrediction, rows: Tensor, seen: Tensor) -> Tensor:
        """Objects whose result may be written into memories, (K,) bool: all that are seen.

        Args:
            clip: prediction of a clip.
            rows: queries of the K objects, (K,) long.
            seen: whether each was seen in this clip at all, (K,) bool.
        """
        return seen

    def similarity(self, features: list[Tensor], memory: ObjectMemory, size: tuple[int, int]) -> Tensor:
        """Cosine of every pixel with what objects look like in their exemplars; only called as :meth:`remember`.

        Args:
            features: feature maps of the clip, each (T, c, h, w).
            memory: of the K objects.
            size: of the result.

        Returns:
            (K, T, *size).
        """
        raise NotImplementedError

    def mask_prior(self, features: list[Tensor], clips: ClipBatch, queries: QuerySet) -> Tensor | None:
        """Logits (B, N, T, h, w) that are added to the masks of the queries; ``None``: there are none."""
        return None

    def remember_masks(
        self, features: list[Tensor], clips: ClipBatch, memory: ObjectMemory, masks: Tensor, seen: Tensor
    ) -> KnownMasks | None:
        """Frames of the video in which masks are known after a clip; ``None``: nobody asks.

        Args:
            features: feature maps of the clip, each (T, c, h, w).
            clips: the single clip, with what was known before.
            memory: of the K objects shown so far.
            masks: their mask logits, (K, T, h', w').
            seen: whether each was seen, (K,) bool.
        """
        return None

    def _query_set(self, context: QueryContext, feature: Tensor, position: Tensor, **fields) -> QuerySet:
        """Complete a query set with this initialiser's roles."""
        count = feature.shape[1]
        fields.setdefault('classes', self._class_mask(count, context.num_classes, feature.device))
        takes_cues, is_thing = (
            torch.full((count,), role, dtype=torch.bool, device=feature.device)
            for role in (self.takes_cues, self.is_thing)
        )
        return QuerySet(feature, position, takes_cues, is_thing=is_thing, **fields)

    def _class_mask(self, count: int, num_classes: int, device: torch.device) -> Tensor:
        first, end = self.classes or (0, num_classes)
        mask = torch.zeros(count, num_classes, dtype=torch.bool, device=device)
        mask[:, first:end] = True
        return mask


def feed_forward(in_channels: int, out_channels: int) -> nn.Sequential:
    """The FFN of Eqs. 7 and 8: two linear layers and a norm that puts queries on the scale of learned ones."""
    return nn.Sequential(
        nn.Linear(in_channels, out_channels),
        nn.ReLU(inplace=True),
        nn.Linear(out_channels, out_channels),
        nn.LayerNorm(out_channels),
    )


def sine_position(points: Tensor, dim: int, temperature: float = 10000.0, scale: float = 2 * math.pi) -> Tensor:
    """Sine encoding of places in the frame.

    Args:
        points: (x, y) as fractions of the frame, (..., 2).
        dim: width of the encoding (D), divisible by 4.
        temperature: ratio of the longest wave to the shortest.
        scale: angle that the shortest wave runs through over the frame; its default is one period.

    Returns:
        (..., D), first half y, second half x, the encoding of the decoder's keys if both arguments are equal to theirs.
    """
    half = dim // 2
    steps = torch.arange(half, device=points.device, dtype=torch.float32)
    frequency = temperature ** (2 * torch.div(steps, 2, rounding_mode='floor') / half)
    angles = points.float().flip(-1)[..., None] * scale / frequency
    waves = torch.stack((angles[..., 0::2].sin(), angles[..., 1::2].cos()), -1)
    return waves.flatten(-3)
