"""What every head does for the clips of a batch, however it decodes its queries.

Shapes: B clips, T frames, N queries, K tubes, C classes, D model width, H W input pixels, h w mask pixels,
u v descriptor bins.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from torch import Tensor, nn

from gvseg.core.descriptors import DescriptorSpec
from gvseg.core.protocols import AccumulationAware
from gvseg.core.query_set import QuerySet
from gvseg.models.layers import LayerState
from gvseg.models.losses import PointSampling, Prediction, SetCriterion
from gvseg.models.structures import (
    Assignment,
    ClipBatch,
    ClipPrediction,
    DecoderOutput,
    MatchedQueries,
    ObjectMemory,
    QueryContext,
    has_pixels,
)

from .clip_batch import build_clip_batch
from .frame_sequence import decode_in_sequence
from .mask_prediction import LayerPrediction, without_unshown_objects
from .query_record import QueryRecord, RecordsMatchedQueries
from .tube_descriptors import TubeDescriptors

PARTS = ('query_initializer', 'cue_injection', 'contrastive', 'auxiliary', 'descriptor')
"""Keys of a head's config that describe GvSeg's parts."""


class ClipHead(RecordsMatchedQueries, AccumulationAware):
    """Queries, cues, losses and predictions of clips; a subclass is a module that decodes the queries.

    The subclass has mmdet's names for what it is made of (``num_classes``, ``num_queries``, ``query_feat``,
    ``query_embed``, ``loss_cls``, ``assigner``, ...) and calls :meth:`_build_parts` at the end of its constructor.
    """

    num_classes: int
    num_queries: int
    num_frames: int
    training: bool
    query_feat: nn.Embedding
    query_embed: nn.Embedding
    cls_embed: Any
    criterion: SetCriterion
    class_weight: Sequence[float]
    assigner: Any
    loss_cls: nn.Module
    loss_mask: nn.Module
    loss_dice: nn.Module

    def _build_parts(
        self,
        width: int,
        *,
        query_initializer: dict,
        cue_injection: dict | None = None,
        contrastive: dict | None = None,
        auxiliary: dict | None = None,
        descriptor: dict | None = None,
    ) -> None:
        """GvSeg's parts from their configs.

        Args:
            width: D.
            query_initializer: config of the query initialiser.
            cue_injection: config of the part that gives queries shape-position cues; ``None``: there are none.
            contrastive: config of the temporal contrastive loss; ``None``: there is none.
            auxiliary: config of a loss beside those of the paper, of all that decoding gives; ``None``: there is none.
            descriptor: fields of :class:`gvseg.core.descriptors.DescriptorSpec`.

        Raises:
            ValueError: the initialiser makes another number of queries than the head has.
        """
        self.query_initializer = MODELS.build(query_initializer)
        if self.query_initializer.num_queries != self.num_queries:
            raise ValueError(
                f'the query initialiser makes {self.query_initializer.num_queries} queries, the head has '
                f'num_queries={self.num_queries}: set both to the same number'
            )
        self.query_feat.requires_grad_(self.query_initializer.reads_learned_features)
        self.cue_injection = MODELS.build(cue_injection) if cue_injection else None
        self.contrastive = MODELS.build(contrastive) if contrastive else None
        self.auxiliary = MODELS.build(auxiliary) if auxiliary else None
        self.descriptors = TubeDescriptors(DescriptorSpec(**(descriptor or {})), width)
        self.query_record = QueryRecord()

    def _build_criterion(self, train_cfg: dict, seeded_points: bool) -> SetCriterion:
        """The criterion of the costs and losses that the subclass has built.

        Args:
            train_cfg: as mmdet's; two settings are ours: ``mask_loss_norm`` (:class:`SetCriterion`) and
                ``points_in_padding`` (:class:`PointSampling`).
            seeded_points: draw loss and matching points from a seed of each clip instead of the global stream.
        """
        return SetCriterion(
            self.num_classes,
            self.class_weight,
            self.assigner.match_costs,
            dict(cls=self.loss_cls, mask=self.loss_mask, dice=self.loss_dice),
            PointSampling(
                train_cfg.get('num_points', 12544),
                train_cfg.get('oversample_ratio', 3.0),
                train_cfg.get('importance_sample_ratio', 0.75),
                seeded=seeded_points,
                in_padding=train_cfg.get('points_in_padding', True),
            ),
            train_cfg.get('mask_loss_norm', 'mmdet'),
        )

    @property
    @abstractmethod
    def place_waves(self) -> dict[str, float]:
        """Settings of the sine encoding of places in the frame (``temperature``, ``scale``)."""

    @property
    @abstractmethod
    def costly_modules(self) -> tuple[nn.Module, ...]:
        """Modules behind the backbone that are worth compiling."""

    @abstractmethod
    def decode_clips(self, x: list[Tensor], clips: ClipBatch, every_mask: bool) -> DecoderOutput:
        """Backbone features of B * T frames to predictions after every layer, with masks or only the last layer's."""

    def decode(self, x: list[Tensor], clips: ClipBatch, every_mask: bool = True) -> DecoderOutput:
        """:meth:`decode_clips`, all frames at once or, where queries propagate, one after another."""
        if not self.query_initializer.propagates:
            return self.decode_clips(x, clips, every_mask)
        return decode_in_sequence(self.decode_clips, x, clips, every_mask)

    def forward(self, x: list[Tensor], data_samples: list[TrackDataSample]) -> tuple[list[Tensor], list[Tensor]]:
        """Class and mask logits of every layer, as mmdet's head returns them."""
        decoded = self.decode(x, self.clip_batch(x, data_samples, with_targets=False))
        return decoded.classes, decoded.masks

    def clip_batch(
        self, x: list[Tensor], samples: list[TrackDataSample] | TrackDataSample, with_targets: bool
    ) -> ClipBatch:
        """Clips of the samples: T is the head's in training, all frames given at test."""
        samples = [samples] if isinstance(samples, TrackDataSample) else samples
        frames = self.num_frames if self.training else len(samples[0])
        return build_clip_batch(samples, frames, x[0].device, with_targets)

    def loss(self, x: list[Tensor], data_samples: list[TrackDataSample]) -> dict[str, Tensor]:
        """All losses of key and reference clips."""
        clips = self.clip_batch(x, data_samples, with_targets=True)
        decoded = self.decode(x, clips)
        losses, assignments = self.criterion(decoded, clips)
        if self.auxiliary is not None:
            losses.update(self.auxiliary(decoded, clips))
        if self.contrastive is not None or self.query_record.wanted:
            matched = self.matched_queries(decoded, clips, assignments)
            self.query_record.add(matched, clips.clips_per_video)
            if self.contrastive is not None:
                losses.update(self.contrastive(matched, clips.clips_per_video))
        return losses

    def prepare_accumulation(self, batches: Sequence[list[TrackDataSample]]) -> None:
        """Normalise the losses of these batches, whose gradients make one optimiser step, as those of one batch."""
        cpu = torch.device('cpu')
        clips = [build_clip_batch(batch, self.num_frames, cpu, with_targets=True) for batch in batches]
        self.criterion.set_loss_normalizers(clips, self.num_queries)

    def predict_clip(self, x: list[Tensor], clips: ClipBatch) -> ClipPrediction:
        """Prediction of the last decoder layer for one clip; of its features, unless it is decoded."""
        decoded = clips.decoded or self.decode(x, clips, every_mask=False)
        frames = torch.arange(clips.frames) if clips.frame_ids is None else clips.frame_ids[0]
        memory = None if decoded.memories is None else decoded.memories[0]
        masks = (
            decoded.masks[-1][0] if memory is None else without_unshown_objects(decoded.masks[-1][0], frames, memory)
        )
        present, probabilities = has_pixels(masks), decoded.classes[-1][0].softmax(-1)
        chosen = None if clips.described is None else clips.described(probabilities, decoded.queries)
        return ClipPrediction(
            probabilities=probabilities,
            masks=masks,
            embeddings=decoded.embeddings[0],
            descriptors=self.descriptors.first_last(masks, present, clips.mask_sizes(masks)[0], chosen),
            present=present,
            queries=decoded.queries,
            features=decoded.features,
            frames=frames,
            memory=memory,
            final_queries=decoded.final_queries,
        )

    def initial_queries(
        self, features: list[Tensor], clips: ClipBatch, memories: list[ObjectMemory] | None
    ) -> QuerySet:
        """Queries of every clip before the first layer."""
        return self.query_initializer(
            QueryContext(
                features,
                clips,
                self.query_feat.weight,
                self.query_embed.weight,
                self.num_classes,
                memories,
                waves=self.place_waves,
                last_queries=clips.last_queries,
            )
        )

    def _cues(
        self, index: int, prediction: LayerPrediction, queries: QuerySet, truth: list[Tensor] | None, clips: ClipBatch
    ) -> tuple[Tensor | None, list[Assignment] | None]:
        if self.cue_injection is None:
            return None, None
        assigned = None
        if truth is not None and prediction.masks is not None:
            wanted = Prediction(index, prediction.classes, prediction.masks)
            assigned = self.criterion.assigner([wanted], queries, clips)[0]
        state = LayerState(
            index,
            prediction.classes,
            prediction.tubes,
            queries,
            truth,
            assigned,
            lambda clip, tubes: self.descriptors.cues(tubes, clips.mask_sizes(tubes)[clip]),
        )
        return self.cue_injection(state), assigned

    @torch.no_grad()
    def _truth_cues(self, clips: ClipBatch, mask_size: torch.Size) -> list[Tensor] | None:
        """Cues of ground truth (K, D), per clip; ``None`` where nothing needs them."""
        if clips.targets is None or self.cue_injection is None or not self.cue_injection.needs_assignments:
            return None
        scale = mask_size[0] / clips.input_shape[0]
        return [
            self.descriptors.ground_truth_cues(target.masks, mask_size, size * scale)
            for target, size in zip(clips.targets, clips.real_shapes)
        ]

    def matched_queries(
        self, decoded: DecoderOutput, clips: ClipBatch, assignments: list[Assignment]
    ) -> list[MatchedQueries]:
        """Queries that were assigned to ground truth, clip by clip."""
        initial = torch.cat((decoded.queries.feature, decoded.queries.position), -1)
        return [
            MatchedQueries(
                ids=target.ids[tubes],
                labels=target.labels[tubes],
                embeddings=decoded.embeddings[clip, rows],
                initial=initial[clip, rows],
                descriptors=self.descriptors.clip_mean(target.masks[tubes], clips.real_shapes[clip]),
            )
            for clip, (target, (rows, tubes)) in enumerate(zip(clips.ground_truth, assignments))
        ]
