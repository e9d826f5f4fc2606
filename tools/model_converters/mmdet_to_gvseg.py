"""Start a GvSeg config from mmdet's Mask2Former (image or video).

    python tools/model_converters/mmdet_to_gvseg.py mask2former_r50_8xb2-lsj-50e_coco-panoptic.pth \\
        configs/vps/gvseg-vps_r50_zero-shot_coco.py work_dirs/coco.pth

Class rows are taken over by name, what the file has nothing for is initialised afresh; both are listed. Nothing in the
file is run. See docs/pretrained_weights.md.
"""

import sys

from gvseg.apis.conversion_command import run_converter

if __name__ == '__main__':
    sys.exit(run_converter('mmdet', __doc__))
