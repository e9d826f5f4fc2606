"""Export the network of one clip: pixels in, masks, descriptors and query embeddings out.

    python tools/deployment/export.py CONFIG CHECKPOINT work_dirs/clip.onnx --height 480 --width 864

Association stays in Python (docs/pretrained_weights.md has an example). The suffix chooses the format: ``.onnx``
for ONNX (needs onnx and onnxscript), ``.pt2`` for ``torch.export``. A graph has one input size; its sides must be
divisible by 32. With ``--check`` the graph runs once on noise and is compared with the model.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gvseg.entry import entry_point
from gvseg.utils.errors import ConfigError, InputError

if TYPE_CHECKING:
    import torch

STRIDE = 32


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config')
    parser.add_argument('checkpoint')
    parser.add_argument('out', type=Path, help='file to write, .onnx or .pt2')
    parser.add_argument('--height', type=int, default=480)
    parser.add_argument('--width', type=int, default=864)
    parser.add_argument('--recipe', help='of a general model: which of its recipes to export')
    parser.add_argument('--check', action='store_true', help='run the graph and print the largest difference')
    return parser.parse_args(arguments)


def outputs_of(path: Path, frames: torch.Tensor) -> list[torch.Tensor]:
    """Outputs of the exported graph for frames (T, 3, H, W).

    Raises:
        InputError: onnxruntime is missing.
    """
    import torch

    if path.suffix == '.pt2':
        with torch.no_grad():
            return list(torch.export.load(path).module()(frames))
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError('--check of an ONNX file needs onnxruntime: pip install onnxruntime') from error
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    return [torch.from_numpy(value) for value in session.run(None, dict(frames=frames.numpy()))]


def export(arguments: argparse.Namespace) -> None:
    """Load the model, write the graph and optionally compare them."""
    import torch

    from gvseg.apis import load_model
    from gvseg.apis.export import OUTPUTS, ClipNetwork, export_onnx, export_program, exportable_model
    from gvseg.utils.config import load_config

    if arguments.out.suffix not in ('.onnx', '.pt2'):
        raise InputError(f'{arguments.out}: the suffix chooses the format, .onnx or .pt2.')
    if arguments.height % STRIDE or arguments.width % STRIDE or min(arguments.height, arguments.width) < STRIDE:
        raise InputError(
            f'A graph of {arguments.width} x {arguments.height} pixels is not possible: both sides must '
            f'be multiples of {STRIDE}.'
        )
    config = load_config(arguments.config, dict(recipe=arguments.recipe) if arguments.recipe else None)
    if 'model' in config:
        config.model = exportable_model(config.model)
    model, config = load_model(config, arguments.checkpoint)
    length = config.get('clip_length')
    if not length:
        raise ConfigError(f'{arguments.config} has no clip_length: add the number of frames of a clip to it.')
    network = ClipNetwork(model).eval()
    frames = 255 * torch.rand(length, 3, arguments.height, arguments.width)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    program = export_program(network, frames)
    if arguments.out.suffix == '.onnx':
        export_onnx(program, arguments.out)
    else:
        torch.export.save(program, arguments.out)
    print(f'written: {arguments.out}, {arguments.out.stat().st_size / 1e6:.1f} MB')
    if arguments.check:
        with torch.no_grad():
            expected = network(frames)
        for name, own, found in zip(OUTPUTS, expected, outputs_of(arguments.out, frames)):
            difference = (own.float() - found.float()).abs().max()
            print(f'{name:14}{str(tuple(own.shape)):24}largest difference {difference:.1e}')


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    export(arguments)


if __name__ == '__main__':
    sys.exit(main())
