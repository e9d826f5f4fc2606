"""Queries from exemplars: a mask, a box or a point on an object (paper Eq. 7).

Shapes: B clips, T frames, N queries, K objects, P points, c feature channels, h w feature map, D model width,
u v descriptor bins.
"""

from dataclasses import replace
from functools import reduce

import torch
import torch.nn.functional as F
from mmdet.registry import MODELS
from torch import Tensor

from gvseg.core.query_init import sample_points
from gvseg.core.query_set import QuerySet
from gvseg.core.tracking.tubes import mask_confidence
from gvseg.models.structures import ClipBatch, ClipPrediction, ExemplarBatch, KnownMasks, ObjectMemory, QueryContext
from gvseg.utils.errors import ConfigError

from .base import QueryInitializer, feed_forward, sine_position
from .exemplar_matching import ExemplarMatching
from .object_memory import MemoryRules


@MODELS.register_module()
class ExemplarQueries(QueryInitializer):
    """One query per object that was shown; the rest of the N queries are learned spare ones ("none of these").

    A mask or box is the mean of features sampled inside it, a point is one sample. In later clips the object's feature
    is a mean of that of its exemplar and that of the frame where it was last seen.

    Args:
        in_channels: channels of the feature map (c).
        embed_dims: D.
        level: which of the context's feature maps.
        first_weight: weight of the exemplars' mean feature beside the latest one, in [0, 1], while training.
        test_first_weight: the same at test; ``None``: as in training.
        with_location: add a sine encoding of the object's last place.
        matching: settings of :class:`ExemplarMatching`, which carries masks over from frames in which they are known;
            ``None``: queries alone make the masks.
        memory: settings of :class:`MemoryRules`: what is written into the memory, and how past features are read.
    """

    def __init__(
        self,
        in_channels: int,
        embed_dims: int,
        level: int = -2,
        first_weight: float = 0.5,
        test_first_weight: float | None = None,
        with_location: bool = True,
        matching: dict | None = None,
        memory: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.level = level
        self.first_weight = first_weight
        self.test_first_weight = first_weight if test_first_weight is None else test_first_weight
        self.ffn = feed_forward(in_channels, embed_dims)
        self.with_location = with_location
        self.matching = ExemplarMatching(**matching) if matching else None
        self.memory = MemoryRules(**(memory or {}))

    @property
    def reads_video(self) -> bool:
        return True

    def observe(self, features: list[Tensor], clips: ClipBatch) -> list[ObjectMemory]:
        """Memories of earlier clips, or in training of the key clip, joined with the exemplars of every clip."""
        shown = self.encode_exemplars(features, clips)
        if clips.memories is None:
            return self._with_key_appearance(shown, clips.clips_per_video)
        return [new if old is None else old.joined(new) for old, new in zip(clips.memories, shown)]

    def encode_exemplars(self, features: list[Tensor], clips: ClipBatch) -> list[ObjectMemory]:
        """One memory per clip, of the K objects that its own exemplars show."""
        if clips.exemplars is None or clips.frame_ids is None:
            raise ConfigError('ExemplarQueries needs frames with exemplars: add MakeExemplars to the pipeline.')
        feature_map = features[self.level].unflatten(0, (-1, clips.frames))
        return [self._encode_clip(*clip) for clip in zip(feature_map, clips.exemplars, clips.frame_ids)]

    def _encode_clip(self, feature_map: Tensor, shown: ExemplarBatch, frame_ids: Tensor) -> ObjectMemory:
        samples = sample_points(feature_map[shown.frames], shown.points[:, None].to(feature_map.dtype))
        appearance, frames = samples[:, 0].mean(1), frame_ids[shown.frames]
        memory = ObjectMemory(
            shown.ids,
            appearance,
            appearance,
            shown.points.mean(1),
            shown.descriptors,
            frames,
            frames,
            torch.ones_like(frames),
            appearance.new_zeros(len(appearance), self.memory.capacity, appearance.shape[-1]),
        )
        if shown.each_once or len(set(shown.ids.tolist())) == len(shown):
            return memory
        return reduce(ObjectMemory.joined, (memory.select(frames == frame) for frame in frames.unique()))

    @staticmethod
    def _with_key_appearance(memories: list[ObjectMemory], clips_per_video: int) -> list[ObjectMemory]:
        """In training, objects of a reference clip were first seen in the key clip of their video."""
        found = []
        for clip, memory in enumerate(memories):
            key = memories[clip - clip % clips_per_video]
            same = memory.ids[:, None] == key.ids[None]
            first = same.to(memory.appearance.dtype) @ key.appearance
            appearance = torch.where(same.any(1, keepdim=True), first, memory.appearance)
            found.append(replace(memory, exemplar_appearance=appearance))
        return found

    def forward(self, context: QueryContext) -> QuerySet:
        """Queries of objects in the first places, spare queries in the others."""
        memories = context.memories
        if memories is None:
            raise ValueError('exemplar queries need `memories` in their context: call `observe` first')
        count = max([self.num_queries] + [0 if self.training else len(memory.ids) for memory in memories])
        feature, position = (_repeat_to(value, count) for value in context.learned())
        objects = torch.full(feature.shape[:2], -1, dtype=torch.long, device=feature.device)
        bins = memories[0].descriptors.shape[-2:]
        descriptors = feature.new_zeros(*feature.shape[:2], *bins, dtype=torch.float32)
        rows = []
        for clip, memory in enumerate(memories):
            used = min(len(memory.ids), count)
            rows.append(torch.cat((self._features(memory, context)[:used].to(feature.dtype), feature[clip, used:])))
            objects[clip, :used] = memory.ids[:used]
            descriptors[clip, :used] = memory.descriptors[:used]
        return self._query_set(context, torch.stack(rows), position, objects=objects, descriptors=descriptors)

    def _features(self, memory: ObjectMemory, context: QueryContext) -> Tensor:
        weight = self.first_weight if self.training else self.test_first_weight
        latest = self.memory.read(memory.past, memory.appearance)
        mixed = weight * memory.exemplar_appearance + (1 - weight) * latest
        feature = self.ffn(mixed)
        if self.with_location:
            feature = feature + sine_position(memory.places, feature.shape[-1], **context.waves).to(feature.dtype)
        return feature

    def trusted(self, clip: ClipPrediction, rows: Tensor, seen: Tensor) -> Tensor:
        """As :meth:`QueryInitializer.trusted`: those that the rules of the memory trust."""
        confidence = clip.confidence[rows] * mask_confidence(clip.masks[rows])
        return seen & self.memory.trusted(confidence, clip.descriptors[rows, 0], clip.descriptors[rows, 1])

    def similarity(self, features: list[Tensor], memory: ObjectMemory, size: tuple[int, int]) -> Tensor:
        """As :meth:`QueryInitializer.similarity`."""
        pixels = F.normalize(features[self.level].float(), dim=1)
        found = torch.einsum('kc,tchw->kthw', F.normalize(memory.exemplar_appearance.float(), dim=1), pixels)
        return found if found.shape[-2:] == size else F.interpolate(found, size, mode='bilinear', align_corners=False)

    def mask_prior(self, features: list[Tensor], clips: ClipBatch, queries: QuerySet) -> Tensor | None:
        """As :meth:`QueryInitializer.mask_prior`: what matching finds."""
        return None if self.matching is None else self.matching(features, clips, queries.objects)

    def remember_masks(
        self, features: list[Tensor], clips: ClipBatch, memory: ObjectMemory, masks: Tensor, seen: Tensor
    ) -> KnownMasks | None:
        """As :meth:`QueryInitializer.remember_masks`."""
        if self.matching is None:
            return None
        return self.matching.remember(features, clips, memory.ids.tolist(), masks, seen.tolist())

    @torch.no_grad()
    def remember(
        self, features: list[Tensor], memory: ObjectMemory, masks: Tensor, seen: Tensor, descriptors: Tensor
    ) -> ObjectMemory:
        """As :meth:`QueryInitializer.remember`."""
        feature_map = features[self.level]
        weights = F.interpolate(masks.float(), feature_map.shape[-2:], mode='area')
        total = weights.sum((1, 2, 3)).clamp(min=1e-6)[:, None]
        appearance = torch.einsum('kthw,tchw->kc', weights, feature_map.float()) / total
        rows, columns = masks.shape[-2:]
        places = torch.stack((_mean_index(masks.sum((1, 2)), columns), _mean_index(masks.sum((1, 3)), rows)), -1)
        keep = seen[:, None]
        return replace(
            memory,
            appearance=torch.where(keep, appearance, memory.appearance),
            past=self.memory.push(memory.past, appearance, seen),
            places=torch.where(keep, places, memory.places),
            descriptors=torch.where(keep[..., None], descriptors, memory.descriptors),
        )


def _mean_index(counts: Tensor, size: int) -> Tensor:
    """Mean place along one axis as a fraction of it; counts (K, size) -> (K,)."""
    centres = (torch.arange(size, device=counts.device) + 0.5) / size
    return (counts * centres).sum(1) / counts.sum(1).clamp(min=1)


def _repeat_to(value: Tensor, count: int) -> Tensor:
    """Repeat learned queries (B, N, D) cyclically to (B, count, D) when more objects are shown than queries exist."""
    return value if value.shape[1] == count else value[:, torch.arange(count, device=value.device) % value.shape[1]]
