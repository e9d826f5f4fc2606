"""Score saved results with a benchmark's own rules: the command ``gvseg evaluate`` from a checkout.

    python tools/evaluate.py BENCHMARK --gt PATH --pred PATH [--out FILE.json] [--jobs N]

Needs numpy, scipy, pycocotools, OpenCV and Pillow only; see ``gvseg/cli/evaluate.py``.
"""

import sys

from gvseg.cli.evaluate import main

if __name__ == '__main__':
    sys.exit(main())
