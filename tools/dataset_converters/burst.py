"""BURST, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/burst.py DOWNLOAD --out data/burst --jobs 8

DOWNLOAD holds annotations/{train,val,test} of BURST and frames/{train,val,test} of TAO.
"""

from gvseg.conversion.burst import convert_burst
from gvseg.conversion.command import run

if __name__ == '__main__':
    run(__doc__, convert_burst)
