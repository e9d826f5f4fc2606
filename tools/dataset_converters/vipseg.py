"""VIPSeg, as downloaded, to the layout that GvSeg and the benchmark's evaluation read.

    python tools/dataset_converters/vipseg.py DOWNLOAD --out data/vipseg_720p --height 720 --jobs 8

Writes imgs, panomasksRGB and panoptic_gt_VIPSeg_<split>.json. Published numbers are for a height of 720, as
in the authors' script; without --height files keep their size. After an interruption run it again to resume.
"""

import argparse

from gvseg.conversion.command import run
from gvseg.conversion.vipseg import convert_vipseg


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this dataset."""
    parser.add_argument('--height', type=int, default=0, help='new height of the frames, 0 = keep')


if __name__ == '__main__':
    run(__doc__, convert_vipseg, add_options)
