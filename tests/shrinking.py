"""Models of the paper's size made small enough for a test: an eighth of the backbone, a quarter of the head's width."""

from typing import Any

from mmengine.config import Config

BACKBONE_SHARE = 8
HEAD_SHARE = 4
WIDTHS = ('embed_dims', 'feat_channels', 'out_channels', 'num_feats', 'feedforward_channels')


def shrink(config: Config, points: int = 64) -> Config:
    """Take channels and layers out of the config's model, leave its parts, classes and queries.

    Models whose head is narrow already (the tiny ones) only lose points and pretrained weights.
    """
    model, head = config.model, config.model.track_head
    model.backbone.init_cfg = None
    if head.train_cfg:
        head.train_cfg.num_points = points
    if head.feat_channels < 256:
        return config
    if head.type == 'JointHead':
        return _shrink_vit(config)
    head.in_channels = [channels // BACKBONE_SHARE for channels in head.in_channels]
    _narrow(head)
    _narrow(model.get('recipes', {}))
    head.pixel_decoder.encoder.num_layers = 1
    head.transformer_decoder.num_layers = 3  # one for each level of features
    model.backbone.update(
        dict(base_channels=64 // BACKBONE_SHARE, stem_channels=64 // BACKBONE_SHARE)
        if model.backbone.type == 'ResNet'
        else dict(
            embed_dims=model.backbone.embed_dims // BACKBONE_SHARE,
            depths=[1, 1, 1, 1],
            num_heads=[1, 2, 4, 8],
            window_size=4,
        )
    )
    return config


def _shrink_vit(config: Config) -> Config:
    """Two blocks and two joint ones, an eighth as wide; encoder and head are equally wide."""
    model, head = config.model, config.model.track_head
    _set_width(head, head.feat_channels, head.feat_channels // BACKBONE_SHARE)
    for part in (model.backbone, head):
        part.blocks.update(depth=2, dim=head.feat_channels, num_heads=2)
    return config


def _set_width(node: Any, old: int, new: int) -> None:
    """Replace a width below a node."""
    for key, value in list(node.items()) if isinstance(node, dict) else enumerate(node):
        if key in WIDTHS and value == old:
            node[key] = new
        elif isinstance(value, (dict, list)):
            _set_width(value, old, new)


def _narrow(node: Any) -> None:
    """Divide every width below a node; an initialiser's ``in_channels`` is a width of the backbone, or, where it reads
    the mask features (``level=-1``), of the head."""
    for key, value in list(node.items()) if isinstance(node, dict) else enumerate(node):
        if key in WIDTHS:
            node[key] = value // HEAD_SHARE
        elif key == 'in_channels' and isinstance(value, int):
            node[key] = value // (HEAD_SHARE if node.get('level') == -1 else BACKBONE_SHARE)
        elif isinstance(value, (dict, list)):
            _narrow(value)
