"""The head of an encoder-only segmenter: queries and patches through the last blocks of a vision transformer.

Shapes: B clips, T frames, N queries, C classes, D model width, L tokens of a clip, h w patches,
h' w' mask pixels.
"""

from collections.abc import Sequence

import torch
from mmdet.registry import MODELS, TASK_UTILS
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from gvseg.core.protocols import MasksAttention
from gvseg.core.query_set import QuerySet
from gvseg.models.layers import DoubleSize, token_blocks
from gvseg.models.structures import Assignment, ClipBatch, DecoderOutput
from gvseg.utils.errors import ConfigError

from .clip_head import PARTS, ClipHead
from .mask_prediction import LayerPrediction, MaskFeatures
from .token_layout import TokenLayout


@MODELS.register_module()
class JointHead(ClipHead, MasksAttention, BaseModule):
    """GvSeg's parts on an encoder-only segmenter (EoMT, CVPR 2025; VidEoMT, CVPR 2026).

    There is no pixel decoder and no transformer decoder: queries join the tokens of :class:`PlainViT` in its last
    blocks, classes are a linear function of a query and masks its product with the upscaled patches.
    An initialiser's feature maps are the patches before the joint blocks (``level=0``) alone.

    Args:
        feat_channels: D.
        num_queries: N.
        num_classes: C.
        num_frames: T in training.
        blocks: ``depth``, the number of joint blocks, and the encoder's settings of :class:`TokenBlock`.
        num_upscalings: how often the sides of the patches' map are doubled for masks.
        masked_attention: queries attend to the patches of their own mask only, ``'training'``: with the probability of
            each block (``mask_probabilities``, see ``MaskAnnealingHook``), and at test not at all; ``'always'``: with
            these probabilities at test too; ``'never'``.
        waves: settings of the sine encoding of places that initialisers add.
        kwargs: configs of GvSeg's parts as :meth:`ClipHead._build_parts` takes them, and the losses and ``train_cfg``
            of mmdet's ``Mask2FormerTrackHead``.
    """

    mask_probabilities: Tensor

    def __init__(
        self,
        feat_channels: int,
        num_queries: int,
        num_classes: int,
        num_frames: int,
        *,
        blocks: dict,
        num_upscalings: int = 2,
        masked_attention: str = 'training',
        waves: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg=kwargs.pop('init_cfg', None))
        if masked_attention not in ('training', 'always', 'never'):
            raise ConfigError(
                f"masked_attention of JointHead is 'training', 'always' or 'never', not {masked_attention!r}"
            )
        self.num_queries, self.num_classes, self.num_frames = num_queries, num_classes, num_frames
        self.masked_attention = masked_attention
        self.waves = waves or {}
        self.query_feat = nn.Embedding(num_queries, feat_channels)
        self.query_embed = nn.Embedding(num_queries, feat_channels)
        nn.init.zeros_(self.query_embed.weight)
        self.blocks = token_blocks(**blocks)
        self.norm = nn.LayerNorm(feat_channels, eps=1e-6)
        self.upscale = nn.Sequential(*(DoubleSize(feat_channels) for _ in range(num_upscalings)))
        self.cls_embed = nn.Linear(feat_channels, num_classes + 1)
        self.mask_embed = nn.Sequential(
            *(nn.Linear(feat_channels, feat_channels), nn.GELU(), nn.Linear(feat_channels, feat_channels), nn.GELU()),
            nn.Linear(feat_channels, feat_channels),
        )
        self.register_buffer('mask_probabilities', torch.ones(len(self.blocks)))
        self._build_parts(feat_channels, **{name: kwargs.pop(name) for name in PARTS if name in kwargs})
        self._build_losses(**kwargs)

    def _build_losses(
        self,
        loss_cls: dict,
        loss_mask: dict,
        loss_dice: dict,
        train_cfg: dict | None = None,
        seeded_points: bool = True,
        test_cfg: dict | None = None,
    ) -> None:
        self.train_cfg, self.test_cfg = train_cfg, test_cfg
        self.class_weight = loss_cls['class_weight']
        self.loss_cls, self.loss_mask, self.loss_dice = (
            MODELS.build(loss) for loss in (loss_cls, loss_mask, loss_dice)
        )
        if train_cfg:
            self.assigner = TASK_UTILS.build(train_cfg['assigner'])
            self.criterion = self._build_criterion(train_cfg, seeded_points)

    @property
    def place_waves(self) -> dict[str, float]:
        """As given to the constructor."""
        return self.waves

    @property
    def costly_modules(self) -> tuple[nn.Module, ...]:
        """The joint blocks and the upscaling."""
        return (*self.blocks, self.upscale)

    @property
    def num_masked_blocks(self) -> int:
        """All joint blocks."""
        return len(self.blocks)

    def set_mask_probabilities(self, probabilities: Sequence[float]) -> None:
        """As the base class; they are a buffer, saved with the weights."""
        self.mask_probabilities.copy_(torch.tensor(probabilities))

    def decode_clips(self, x: list[Tensor], clips: ClipBatch, every_mask: bool) -> DecoderOutput:
        """Patches (B * T, D, h, w) and extra tokens (B * T, 1 + R, D) to predictions before and after the blocks.

        Predictions between the blocks are made where something needs them: losses, cues or masked attention.
        """
        patches, extra = x
        memories = self.query_initializer.observe([patches], clips)
        queries = self.initial_queries([patches], clips, memories)
        prior = self._mask_prior(patches, clips, queries)
        size = (patches.shape[-2], patches.shape[-1])
        layout = TokenLayout(queries.feature.shape[1], clips.frames, extra.shape[1], size)
        tokens = layout.join(queries.feature + queries.position, patches, extra)
        tokens, between = self._decode_blocks(tokens, layout, prior, queries, clips, every_mask)
        normed, last = layout.split(self.norm(tokens))
        features = self.upscale(last)
        masks = MaskFeatures(features.unflatten(0, (len(clips), -1)), prior).masks(self.mask_embed(normed))
        return DecoderOutput(
            [*(prediction.classes for prediction, _ in between), self.cls_embed(normed)],
            [*(prediction.masks for prediction, _ in between if prediction.masks is not None), masks],
            normed,
            queries,
            [*(assigned for _, assigned in between), None],
            [patches, features],
            memories,
            tokens[:, : layout.queries],
        )

    def _mask_prior(self, patches: Tensor, clips: ClipBatch, queries: QuerySet) -> Tensor | None:
        """The initialiser's logits at the size of masks, (B, N, T, h', w')."""
        prior = self.query_initializer.mask_prior([patches], clips, queries)
        if prior is None:
            return None
        size = [side * 2 ** len(self.upscale) for side in patches.shape[-2:]]
        return interpolate(prior.flatten(0, 1), size, mode='bilinear', align_corners=False).unflatten(
            0, prior.shape[:2]
        )

    def _decode_blocks(
        self,
        tokens: Tensor,
        layout: TokenLayout,
        prior: Tensor | None,
        queries: QuerySet,
        clips: ClipBatch,
        every_mask: bool,
    ) -> tuple[Tensor, list[tuple[LayerPrediction, list[Assignment] | None]]]:
        """Tokens (B, L, D) after the joint blocks, and the prediction before each with its assignment."""
        between = []
        truth = self._truth_cues(clips, torch.Size(side * 2 ** len(self.upscale) for side in layout.size))
        for index, block in enumerate(self.blocks):
            seen, masked = None, self._is_masked(index)
            if every_mask or masked or self.cue_injection is not None:
                prediction = self._predict(tokens, layout, prior, every_mask)
                cues, assigned = self._cues(index, prediction, queries, truth, clips)
                between.append((prediction, assigned))
                tokens = tokens if cues is None else layout.added(tokens, cues.to(tokens.dtype))
                if masked and prediction.hidden is not None:
                    seen = layout.seen(self._annealed(prediction.hidden, index, clips))
            tokens = block(tokens, layout.queries, layout.frames, seen)
        return tokens, between

    def _predict(self, tokens: Tensor, layout: TokenLayout, prior: Tensor | None, every_mask: bool) -> LayerPrediction:
        """Prediction between two blocks from tokens (B, L, D)."""
        normed, patches = layout.split(self.norm(tokens))
        embeddings = self.mask_embed(normed)
        features = MaskFeatures(self.upscale(patches).unflatten(0, (-1, layout.frames)), prior)
        return LayerPrediction(
            self.cls_embed(normed),
            features.masks(embeddings) if every_mask else None,
            features.hidden(embeddings, layout.size),
            lambda clip, chosen: features.tubes(clip, chosen, embeddings[clip][chosen]),
        )

    def _is_masked(self, index: int) -> bool:
        """Whether queries attend to their own masks in a block."""
        wanted = self.masked_attention == 'always' or self.training and self.masked_attention == 'training'
        return wanted and float(self.mask_probabilities[index]) > 0

    def _annealed(self, hidden: Tensor, index: int, clips: ClipBatch) -> Tensor:
        """Hidden patches (B, N, T * h * w) bool, none for the queries whose attention is not masked this time.

        Which these are is drawn from the clip's seed: it does not depend on how a batch is cut over processes.
        """
        probability = float(self.mask_probabilities[index])
        if probability >= 1:
            return hidden
        drawn = [torch.rand(hidden.shape[1], generator=_generator(seed + index)) for seed in clips.seeds]
        return hidden & (torch.stack(drawn) < probability).to(hidden.device)[..., None]


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
