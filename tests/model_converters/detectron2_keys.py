"""Names and shapes in the published detectron2 files of Mask2Former (COCO panoptic) and MinVIS.

Written down from the modules that made them: detectron2's ResNet with frozen batch norm, D2SwinTransformer,
MSDeformAttnPixelDecoder and MultiScaleMaskedTransformerDecoder; MinVIS's frame decoder has the latter's parameters.
"""

from collections.abc import Iterator

Entry = tuple[str, tuple[int, ...]]
D, QUERIES = 256, 100
RESNET_CHANNELS, SWIN_T_CHANNELS = (256, 512, 1024, 2048), (96, 192, 384, 768)


def _pair(name: str, weight: tuple[int, ...]) -> Iterator[Entry]:
    yield f'{name}.weight', weight
    yield f'{name}.bias', weight[:1]


def _frozen_norm(name: str, channels: int) -> Iterator[Entry]:
    for part in ('weight', 'bias', 'running_mean', 'running_var'):
        yield f'{name}.{part}', (channels,)


def resnet50() -> Iterator[Entry]:
    """Stem, then res2 to res5 with 3, 4, 6 and 3 bottlenecks."""
    yield 'backbone.stem.conv1.weight', (64, 3, 7, 7)
    yield from _frozen_norm('backbone.stem.conv1.norm', 64)
    entering = 64
    for stage, (count, out) in enumerate(zip((3, 4, 6, 3), RESNET_CHANNELS), start=2):
        for block in range(count):
            name, inner = f'backbone.res{stage}.{block}', out // 4
            if block == 0:
                yield f'{name}.shortcut.weight', (out, entering, 1, 1)
                yield from _frozen_norm(f'{name}.shortcut.norm', out)
            shapes = ((inner, entering, 1, 1), (inner, inner, 3, 3), (out, inner, 1, 1))
            for index, shape in enumerate(shapes, start=1):
                yield f'{name}.conv{index}.weight', shape
                yield from _frozen_norm(f'{name}.conv{index}.norm', shape[0])
            entering = out


def swin_tiny() -> Iterator[Entry]:
    """Four stages of 2, 2, 6 and 2 blocks, windows of 7."""
    yield from _pair('backbone.patch_embed.proj', (96, 3, 4, 4))
    yield from _pair('backbone.patch_embed.norm', (96,))
    for stage, (count, width, heads) in enumerate(zip((2, 2, 6, 2), SWIN_T_CHANNELS, (3, 6, 12, 24))):
        for block in range(count):
            name = f'backbone.layers.{stage}.blocks.{block}'
            yield f'{name}.attn.relative_position_bias_table', (169, heads)
            yield f'{name}.attn.relative_position_index', (49, 49)
            yield from _pair(f'{name}.attn.qkv', (3 * width, width))
            yield from _pair(f'{name}.attn.proj', (width, width))
            yield from _pair(f'{name}.mlp.fc1', (4 * width, width))
            yield from _pair(f'{name}.mlp.fc2', (width, 4 * width))
            yield from _pair(f'{name}.norm1', (width,))
            yield from _pair(f'{name}.norm2', (width,))
        if stage < 3:
            yield f'backbone.layers.{stage}.downsample.reduction.weight', (2 * width, 4 * width)
            yield from _pair(f'backbone.layers.{stage}.downsample.norm', (4 * width,))
        yield from _pair(f'backbone.norm{stage}', (width,))


def pixel_decoder(channels: tuple[int, ...]) -> Iterator[Entry]:
    """Six layers of deformable attention (8 heads, 3 levels, 4 points) and one level of a feature pyramid."""
    name = 'sem_seg_head.pixel_decoder'
    for index, width in enumerate(channels[:0:-1]):
        yield from _pair(f'{name}.input_proj.{index}.0', (D, width, 1, 1))
        yield from _pair(f'{name}.input_proj.{index}.1', (D,))
    yield f'{name}.transformer.level_embed', (3, D)
    for index in range(6):
        layer = f'{name}.transformer.encoder.layers.{index}'
        for part, rows in (('sampling_offsets', 192), ('attention_weights', 96), ('value_proj', D), ('output_proj', D)):
            yield from _pair(f'{layer}.self_attn.{part}', (rows, D))
        yield from _pair(f'{layer}.norm1', (D,))
        yield from _pair(f'{layer}.linear1', (1024, D))
        yield from _pair(f'{layer}.linear2', (D, 1024))
        yield from _pair(f'{layer}.norm2', (D,))
    yield from _pair(f'{name}.mask_features', (D, D, 1, 1))
    for part, shape in (('adapter_1', (D, channels[0], 1, 1)), ('layer_1', (D, D, 3, 3))):
        yield f'{name}.{part}.weight', shape
        yield from _pair(f'{name}.{part}.norm', (D,))


def predictor(num_classes: int) -> Iterator[Entry]:
    """Nine layers, queries, heads."""
    name = 'sem_seg_head.predictor'
    for index in range(9):
        for kind, part in (('self', 'self_attn'), ('cross', 'multihead_attn')):
            layer = f'{name}.transformer_{kind}_attention_layers.{index}'
            yield f'{layer}.{part}.in_proj_weight', (3 * D, D)
            yield f'{layer}.{part}.in_proj_bias', (3 * D,)
            yield from _pair(f'{layer}.{part}.out_proj', (D, D))
            yield from _pair(f'{layer}.norm', (D,))
        yield from _pair(f'{name}.transformer_ffn_layers.{index}.linear1', (2048, D))
        yield from _pair(f'{name}.transformer_ffn_layers.{index}.linear2', (D, 2048))
        yield from _pair(f'{name}.transformer_ffn_layers.{index}.norm', (D,))
    yield from _pair(f'{name}.decoder_norm', (D,))
    yield f'{name}.query_feat.weight', (QUERIES, D)
    yield f'{name}.query_embed.weight', (QUERIES, D)
    yield f'{name}.level_embed.weight', (3, D)
    yield from _pair(f'{name}.class_embed', (num_classes + 1, D))
    for index in range(3):
        yield from _pair(f'{name}.mask_embed.layers.{index}', (D, D))
    yield 'criterion.empty_weight', (num_classes + 1,)


def published(backbone: str, num_classes: int) -> dict[str, tuple[int, ...]]:
    """Every name and shape of a file."""
    body, channels = dict(resnet=(resnet50, RESNET_CHANNELS), swin=(swin_tiny, SWIN_T_CHANNELS))[backbone]
    return dict([*body(), *pixel_decoder(channels), *predictor(num_classes)])
