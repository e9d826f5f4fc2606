"""Small encoder-only networks: GvSeg's config, and random weights in transformers and in the authors' naming."""

import torch
import transformers
from mmengine.config import Config
from torch import Tensor, nn

from tests.model_converters.small_networks import CLASSES, ROOT, shake

DIM, HEADS, BLOCKS, JOINT, QUERIES, REGISTERS, PATCH = 32, 4, 5, 2, 6, 2, 8


def vit_config(grid: tuple[int, int], swiglu: bool = False, propagated: bool = False, **head) -> Config:
    """GvSeg's own parts off, learned queries."""
    config = Config.fromfile(ROOT / 'configs/_base_/models/gvseg_vit-tiny.py')
    config.test_dataloader = dict(dataset=dict(metainfo=dict(classes=CLASSES)))
    config.model.task_output = dict(type='InstanceOutput')
    blocks = dict(dim=DIM, num_heads=HEADS, mlp_ratio=4.0, swiglu=swiglu)
    config.model.backbone.update(
        blocks=dict(depth=BLOCKS - JOINT, **blocks), patch_size=PATCH, grid=grid, num_registers=REGISTERS, stem=None
    )
    learned = dict(type='LearnedQueries', num_queries=QUERIES)
    config.model.track_head.update(
        feat_channels=DIM,
        blocks=dict(depth=JOINT, **blocks),
        num_queries=QUERIES,
        num_classes=len(CLASSES),
        cue_injection=None,
        train_cfg=None,
        query_initializer=dict(type='PropagatedQueries', source=learned, embed_dims=DIM) if propagated else learned,
        **head,
    )
    config.model.track_head.loss_cls.class_weight = [1.0] * len(CLASSES) + [0.1]
    if propagated:
        config.model.associator = dict(type='SameQueryAssociator')
    return config


def their_vit(kind: str, grid: tuple[int, int], seed: int = 0, swiglu: bool = False, probability: float = 0.0):
    """transformers' network ('Eomt' or 'Videomt') with random weights for a grid of patches.

    Its code is for square images alone; a grid of as many patches as a square one has is all the same to its weights.
    """
    side = round((grid[0] * grid[1]) ** 0.5)
    assert side**2 == grid[0] * grid[1]
    torch.manual_seed(seed)
    config = getattr(transformers, f'{kind}Config')(
        hidden_size=DIM,
        num_hidden_layers=BLOCKS,
        num_attention_heads=HEADS,
        image_size=side * PATCH,
        patch_size=PATCH,
        num_upscale_blocks=1,
        num_blocks=JOINT,
        num_queries=QUERIES,
        num_register_tokens=REGISTERS,
        use_swiglu_ffn=swiglu,
        id2label=dict(enumerate(CLASSES)),
        label2id={name: index for index, name in enumerate(CLASSES)},
    )
    network = shake(getattr(transformers, f'{kind}ForUniversalSegmentation')(config))
    network.grid_size = grid
    network.attn_mask_probs.fill_(probability)
    return network


def authors_weights(theirs: nn.Module, prefix: str, class_row: bool) -> dict[str, Tensor]:
    """The same weights under the authors' names, built from the modules of timm's vision transformer.

    Args:
        theirs: transformers' network.
        prefix: 'network.' (EoMT, with Lightning) or 'backbone.' (VidEoMT, with detectron2).
        class_row: whether position embeddings begin with a row for the class token.
    """
    given = theirs.state_dict()
    found, body = {}, f'{prefix}encoder.backbone.'
    for name in given:
        parts = name.split('.')
        if parts[0] == 'layers' and parts[2:4] != ['attention', 'k_proj'] and parts[2:4] != ['attention', 'v_proj']:
            found[body + _block_name(parts)] = _block_value(name, given)
    positions = given['embeddings.position_embeddings.weight'][None]
    cls = given['embeddings.cls_token']
    if class_row:
        row = torch.randn(1, 1, DIM, generator=torch.Generator().manual_seed(9))
        cls, positions = cls - row, torch.cat((row, positions), 1)
    found |= {f'{body}cls_token': cls, f'{body}pos_embed': positions}
    found[f'{body}reg_token'] = given['embeddings.register_tokens']
    for end in ('weight', 'bias'):
        found[f'{body}patch_embed.proj.{end}'] = given[f'embeddings.patch_embeddings.projection.{end}']
        found[f'{body}norm.{end}'] = given[f'layernorm.{end}']
        found[f'{prefix}class_head.{end}'] = given[f'class_predictor.{end}']
        found[f'{prefix}upscale.0.conv1.{end}'] = given[f'upscale_block.block.0.conv1.{end}']
        found[f'{prefix}upscale.0.norm.{end}'] = given[f'upscale_block.block.0.layernorm2d.{end}']
        for part in range(3):
            found[f'{prefix}mask_head.{2 * part}.{end}'] = given[f'mask_head.fc{part + 1}.{end}']
        if 'query_updater.weight' in given:
            found[f'{prefix}query_updater.{end}'] = given[f'query_updater.{end}']
    found[f'{prefix}upscale.0.conv2.weight'] = given['upscale_block.block.0.conv2.weight']
    found |= {f'{prefix}q.weight': given['query.weight'], f'{prefix}attn_mask_probs': given['attn_mask_probs']}
    found['criterion.empty_weight'] = torch.ones(len(CLASSES) + 1)
    return found


def _block_name(parts: list[str]) -> str:
    own = '.'.join(parts[2:])
    for theirs, timm in (
        ('attention.q_proj', 'attn.qkv'),
        ('attention.out_proj', 'attn.proj'),
        ('layer_scale1.lambda1', 'ls1.gamma'),
        ('layer_scale2.lambda1', 'ls2.gamma'),
    ):
        own = own.replace(theirs, timm)
    return f'blocks.{parts[1]}.{own}'


def _block_value(name: str, given: dict[str, Tensor]) -> Tensor:
    if '.q_proj.' not in name:
        return given[name]
    return torch.cat([given[name.replace('.q_proj.', f'.{part}_proj.')] for part in 'qkv'])


def frames(count: int, grid: tuple[int, int], seed: int = 3) -> Tensor:
    """Normalised pixels (count, 3, H, W)."""
    size = (side * PATCH for side in grid)
    return torch.randn(count, 3, *size, generator=torch.Generator().manual_seed(seed))
