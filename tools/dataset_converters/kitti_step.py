"""KITTI-STEP, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/kitti_step.py DOWNLOAD --out data/kitti_step --jobs 8

DOWNLOAD holds training/image_02 of KITTI's tracking benchmark (left colour images) and panoptic_maps of KITTI-STEP.
"""

from gvseg.conversion.command import run
from gvseg.conversion.kitti_step import convert_kitti_step

if __name__ == '__main__':
    run(__doc__, convert_kitti_step)
