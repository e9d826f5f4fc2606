"""YouTube-VIS 2019 or 2021, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/youtube_vis.py DOWNLOAD --year 2021 --out data/youtube_vis_2021 --jobs 8

Writes <split>/JPEGImages and <split>/instances.json with compressed masks; a tenth of the training videos goes to
train/instances_held_out.json, the rest to train/instances_fit.json. After an interruption run it again to resume.
"""

import argparse

from gvseg.conversion.command import run
from gvseg.conversion.common import Job
from gvseg.conversion.instances import convert_instances


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this dataset."""
    parser.add_argument('--year', choices=('2019', '2021'), default='2021')


def convert(job: Job, year: str) -> dict[str, int]:
    """Convert the selected version."""
    return convert_instances(job, f'youtube_vis_{year}')


if __name__ == '__main__':
    run(__doc__, convert, add_options)
