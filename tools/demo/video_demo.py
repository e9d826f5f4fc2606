"""Segment a video: the command ``gvseg segment`` from a checkout (``gvseg/cli/segment.py``).

python tools/demo/video_demo.py VIDEO --task evs --points 0:120,80
python tools/demo/video_demo.py --help
"""

import argparse
import sys

from gvseg.cli.segment_options import parse_arguments
from gvseg.entry import entry_point


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> int:
    """Entry point."""
    from gvseg.cli.segment import segment

    return segment(arguments)


if __name__ == '__main__':
    sys.exit(main())
