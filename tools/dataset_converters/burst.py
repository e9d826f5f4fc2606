"""BURST, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/burst.py DOWNLOAD --out data/burst --jobs 8

DOWNLOAD holds annotations/{train,val,test} of BURST and frames/{train,val,test} of TAO.
"""

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
from gvseg.datasets.conversion.burst import convert_burst
from gvseg.datasets.conversion.command import run

if __name__ == '__main__':
    run(__doc__, convert_burst)
