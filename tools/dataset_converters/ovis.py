"""OVIS, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/ovis.py DOWNLOAD --out data/ovis --jobs 8

Writes <split>/JPEGImages and <split>/instances.json with compressed masks; a tenth of the training videos goes to
train/instances_held_out.json, the rest to train/instances_fit.json. After an interruption run it again to resume.
"""

from functools import partial

from gvseg.conversion.command import run
from gvseg.conversion.instances import convert_instances

if __name__ == '__main__':
    run(__doc__, partial(convert_instances, benchmark='ovis'))
