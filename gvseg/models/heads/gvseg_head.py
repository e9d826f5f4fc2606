"""The head: from features to classes, masks and embeddings of the queries of a clip.

Shapes: B clips, T frames, N queries, K tubes, C classes, D model width, H W input pixels, h w mask pixels,
u v descriptor bins.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from mmdet.models.tracking_heads import Mask2FormerTrackHead
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from torch import Tensor, nn

from gvseg.core.descriptors import DescriptorSpec
from gvseg.core.protocols import AccumulationAware
from gvseg.core.query_set import QuerySet
from gvseg.models.layers import CueTransformerDecoder, LayerState, PositionCache
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
from .mask_prediction import LayerPrediction, MaskFeatures, unmask_empty_rows, without_unshown_objects
from .query_record import QueryRecord, RecordsMatchedQueries
from .tube_descriptors import TubeDescriptors


@MODELS.register_module()
class GvSegHead(Mask2FormerTrackHead, RecordsMatchedQueries, AccumulationAware):
    """Mask2Former's video head with seams for GvSeg's parts; without them it equals mmdet's bit for bit.

    Parameter names are upstream's, so COCO weights load as they are.

    Args:
        query_initializer: config of the query initialiser.
        cue_injection: config of the part that gives queries shape-position cues; ``None``: there are none.
        contrastive: config of the temporal contrastive loss; ``None``: there is none.
        auxiliary: config of a loss beside those of the paper, of all that decoding gives; ``None``: there is none.
        descriptor: fields of :class:`gvseg.core.descriptors.DescriptorSpec`.
        localized_masks: settings of ``LocalizedMaskEmbed`` (an extra); ``None``: masks are upstream's.
        seeded_points: draw loss and matching points from a seed of each clip instead of the global stream.
        args, kwargs: as mmdet's ``Mask2FormerTrackHead``. Two settings of ``train_cfg`` are ours: ``mask_loss_norm``
            (:class:`SetCriterion`) and ``points_in_padding`` (:class:`PointSampling`).
    """

    mask_embed: nn.Module

    def __init__(
        self,
        *args,
        query_initializer: dict,
        cue_injection: dict | None = None,
        contrastive: dict | None = None,
        auxiliary: dict | None = None,
        descriptor: dict | None = None,
        localized_masks: dict | None = None,
        seeded_points: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.transformer_decoder = CueTransformerDecoder(**kwargs['transformer_decoder'])
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
        self.descriptors = TubeDescriptors(DescriptorSpec(**(descriptor or {})), self.decoder_embed_dims)
        self.extend_mask_features: Callable[[Tensor], Tensor] | None = None
        if localized_masks is not None:
            part = dict(type='LocalizedMaskEmbed', dim=self.decoder_embed_dims, **localized_masks)
            embed = MODELS.build(part, default_args=dict(mask_embed=self.mask_embed))
            self.mask_embed, self.extend_mask_features = embed, embed.extend
        self.key_positions = PositionCache()
        self.query_record = QueryRecord()
        if self.train_cfg:
            self.criterion = self._build_criterion(seeded_points)

    def _build_criterion(self, seeded_points: bool) -> SetCriterion:
        """The criterion with the costs, losses and weights that mmdet's constructor has built."""
        return SetCriterion(
            self.num_classes,
            self.class_weight,
            self.assigner.match_costs,
            dict(cls=self.loss_cls, mask=self.loss_mask, dice=self.loss_dice),
            PointSampling(
                self.num_points,
                self.oversample_ratio,
                self.importance_sample_ratio,
                seeded=seeded_points,
                in_padding=self.train_cfg.get('points_in_padding', True),
            ),
            self.train_cfg.get('mask_loss_norm', 'mmdet'),
        )

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
        """Prediction of the last decoder layer for one clip."""
        decoded = self.decode(x, clips, every_mask=False)
        frames = torch.arange(clips.frames) if clips.frame_ids is None else clips.frame_ids[0]
        memory = None if decoded.memories is None else decoded.memories[0]
        masks = (
            decoded.masks[-1][0] if memory is None else without_unshown_objects(decoded.masks[-1][0], frames, memory)
        )
        present = has_pixels(masks)
        return ClipPrediction(
            probabilities=decoded.classes[-1][0].softmax(-1),
            masks=masks,
            embeddings=decoded.embeddings[0],
            descriptors=self.descriptors.first_last(masks, present, clips.mask_sizes(masks)[0]),
            present=present,
            queries=decoded.queries,
            features=decoded.features,
            frames=frames,
            memory=memory,
        )

    # Decoding, step by step -------------------------------------------------------------------------------------

    def decode(self, x: list[Tensor], clips: ClipBatch, every_mask: bool = True) -> DecoderOutput:
        """Backbone features of B * T frames to predictions after every layer, with masks or only the last layer's."""
        mask_features, levels = self.pixel_decoder(x)
        features = [*x, mask_features]
        memories = self.query_initializer.observe(features, clips)
        queries = self.initial_queries(features, clips, memories)
        mask_features = mask_features.unflatten(0, (len(clips), clips.frames))
        if self.extend_mask_features is not None:
            mask_features = self.extend_mask_features(mask_features)
        prior = self.query_initializer.mask_prior(features, clips, queries)
        decoded = self._decode_layers(queries, MaskFeatures(mask_features, prior), levels, clips, every_mask)
        return replace(decoded, features=features, memories=memories)

    def initial_queries(
        self, features: list[Tensor], clips: ClipBatch, memories: list[ObjectMemory] | None
    ) -> QuerySet:
        """Queries of every clip before the first layer."""
        places = self.decoder_positional_encoding
        return self.query_initializer(
            QueryContext(
                features,
                clips,
                self.query_feat.weight,
                self.query_embed.weight,
                self.num_classes,
                memories,
                waves=dict(temperature=places.temperature, scale=places.scale),
            )
        )

    def _decode_layers(
        self, queries: QuerySet, mask_features: MaskFeatures, levels: list[Tensor], clips: ClipBatch, every_mask: bool
    ) -> DecoderOutput:
        """The output, still without features and memories."""
        keys, key_positions = self._decoder_keys(levels, clips)
        sizes = [level.shape[-2:] for level in levels]
        truth = self._truth_cues(clips, mask_features.full.shape[-2:])
        feature, classes, masks, assignments = queries.feature, [], [], []
        for index in range(self.num_transformer_decoder_layers + 1):
            level, last = index % self.num_transformer_feat_level, index == self.num_transformer_decoder_layers
            prediction = self._predict(feature, mask_features, sizes[level], every_mask, last)
            classes.append(prediction.classes)
            if prediction.masks is not None:
                masks.append(prediction.masks)
            if last or prediction.hidden is None:
                break
            cues, assigned = self._cues(index, prediction, queries, truth, clips)
            assignments.append(assigned)
            feature = self.transformer_decoder.layers[index](
                query=feature,
                cues=cues,
                key=keys[level],
                value=keys[level],
                query_pos=queries.position,
                key_pos=key_positions[level],
                cross_attn_mask=unmask_empty_rows(prediction.hidden),
            )
        embeddings = self.transformer_decoder.post_norm(feature)
        return DecoderOutput(classes, masks, embeddings, queries, [*assignments, None])

    def _predict(
        self, feature: Tensor, mask_features: MaskFeatures, size: tuple[int, int], every_mask: bool, last: bool
    ) -> LayerPrediction:
        """Prediction heads on the queries (B, N, D): upstream's ``_forward_head``, or the same without its masks."""
        if every_mask and mask_features.prior is None:
            classes, masks, hidden = self._forward_head(feature, mask_features.full, size)
            return LayerPrediction(classes, masks, hidden[:: self.num_heads], lambda clip, chosen: masks[clip][chosen])
        normed = self.transformer_decoder.post_norm(feature)
        embeddings = self.mask_embed(normed)
        return LayerPrediction(
            self.cls_embed(normed),
            mask_features.masks(embeddings) if last or every_mask else None,
            None if last else mask_features.hidden(embeddings, size),
            lambda clip, chosen: mask_features.tubes(clip, chosen, embeddings[clip][chosen]),
        )

    def _decoder_keys(self, levels: list[Tensor], clips: ClipBatch) -> tuple[list[Tensor], list[Tensor]]:
        """Keys (B, T * h * w, D) and their positions (1, T * h * w, D), from low resolution to high."""
        keys, positions = [], []
        for level in range(self.num_transformer_feat_level):
            key = self.decoder_input_projs[level](levels[level])
            key = key.flatten(2) + self.level_embed.weight[level][None, :, None]
            keys.append(key.unflatten(0, (len(clips), clips.frames)).permute(0, 1, 3, 2).flatten(1, 2))
            shape = (1, clips.frames, *levels[level].shape[-2:])
            position = self.key_positions(self.decoder_positional_encoding, shape, key.device)
            positions.append(position.flatten(3).permute(0, 1, 3, 2).flatten(1, 2))
        return keys, positions

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
