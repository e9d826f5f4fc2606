"""Write Moving Shapes videos in the file formats of the four benchmarks.

Example:
    python tools/dataset_converters/moving_shapes.py \
        --out data/moving_shapes --split train --videos 400 --seed 0 --jobs 2
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point
from gvseg.formats.errors import InputError
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.progress import ProgressBar


def frame_size(text: str) -> tuple[int, int]:
    """Parse ``HxW``."""
    try:
        height, width = (int(part) for part in text.lower().split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not a size: write height x width, e.g. 96x160') from None
    return height, width


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', type=Path, default='data/moving_shapes')
    parser.add_argument('--split', default='train', help='folder under --out; part of the seed')
    parser.add_argument('--videos', type=int, default=100)
    parser.add_argument('--frames', type=int, default=30)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--size', type=frame_size, default=(96, 160), metavar='HxW')
    parser.add_argument(
        '--occluders',
        type=int,
        default=0,
        help='moving bars per video that hide its things for 1 to 8 clips of 3 frames',
    )
    parser.add_argument('--jobs', type=int, default=1)
    return parser.parse_args(arguments)


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    settings = SplitSettings(
        arguments.split, arguments.videos, arguments.frames, arguments.seed, arguments.size, arguments.occluders
    )
    try:
        made = generate_split(arguments.out, settings, arguments.jobs, ProgressBar('videos', arguments.videos).step)
    except OSError as error:
        raise InputError(error.strerror or error, arguments.out) from error
    state = 'written to' if made else 'already complete in'
    print(f'Moving Shapes {settings.split}: {settings.videos} videos {state} {arguments.out / settings.split}')


if __name__ == '__main__':
    sys.exit(main())
