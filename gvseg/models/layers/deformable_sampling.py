"""Sums of bilinear samples of feature maps, the core of deformable attention, by whichever implementation is at hand.

Shapes: B frames, S tokens of all levels, L querying tokens, heads h, levels l, points p, d channels of a head.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from mmcv.ops.multi_scale_deform_attn import MultiScaleDeformableAttnFunction, multi_scale_deformable_attn_pytorch
from torch import Tensor

from gvseg.core.descriptors.tables import cached_table
from gvseg.core.graphs import is_recording

Sizes = Sequence[tuple[int, int]]
"""Height and width of every level."""
_broken: list[Exception] = []
"""Why deformops is not used any more."""
CHUNK = 2048
"""Tokens of a frame whose indices and weights are held at a time: a few megabytes, which stay in the cache."""


@lru_cache(maxsize=1)
def kernels_are_compiled() -> bool:
    """Whether this mmcv brings its compiled operators (our stand-in module has no file on disk)."""
    try:
        spec: ModuleSpec | None = find_spec('mmcv._ext')
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and spec.origin.endswith(('.so', '.pyd'))


@lru_cache(maxsize=1)
def triton_kernel():
    """The function of the package deformops (Python >= 3.12, torch >= 2.11) and its Triton backend, or ``None``."""
    try:
        if _broken:
            return None
        from deformops.registry import Backend, msda
    except ImportError:
        return None
    return msda, Backend.TRITON


def implementation(value: Tensor) -> str:
    """Which implementation samples ``value``: ``'deformops'``, ``'mmcv'``, ``'torch'`` or ``'embedding_bag'``.

    On CUDA a kernel where one is installed, deformops before mmcv because it takes half precision; plain torch in
    graphs, and in training on a CPU, where it gives mmdet's numbers bit for bit.
    """
    if is_recording() and value.device.type == 'cpu':
        return 'torch'
    if value.is_cuda:
        return 'deformops' if triton_kernel() else 'mmcv' if kernels_are_compiled() else 'torch'
    return 'torch' if torch.is_grad_enabled() or value.device.type != 'cpu' else 'embedding_bag'


def sample_levels(value: Tensor, sizes: Sizes, centres: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
    """Weighted sum of bilinear samples around every token's place in every level; zero outside of the maps.

    Args:
        value: (B, S, h, d), coarsest level first.
        sizes: of the levels.
        centres: places (x, y) of the tokens as fractions of the frame, (L, 2), or in every level (B, L, l, 2).
        offsets: of the samples from there in pixels of the sampled level, (B, L, h, l, p, 2).
        weights: (B, L, h, l, p).

    Returns:
        (B, L, h * d), of the type of ``value``.
    """
    chosen = implementation(value)
    if chosen == 'embedding_bag' and centres.dim() == 2:
        return sample_in_bags(value.float(), sizes, centres, offsets, weights).to(value.dtype)
    extents = _extents(sizes, offsets)
    centres = centres[:, None, None, None] if centres.dim() == 2 else centres[:, :, None, :, None]
    places = centres + offsets / extents[:, None]
    if chosen == 'deformops':
        function, backend = triton_kernel()
        arguments = (value, *_level_tensors(sizes, value.device), places, weights.to(value.dtype))
        try:
            return function(*arguments, backend=backend)
        except Exception as error:  # its own, or that of a compiler at run time
            warnings.warn(f'deformops cannot run here ({error}): deformable attention continues without it.')
            triton_kernel.cache_clear()
            _broken.append(error)
            chosen = implementation(value)
    # mmcv's kernel does not support bfloat16, and half precision would blur the places.
    parts = value.float(), places.float(), weights.float()
    if chosen == 'mmcv':
        mixed = MultiScaleDeformableAttnFunction.apply(
            parts[0], *_level_tensors(sizes, value.device), parts[1].contiguous(), parts[2].contiguous(), 64
        )
    else:
        mixed = multi_scale_deformable_attn_pytorch(parts[0], sizes, *parts[1:])
    return mixed.to(value.dtype)


@cached_table(maxsize=16)
def _level_tensors(sizes: tuple, device: torch.device) -> tuple[Tensor, Tensor]:
    """Sizes of the levels and first token of each, as kernels take them."""
    areas = [height * width for height, width in sizes]
    starts = [sum(areas[:level]) for level in range(len(sizes))]
    return torch.tensor(sizes, device=device), torch.tensor(starts, device=device)


def _extents(sizes: Sizes, like: Tensor) -> Tensor:
    """Width and height of every level, (l, 2), without waiting for the device."""
    sides = [
        torch.stack([torch.full((), float(side), dtype=like.dtype, device=like.device) for side in size[::-1]])
        for size in sizes
    ]
    return torch.stack(sides)


# On a CPU ---------------------------------------------------------------------------------------------------------


def sample_in_bags(value: Tensor, sizes: Sizes, centres: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
    """:func:`sample_levels` as one ``embedding_bag`` per chunk of tokens, without gradients; the arguments are its.

    A sample is a weighted sum of four rows of a table (S', d), a token's output one of 4 l p rows: what is sampled is
    never stored. Five times as fast as ``grid_sample`` by level.
    """
    batch, tokens, heads = offsets.shape[:3]
    table = _padded_table(value, sizes)
    out = value.new_empty(batch, tokens * heads, value.shape[-1])
    x_offsets, y_offsets = offsets.float().unbind(-1)
    for first in range(0, tokens, CHUNK):
        part = slice(first, min(first + CHUNK, tokens))
        for frame in range(batch):
            places = (x_offsets[frame, part], y_offsets[frame, part])
            rows, shares = _rows_and_shares(places, centres[part].float(), weights[frame, part].float(), sizes)
            count = rows.shape[-3] * rows.shape[-2] * rows.shape[-1]
            starts = torch.arange(0, rows.numel(), count, dtype=torch.int32)
            out[frame, part.start * heads : part.stop * heads] = F.embedding_bag(
                rows.view(-1), table[frame], starts, mode='sum', per_sample_weights=shares.view(-1)
            )
    return out.view(batch, tokens, -1)


def _padded_table(value: Tensor, sizes: Sizes) -> Tensor:
    """Levels with a border of zeros, one pixel before and two behind, as rows of all heads, (B, S' * h, d)."""
    levels = value.split([height * width for height, width in sizes], 1)
    padded = [F.pad(level.unflatten(1, size), (0, 0, 0, 0, 1, 2, 1, 2)) for level, size in zip(levels, sizes)]
    return torch.cat([level.flatten(1, 3) for level in padded], 1)


def _rows_and_shares(
    offsets: tuple[Tensor, Tensor], centres: Tensor, weights: Tensor, sizes: Sizes
) -> tuple[Tensor, Tensor]:
    """Rows of the padded table and their shares, both (L, h, 4, l, p); x and y offsets and weights (L, h, l, p)."""
    heads = weights.shape[1]
    height, width = torch.tensor(sizes, dtype=torch.float32).T[..., None]
    strides, first = _table_layout(sizes, heads)
    rows, columns, lowest = *offsets[::-1], torch.tensor(-1.0)
    rows = (rows + (centres[:, 1:] * height[:, 0] - 0.5)[:, None, :, None]).clamp_(lowest, height)
    columns = (columns + (centres[:, :1] * width[:, 0] - 0.5)[:, None, :, None]).clamp_(lowest, width)
    top, left = rows.floor(), columns.floor()
    rows -= top
    columns -= left
    places = torch.empty(*weights.shape[:2], 4, *weights.shape[2:], dtype=torch.int32)
    places[:, :, 0] = top.mul_(strides).add_(left, alpha=heads).add_(first)
    torch.add(places[:, :, 0], heads, out=places[:, :, 1])
    torch.add(places[:, :, :2], strides.int(), out=places[:, :, 2:])
    shares = torch.empty(places.shape)
    right = columns.mul_(weights)
    for side, share in enumerate((weights - right, right)):
        torch.mul(share, rows, out=shares[:, :, 2 + side])
        torch.sub(share, shares[:, :, 2 + side], out=shares[:, :, side])
    return places, shares


@cached_table(maxsize=16)
def _table_layout(sizes: tuple, heads: int) -> tuple[Tensor, Tensor]:
    """Rows of the padded table from one line of a level to the next, (l, 1), and to pixel (0, 0), (h, l, 1)."""
    areas = [(height + 3) * (width + 3) for height, width in sizes]
    strides = torch.tensor([width + 3.0 for _, width in sizes])
    starts = torch.tensor([float(sum(areas[:level])) for level in range(len(sizes))])
    first = (starts + strides + 1) * heads + torch.arange(heads)[:, None]
    return (strides * heads)[:, None], first[..., None]
