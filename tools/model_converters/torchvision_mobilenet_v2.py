"""Convert torchvision's MobileNetV2 weights to a backbone checkpoint for mmdet's MobileNetV2.

    python tools/model_converters/torchvision_mobilenet_v2.py mobilenet_v2-b0353104.pth work_dirs/mobilenet_v2.pth

The result is used as ``init_cfg=dict(type='Pretrained', checkpoint=...)`` of the backbone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gvseg.entry import entry_point
from gvseg.utils.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

BLOCKS_PER_STAGE = (1, 2, 3, 4, 3, 3, 1)  # t, c, n, s table of the MobileNetV2 paper, column n


def stage_of_block(block: int) -> tuple[int, int]:
    """(stage from 1, block in it from 0) of inverted residual block 1 to 17."""
    first = 1
    for stage, count in enumerate(BLOCKS_PER_STAGE, start=1):
        if block < first + count:
            return stage, block - first
        first += count
    raise ValueError(f'MobileNetV2 has {first - 1} blocks, there is no block {block}')


def rename(name: str) -> str | None:
    """mmdet's name of a torchvision parameter; ``None`` for the classifier and the layer before it."""
    parts = name.split('.')
    if parts[0] != 'features' or parts[1] == '18':
        return None
    if parts[1] == '0':
        return f'conv1.{("conv", "bn")[int(parts[2])]}.{parts[3]}'
    stage, block = stage_of_block(int(parts[1]))
    # Block 1 has no expansion, so it starts with the depthwise convolution.
    convolutions = (
        ['depthwise_conv', 'linear_conv'] if parts[1] == '1' else ['expand_conv', 'depthwise_conv', 'linear_conv']
    )
    index = int(parts[3])
    if len(parts) == 6:  # conv.<index>.<0 conv, 1 norm>.<tensor>
        layer, kind = convolutions[index], ('conv', 'bn')[int(parts[4])]
    else:  # the linear convolution and its norm are direct children of the block
        layer, kind = 'linear_conv', 'conv' if index == len(convolutions) - 1 else 'bn'
    return f'layer{stage}.{block}.{layer}.{kind}.{parts[-1]}'


def convert(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of the feature extractor with mmdet's names.

    Raises:
        ValueError: These are not MobileNetV2 weights of torchvision.
    """
    if 'features.0.0.weight' not in weights or 'features.17.conv.3.weight' not in weights:
        raise ValueError("these are not torchvision's MobileNetV2 weights (no features.0.0.weight)")
    renamed = {rename(name): value for name, value in weights.items()}
    renamed.pop(None, None)
    return renamed


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    return parser.parse_args(arguments)


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    import torch

    from gvseg.utils.checkpoint import read_state

    try:
        weights = convert(read_state(str(arguments.source)))
    except ValueError as error:
        raise error if isinstance(error, CheckpointError) else CheckpointError(error, arguments.source) from error
    arguments.target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=weights), arguments.target)
    print(f'{arguments.target}: {len(weights)} tensors')


if __name__ == '__main__':
    sys.exit(main())
