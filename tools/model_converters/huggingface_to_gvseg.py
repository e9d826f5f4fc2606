"""Start a GvSeg config from Hugging Face's Mask2FormerForUniversalSegmentation (a folder, or .safetensors or .bin).

    python tools/model_converters/huggingface_to_gvseg.py mask2former-swin-base-coco-panoptic/ \\
        configs/vps/gvseg-vps_swin-b_zero-shot_coco.py work_dirs/coco.pth

Class rows are taken over by name, what the file has nothing for is initialised afresh; both are listed. Nothing in the
file is run. See docs/pretrained_weights.md.
"""

import sys

from gvseg.apis.conversion_command import run_converter

if __name__ == '__main__':
    sys.exit(run_converter('huggingface', __doc__))
