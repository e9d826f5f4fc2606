"""Start a GvSeg config from the files of EoMT's and VidEoMT's authors (.pth, .bin; timm's names).

    python tools/model_converters/eomt_to_gvseg.py yt_2019_vit_small_52.8.pth \\
        configs/vis/gvseg-vis_vit-s_8xb1-40k_youtube-vis-2019.py work_dirs/videomt.pth

Folders of transformers' EoMT and VidEoMT (config.json) are read by huggingface_to_gvseg.py. Class rows are taken over
by name, what the file has nothing for is initialised afresh; both are listed. Nothing in the file is run. See
docs/pretrained_weights.md.
"""

import sys

from gvseg.apis.conversion_command import run_converter

if __name__ == '__main__':
    sys.exit(run_converter('eomt', __doc__))
