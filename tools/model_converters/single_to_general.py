"""Start a general model from the weights of a model of one task.

Example:
    python tools/model_converters/single_to_general.py configs/general/gvseg-general_tiny_1xb2-8k_moving-shapes.py \\
        weights/gvseg-vps_tiny_moving-shapes.pth work_dirs/gvseg-general_tiny_start.pth --recipe vps
"""

import sys

from gvseg.apis.general_start import convert, parse_arguments
from gvseg.entry import entry_point

if __name__ == '__main__':
    sys.exit(entry_point(parse_arguments)(convert)())
