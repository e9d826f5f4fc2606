"""The head: from features to classes, masks and embeddings of the queries of a clip.

Shapes: B clips, T frames, N queries, C classes, D model width, h w mask pixels.
"""

from collections.abc import Callable
from dataclasses import replace

from mmdet.models.tracking_heads import Mask2FormerTrackHead
from mmdet.registry import MODELS
from torch import Tensor, nn

from gvseg.core.query_set import QuerySet
from gvseg.models.layers import CueTransformerDecoder, PositionCache
from gvseg.models.structures import ClipBatch, DecoderOutput

from .clip_head import PARTS, ClipHead
from .mask_prediction import LayerPrediction, MaskFeatures, unmask_empty_rows


@MODELS.register_module()
class GvSegHead(ClipHead, Mask2FormerTrackHead):
    """Mask2Former's video head with seams for GvSeg's parts; without them it equals mmdet's bit for bit.

    Parameter names are upstream's, so COCO weights load as they are.

    Args:
        localized_masks: settings of ``LocalizedMaskEmbed`` (an extra); ``None``: masks are upstream's.
        seeded_points: draw loss and matching points from a seed of each clip instead of the global stream.
        kwargs: configs of GvSeg's parts as :meth:`ClipHead._build_parts` takes them, the others as mmdet's
            ``Mask2FormerTrackHead``.
    """

    mask_embed: nn.Module

    def __init__(self, *args, localized_masks: dict | None = None, seeded_points: bool = True, **kwargs) -> None:
        parts = {name: kwargs.pop(name) for name in PARTS if name in kwargs}
        super().__init__(*args, **kwargs)
        self.transformer_decoder = CueTransformerDecoder(**kwargs['transformer_decoder'])
        self._build_parts(self.decoder_embed_dims, **parts)
        self.extend_mask_features: Callable[[Tensor], Tensor] | None = None
        if localized_masks is not None:
            part = dict(type='LocalizedMaskEmbed', dim=self.decoder_embed_dims, **localized_masks)
            embed = MODELS.build(part, default_args=dict(mask_embed=self.mask_embed))
            self.mask_embed, self.extend_mask_features = embed, embed.extend
        self.key_positions = PositionCache()
        if self.train_cfg:
            self.criterion = self._build_criterion(self.train_cfg, seeded_points)

    @property
    def place_waves(self) -> dict[str, float]:
        """As the encoding of the decoder's keys."""
        places = self.decoder_positional_encoding
        return dict(temperature=places.temperature, scale=places.scale)

    @property
    def costly_modules(self) -> tuple[nn.Module, ...]:
        """The pixel decoder."""
        return (self.pixel_decoder,)

    # Decoding, step by step -------------------------------------------------------------------------------------

    def decode_clips(self, x: list[Tensor], clips: ClipBatch, every_mask: bool) -> DecoderOutput:
        """As the base class."""
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
        return DecoderOutput(classes, masks, embeddings, queries, [*assignments, None], final_queries=feature)

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
