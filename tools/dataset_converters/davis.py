"""DAVIS 2016 or 2017, as downloaded, to the layout that GvSeg reads.

python tools/dataset_converters/davis.py DOWNLOAD --year 2017 --out data/davis --jobs 4
"""

import argparse

from gvseg.conversion.command import run
from gvseg.conversion.objects import DAVIS, convert_davis


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this dataset."""
    parser.add_argument('--year', choices=sorted(DAVIS), default='2017')


if __name__ == '__main__':
    run(__doc__, convert_davis, add_options)
