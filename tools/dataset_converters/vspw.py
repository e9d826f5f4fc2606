"""VSPW, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/vspw.py DOWNLOAD --out data/vspw --jobs 8

Checks that every training and validation frame has its mask; writes <split>.txt and data/<video>/{origin,mask}.
"""

from gvseg.conversion.command import run
from gvseg.conversion.semantic import convert_vspw

if __name__ == '__main__':
    run(__doc__, convert_vspw)
