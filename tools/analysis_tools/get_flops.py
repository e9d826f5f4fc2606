"""Count the parameters of a model and the FLOPs of one clip.

Counts matrix products, convolutions and attention (two operations per multiply-add) at run time, without tracing.
Other operations and mmcv's CUDA kernels are not counted; of deformable attention on a CPU only the projections are.

Example:
    python tools/analysis_tools/get_flops.py configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py --shape 720 1280
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gvseg.entry import entry_point
from gvseg.utils.arguments import add_config_options

if TYPE_CHECKING:
    from mmengine.config import Config
    from torch import nn

PARTS = (
    *('backbone', 'track_head.pixel_decoder', 'track_head.transformer_decoder'),
    *('track_head.blocks', 'track_head.upscale'),  # of an encoder-only network
)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; names are those of the OpenMMLab tool."""
    parser = argparse.ArgumentParser(description='Count parameters and operations')
    parser.add_argument('config', help='config file')
    parser.add_argument('--shape', type=int, nargs='+', default=[720, 1280], help='height and width; one number: both')
    add_config_options(parser)
    return parser.parse_args(arguments)


def parts_of(model: nn.Module) -> list[str]:
    """Names of the main modules that a model has."""
    names = {name for name, _ in model.named_modules()}
    return [name for name in PARTS if name in names]


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Parameters of the model and its main modules."""
    counts = {'all': sum(p.numel() for p in model.parameters())}
    for name in parts_of(model):
        counts[name] = sum(p.numel() for p in model.get_submodule(name).parameters())
    return counts


def count_operations(model: nn.Module, config: Config, size: tuple[int, int]) -> dict[str, int]:
    """Operations of one clip, in total and of the main modules."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode  # torch 2.1 and later

    from gvseg.apis.dummy_clip import dummy_clip

    inputs, sample = dummy_clip(config, size)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(inputs, [sample], mode='predict')
    found = {name.split('.', 1)[-1]: sum(part.values()) for name, part in counter.get_flop_counts().items()}
    return {'all': counter.get_total_flops(), **{name: _part(found, name) for name in parts_of(model)}}


def _part(found: dict[str, int], name: str) -> int:
    """Operations of a module; the head calls the decoder's layers directly, so they are summed."""
    layers = [count for key, count in found.items() if re.fullmatch(rf'{re.escape(name)}(\.layers)?\.\d+', key)]
    return found.get(name) or sum(layers)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.apis.loading import load_model
    from gvseg.utils.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    config.model.backbone.init_cfg = None
    model, config = load_model(config, None)
    # Padded to a multiple of the strides and of Swin's windows, as in the preprocessor.
    size = tuple(-(-side // 32) * 32 for side in (arguments.shape * 2)[:2])
    parameters, operations = count_parameters(model), count_operations(model, config, size)
    frames = config.get('clip_length') or config.model.track_head.num_frames
    print(f'{arguments.config}: one clip of {frames} frames of {size[0]}x{size[1]} (padded to 32)')
    for name in ('all', *parts_of(model)):
        print(f'{name:<32} {parameters[name] / 1e6:9.2f} M parameters {operations[name] / 1e9:10.2f} G operations')


if __name__ == '__main__':
    sys.exit(main())
