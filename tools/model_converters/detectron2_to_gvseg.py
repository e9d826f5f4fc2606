"""Start a GvSeg config from the original Mask2Former, its video version, or MinVIS (detectron2 files, .pkl or .pth).

    python tools/model_converters/detectron2_to_gvseg.py model_final_94dc52.pkl \\
        configs/vps/gvseg-vps_r50_zero-shot_coco.py work_dirs/coco.pth

Class rows are taken over by name, what the file has nothing for is initialised afresh; both are listed. Nothing in the
file is run. See docs/pretrained_weights.md.
"""

import sys

from gvseg.apis.conversion_command import run_converter

if __name__ == '__main__':
    sys.exit(run_converter('detectron2', __doc__))
