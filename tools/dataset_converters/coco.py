"""COCO 2017, as downloaded, to the layout of pseudo videos.

    python tools/dataset_converters/coco.py DOWNLOAD --split train2017 --out data/coco --jobs 8

Writes annotations/pseudo_<split>.json: images with objects, without crowds and objects of zero area.
"""

import argparse

from gvseg.conversion.coco import PUBLISHED, convert_coco
from gvseg.conversion.command import run


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this dataset."""
    parser.add_argument('--split', choices=sorted(PUBLISHED), default='train2017')


if __name__ == '__main__':
    run(__doc__, convert_coco, add_options)
