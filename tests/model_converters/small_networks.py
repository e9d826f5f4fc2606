"""The paper-size config, made small, on the backbones that public checkpoints have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmdet.registry import MODELS
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.config import Config
from mmengine.structures import InstanceData
from torch import Tensor, nn

import gvseg.models  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
SIZE = (96, 128)
DIM, HEADS, QUERIES, ENCODER_LAYERS, DECODER_LAYERS = 64, 4, 7, 2, 3
SWIN = dict(
    type='SwinTransformer',
    embed_dims=24,
    depths=[2, 2, 2, 2],
    num_heads=[2, 2, 4, 4],
    window_size=2,
    pretrain_img_size=64,
    out_indices=(0, 1, 2, 3),
)
RESNET = dict(type='ResNet', depth=50, base_channels=4, stem_channels=4, norm_cfg=dict(type='BN'), norm_eval=True)
CHANNELS = dict(swin=[24, 48, 96, 192], resnet=[16, 32, 64, 128])
CLASSES = ('person', 'road', 'sky-other-merged', 'car', 'dog')


def small_config(backbone: str, classes: tuple = CLASSES, positions: str = 'FrameSinePositionalEncoding') -> Config:
    """GvSeg's own parts off, learned queries."""
    config = Config.fromfile(ROOT / 'configs/_base_/models/gvseg_r50.py')
    config.test_dataloader = dict(dataset=dict(metainfo=dict(classes=classes)))
    config.model.backbone = dict(swin=SWIN, resnet=RESNET)[backbone]
    config.model.task_output = dict(type='InstanceOutput')
    head = config.model.track_head
    head.update(
        in_channels=CHANNELS[backbone],
        feat_channels=DIM,
        out_channels=DIM,
        num_queries=QUERIES,
        num_classes=len(classes),
        cue_injection=None,
        train_cfg=None,
        query_initializer=dict(type='LearnedQueries', num_queries=QUERIES),
    )
    head.positional_encoding.update(type=positions, num_feats=DIM // 2)
    head.loss_cls.class_weight = [1.0] * len(classes) + [0.1]
    shrink(head.pixel_decoder.encoder, ENCODER_LAYERS, 96)
    shrink(head.transformer_decoder, DECODER_LAYERS, 80)
    head.pixel_decoder.positional_encoding.num_feats = DIM // 2
    return config


def their_mask2former(body: Any, classes: Sequence[str]) -> nn.Module:
    """Hugging Face's Mask2Former on a backbone config, random weights.

    Their ``decoder_layers`` counts the prediction before the first layer too.
    """
    import transformers

    config = transformers.Mask2FormerConfig(
        backbone_config=body,
        feature_size=DIM,
        mask_feature_size=DIM,
        hidden_dim=DIM,
        encoder_feedforward_dim=96,
        dim_feedforward=80,
        encoder_layers=ENCODER_LAYERS,
        decoder_layers=DECODER_LAYERS + 1,
        num_attention_heads=HEADS,
        num_queries=QUERIES,
        id2label=dict(enumerate(classes)),
        label2id={name: index for index, name in enumerate(classes)},
    )
    return shake(transformers.Mask2FormerForUniversalSegmentation(config))


def their_swin(embed: int = 24) -> Any:
    """Hugging Face's config of ``SWIN``, or of one of another width."""
    import transformers

    return transformers.SwinConfig(
        embed_dim=embed,
        depths=SWIN['depths'],
        num_heads=SWIN['num_heads'],
        window_size=SWIN['window_size'],
        image_size=SWIN['pretrain_img_size'],
        out_features=[f'stage{index}' for index in range(1, 5)],
    )


def shrink(stack: Any, layers: int, hidden: int) -> None:
    """Make the layers of an encoder or decoder config few and narrow."""
    stack.num_layers = layers
    for name, part in stack.layer_cfg.items():
        part.embed_dims = DIM
        part.update(dict(feedforward_channels=hidden) if name == 'ffn_cfg' else dict(num_heads=HEADS))


def build(config: Config) -> nn.Module:
    """The config's model."""
    torch.manual_seed(1)
    model = MODELS.build(config.model)
    model.eval()
    return model


def shake(network: nn.Module) -> nn.Module:
    """Give every parameter and statistic a value of its own, so that no two can be mixed up unseen."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if value.is_floating_point() and 'empty_weight' not in name:
                noise = 0.1 * torch.randn(value.shape, generator=generator)
                value += noise.abs() if name.endswith('running_var') else noise
    return network.eval()


def images(count: int) -> Tensor:
    """Normalised pixels (count, 3, H, W)."""
    return torch.randn(count, 3, *SIZE, generator=torch.Generator().manual_seed(3))


def samples(videos: int, frames: int) -> list[TrackDataSample]:
    """What the head wants to know of clips."""
    meta = dict(img_shape=SIZE, ori_shape=SIZE, batch_input_shape=SIZE)
    return [
        TrackDataSample(
            video_data_samples=[
                DetDataSample(metainfo=dict(meta, video_id=video, frame_id=frame), gt_instances=InstanceData())
                for frame in range(frames)
            ]
        )
        for video in range(videos)
    ]


def predictions(model: nn.Module, pixels: Tensor, videos: int) -> tuple[list[Tensor], list[Tensor]]:
    """Class logits (B, N, C + 1) and mask logits (B, N, T, h, w) after every layer of our network."""
    with torch.no_grad():
        return model.track_head(model.backbone(pixels), samples(videos, len(pixels) // videos))
