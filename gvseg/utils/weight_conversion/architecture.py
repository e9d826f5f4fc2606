"""Infer the network from its weights, to refuse a file of another network with a clear message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

from torch import Tensor

from ..errors import CheckpointError

#: Parameters of every Mask2Former; MaskFormer, DETR and plain backbones lack some.
NEEDED = (
    'track_head.query_feat.weight',
    'track_head.query_embed.weight',
    'track_head.level_embed.weight',
    'track_head.cls_embed.weight',
    'track_head.mask_embed.0.weight',
    'track_head.pixel_decoder.mask_feature.weight',
    'track_head.pixel_decoder.level_encoding.weight',
)
RESNET_NAMES = {
    (2, 2, 2, 2): 'ResNet-18',
    (3, 4, 6, 3): 'ResNet-50',
    (3, 4, 23, 3): 'ResNet-101',
    (3, 8, 36, 3): 'ResNet-152',
}


@dataclass(frozen=True)
class Architecture:
    """Architecture of a Mask2Former.

    Attributes:
        backbone: description of kind and size.
        encoder_layers: number of layers of the pixel decoder.
        decoder_layers: number of layers of the transformer decoder.
        dim: width of a query.
        levels: number of feature levels that queries attend to.
    """

    backbone: str
    encoder_layers: int
    decoder_layers: int
    dim: int
    levels: int

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> 'Architecture':
        """Infer it from names and shapes of weights that include all of ``NEEDED``."""
        return cls(
            backbone=_backbone(weights),
            encoder_layers=_count(weights, r'track_head\.pixel_decoder\.encoder\.layers\.(\d+)\..+'),
            decoder_layers=_count(weights, r'track_head\.transformer_decoder\.layers\.(\d+)\..+'),
            dim=weights['track_head.query_feat.weight'].shape[1],
            levels=len(weights['track_head.level_embed.weight']),
        )

    def describe(self) -> str:
        """Description for messages."""
        return (
            f'{self.backbone}, {self.encoder_layers} encoder and {self.decoder_layers} decoder layers, width '
            f'{self.dim}, {self.levels} levels'
        )


def check_same_network(
    found: Mapping[str, Tensor], expected: Mapping[str, Tensor], path: str, title: str, config: str
) -> None:
    """Refuse weights of another network.

    Args:
        found: the file's weights under our names.
        expected: the state of the config's model.
        path: the file.
        title: name of the project, for messages.
        config: path of the config, for messages.

    Raises:
        CheckpointError: it is no Mask2Former of that project, or has another backbone or size.
    """
    lacking = [name for name in NEEDED if name not in found]
    if lacking:
        raise CheckpointError(
            f"{path} is no Mask2Former in {title}'s naming: nothing in it corresponds to {lacking[0]} "
            f'({len(lacking)} of {len(NEEDED)} marks are missing). Choose the converter of the project it comes from; '
            'other networks (MaskFormer, DETR, a bare backbone) cannot be used.'
        )
    theirs, ours = Architecture.of(found), Architecture.of(expected)
    if theirs != ours:
        raise CheckpointError(
            f'{path} is a Mask2Former on {theirs.describe()}, but {config} describes one on '
            f'{ours.describe()}: use a config of that network, or the file for this one.'
        )


def _count(weights: Mapping[str, Tensor], pattern: str) -> int:
    """Number of different first groups among the names that match."""
    return len({match[1] for match in (re.fullmatch(pattern, name) for name in weights) if match})


def _backbone(weights: Mapping[str, Tensor]) -> str:
    """Description of the backbone's kind and size."""
    if 'backbone.layer1.0.conv1.weight' in weights:
        blocks = tuple(_count(weights, rf'backbone\.layer{stage}\.(\d+)\.conv1\.weight') for stage in range(1, 5))
        bottleneck = 'backbone.layer1.0.conv3.weight' in weights
        name = RESNET_NAMES.get(blocks) if bottleneck or blocks == (2, 2, 2, 2) else None
        width = len(weights['backbone.conv1.weight']) if 'backbone.conv1.weight' in weights else 0
        return (name or f'a ResNet of {"-".join(map(str, blocks))} blocks') + (
            f' ({width} channels)' if width != 64 else ''
        )
    if 'backbone.patch_embed.projection.weight' in weights:
        channels = len(weights['backbone.patch_embed.projection.weight'])
        blocks = [_count(weights, rf'backbone\.stages\.{stage}\.blocks\.(\d+)\..+') for stage in range(4)]
        window, heads = _window_and_heads(weights)
        return (
            f'a Swin Transformer of {channels} channels, {"-".join(map(str, blocks))} blocks, window {window}, '
            f'{heads} heads'
        )
    return 'a backbone that is neither ResNet nor Swin Transformer'


def _window_and_heads(weights: Mapping[str, Tensor]) -> tuple[int | None, int | None]:
    """Window side and number of heads in the first block: its bias table has (2 w - 1)^2 rows and a column a head."""
    table = weights.get('backbone.stages.0.blocks.0.attn.w_msa.relative_position_bias_table')
    return (None, None) if table is None else ((isqrt(len(table)) + 1) // 2, table.shape[1])
