"""Parameter names and sizes of encoder-only segmenters: EoMT and VidEoMT in transformers and in their authors' files.

Sources: the modules of transformers (``eomt``, ``videomt``) and of tue-mps/eomt and tue-mps/videomt with timm's vision
transformer, whose names the published files use.

Shapes: L blocks, of which L2 are joint; D model width, n patches of the position embeddings' grid, R register tokens.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ..errors import CheckpointError
from .naming import KeyMapping

#: A buffer of every head with joint blocks, by which its state is recognised.
JOINT_MARK = 'track_head.mask_probabilities'
POSITIONS, CLASS_TOKEN = 'backbone.pos_embed', 'backbone.cls_token'
QUERIES = ('track_head.query_feat.weight', 'track_head.query_embed.weight')
NEEDED = (
    *('backbone.patch_embed.weight', POSITIONS, CLASS_TOKEN, 'backbone.blocks.0.norm1.weight', QUERIES[0]),
    *('track_head.blocks.0.norm1.weight', 'track_head.norm.weight', 'track_head.cls_embed.weight'),
    *('track_head.mask_embed.0.weight', 'track_head.upscale.0.conv1.weight'),
)
#: Where the blocks are numbered, in both namings.
THEIR_BLOCK = re.compile(r'(?:layers|(?:(?:network|backbone)\.)?encoder\.backbone\.blocks)\.(\d+)\..+')
_OWN = r'(?:network\.|backbone\.)?'
_TIMM = rf'{_OWN}encoder\.backbone'
_UPDATER = 'track_head.query_initializer.updater'


def is_encoder_only(weights: Mapping[str, Tensor]) -> bool:
    """Whether weights, under their own names, are those of EoMT or VidEoMT."""
    names = set(weights)
    return (
        'query.weight' in names
        and any(name.startswith('upscale_block.') for name in names)
        or any(re.fullmatch(rf'{_OWN}upscale\.0\.conv1\.weight', name) for name in names)
    )


def huggingface_names(weights: Mapping[str, Tensor], joint: int, updater: str = _UPDATER) -> KeyMapping:
    """Names in transformers 4 and 5.

    Args:
        weights: of the file.
        joint: L2 of the config, for files that do not say.
        updater: our name of the linear layer that propagates queries.
    """
    body = (
        (r'norm(\d)\.(.+)', r'norm\1.\2'),
        *((rf'attention\.{part}_proj\.(.+)', rf'attn.qkv.\1#{place}') for place, part in enumerate('qkv')),
        (r'attention\.out_proj\.(.+)', r'attn.proj.\1'),
        (r'layer_scale(\d)\.lambda1', r'ls\1.gamma'),
        (r'mlp\.(?:fc1|weights_in)\.(.+)', r'mlp.fc1.\1'),
        (r'mlp\.(?:fc2|weights_out|down_proj)\.(.+)', r'mlp.fc2.\1'),
        *((rf'mlp\.{part}_proj\.(.+)', rf'mlp.fc1.\1#{place}') for place, part in enumerate(('gate', 'up'))),
    )
    return KeyMapping(
        title='Hugging Face',
        names=(
            *_block_names(r'layers', body, weights, joint),
            (r'embeddings\.(cls_token|register_tokens)', r'backbone.\1'),
            (r'embeddings\.patch_embeddings\.projection\.(.+)', r'backbone.patch_embed.\1'),
            (r'embeddings\.position_embeddings\.weight', POSITIONS),
            (r'layernorm\.(.+)', r'track_head.norm.\1'),
            (r'upscale_block\.block\.(\d+)\.layernorm2d\.(.+)', r'track_head.upscale.\1.norm.\2'),
            (r'upscale_block\.block\.(\d+)\.(.+)', r'track_head.upscale.\1.\2'),
            *((rf'mask_head\.fc{part + 1}\.(.+)', rf'track_head.mask_embed.{2 * part}.\1') for part in range(3)),
            (r'class_predictor\.(.+)', r'track_head.cls_embed.\1'),
            (r'query\.weight', QUERIES[0]),
            (r'query_updater\.(.+)', rf'{updater}.\1'),
            (r'attn_mask_probs', JOINT_MARK),
        ),
        dropped=(r'embeddings\.mask_token', r'embeddings\.position_ids', r'criterion\.empty_weight'),
    )


def authors_names(weights: Mapping[str, Tensor], joint: int, updater: str = _UPDATER) -> KeyMapping:
    """Names in the authors' own files (timm's); arguments as :func:`huggingface_names`."""
    return KeyMapping(
        title="EoMT's authors",
        names=(
            *_block_names(rf'{_TIMM}\.blocks', ((r'(.+)', r'\1'),), weights, joint),
            (rf'{_TIMM}\.(cls_token|pos_embed)', r'backbone.\1'),
            (rf'{_TIMM}\.reg_token', 'backbone.register_tokens'),
            (rf'{_TIMM}\.patch_embed\.proj\.(.+)', r'backbone.patch_embed.\1'),
            (rf'{_TIMM}\.norm\.(.+)', r'track_head.norm.\1'),
            (rf'{_OWN}upscale\.(.+)', r'track_head.upscale.\1'),
            (rf'{_OWN}mask_head\.(.+)', r'track_head.mask_embed.\1'),
            (rf'{_OWN}class_head\.(.+)', r'track_head.cls_embed.\1'),
            (rf'{_OWN}q\.weight', QUERIES[0]),
            (rf'{_OWN}query_updater\.(.+)', rf'{updater}.\1'),
            (rf'{_OWN}attn_mask_probs', JOINT_MARK),
        ),
        dropped=(rf'{_OWN}encoder\.pixel_(mean|std)', r'pixel_(mean|std)', r'criterion\..+'),
    )


def _block_names(
    prefix: str, body: tuple[tuple[str, str], ...], weights: Mapping[str, Tensor], joint: int
) -> list[tuple[str, str]]:
    """Names of all blocks: ours are counted from 0 in the encoder and again in the head."""
    numbers = [int(found[1]) for found in map(THEIR_BLOCK.fullmatch, weights) if found]
    depth = max(numbers, default=-1) + 1
    said = [len(value) for name, value in weights.items() if name.endswith('attn_mask_probs')]
    first = depth - (said[0] if said else joint)
    places = [f'backbone.blocks.{i}' if i < first else f'track_head.blocks.{i - first}' for i in range(depth)]
    return [
        (rf'{prefix}\.{number}\.{theirs}', f'{place}.{ours}')
        for number, place in enumerate(places)
        for theirs, ours in body
    ]


@dataclass(frozen=True)
class VisionTransformer:
    """Sizes of an encoder-only segmenter, as far as weights show them.

    Attributes:
        blocks: L.
        joint: L2.
        dim: D.
        patch: side of a patch, 0 for a convolutional stem.
        registers: R.
        upscalings: how often masks double the sides of the patches' map.
        gated: feed-forward layers with a gate (SwiGLU).
    """

    blocks: int
    joint: int
    dim: int
    patch: int
    registers: int
    upscalings: int
    gated: bool

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> 'VisionTransformer':
        """From weights under our names that include all of ``NEEDED``."""
        joint = _count(weights, r'track_head\.blocks\.(\d+)\..+')
        patch = weights.get('backbone.patch_embed.weight')
        first, second = (weights.get(f'track_head.blocks.0.mlp.fc{part}.weight') for part in (1, 2))
        return cls(
            blocks=joint + _count(weights, r'backbone\.blocks\.(\d+)\..+'),
            joint=joint,
            dim=weights[QUERIES[0]].shape[1],
            patch=patch.shape[-1] if patch is not None else 0,
            registers=weights['backbone.register_tokens'].shape[1] if 'backbone.register_tokens' in weights else 0,
            upscalings=_count(weights, r'track_head\.upscale\.(\d+)\..+'),
            gated=first is not None and second is not None and len(first) == 2 * second.shape[1],
        )

    def describe(self) -> str:
        """Description for messages."""
        return (
            f'{self.blocks} blocks{" with a gate" * self.gated}, the last {self.joint} joint, width {self.dim}, '
            f'patches of {self.patch}, {self.registers} registers, masks at {self.patch / 2**self.upscalings:g} pixels'
        )


def check_same_transformer(
    found: Mapping[str, Tensor], expected: Mapping[str, Tensor], path: str, title: str, config: str
) -> None:
    """As ``check_same_network``, for encoder-only segmenters.

    Raises:
        CheckpointError: the file lacks parts, or has other sizes.
    """
    lacking = [name for name in NEEDED if name not in found]
    if lacking:
        raise CheckpointError(
            f"{path} is no complete EoMT or VidEoMT in {title}'s naming: nothing in it corresponds to {lacking[0]} "
            f'({len(lacking)} of {len(NEEDED)} marks are missing). Download it again.'
        )
    theirs, ours = VisionTransformer.of(found), VisionTransformer.of(expected)
    if theirs != ours:
        raise CheckpointError(
            f'{path} is an encoder-only network of {theirs.describe()}, but {config} describes one of '
            f'{ours.describe()}: use a config of that network, or the file for this one.'
        )


def complete(found: dict[str, Tensor], expected: Mapping[str, Tensor], path: str, reshaped: list[str]) -> None:
    """What our network has in another form: position embeddings of its grid, positions of queries (zeros).

    Args:
        found: the file's tensors under our names, changed.
        expected: state of the config's model.
        path: of the file, for messages.
        reshaped: takes a line for each changed tensor.

    Raises:
        CheckpointError: the file's position embeddings are of no square grid.
    """
    found[QUERIES[1]] = torch.zeros_like(found[QUERIES[0]])
    wanted, positions = expected[POSITIONS].shape[1], found[POSITIONS]
    positions = positions[None] if positions.dim() == 2 else positions  # a table in transformers
    count = positions.shape[1]
    if count != wanted and (count == wanted + 1 or isqrt(count) ** 2 != count):
        # timm's networks without registers: the class token has a row of its own.
        found[CLASS_TOKEN] = found[CLASS_TOKEN] + positions[:, :1]
        positions, count = positions[:, 1:], count - 1
        reshaped.append(f'{POSITIONS}: the row of the class token added to it')
    if count != wanted:
        side, target = isqrt(count), isqrt(wanted)
        if side**2 != count or target**2 != wanted:
            raise CheckpointError(
                f'{path} has {count} position embeddings, the config {wanted}: only square grids can be resampled; set '
                'backbone.grid to that of the file.'
            )
        grid = positions.transpose(1, 2).unflatten(-1, (side, side)).float()
        resized = interpolate(grid, (target, target), mode='bicubic', antialias=True)
        positions = resized.flatten(2).transpose(1, 2).to(positions.dtype)
        reshaped.append(f'{POSITIONS}: {side} x {side} patches to {target} x {target}')
    found[POSITIONS] = positions.contiguous()


def _count(weights: Mapping[str, Tensor], pattern: str) -> int:
    return len({found[1] for found in (re.fullmatch(pattern, name) for name in weights) if found})
