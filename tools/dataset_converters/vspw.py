"""VSPW, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/vspw.py DOWNLOAD --out data/vspw --jobs 8

Checks that every training and validation frame has its mask; writes <split>.txt and data/<video>/{origin,mask}.
"""

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
from gvseg.datasets.conversion.command import run
from gvseg.datasets.conversion.semantic import convert_vspw

if __name__ == '__main__':
    run(__doc__, convert_vspw)
