"""YouTube-VOS 2018, as downloaded, to the layout that GvSeg reads.

    python tools/dataset_converters/youtube_vos.py DOWNLOAD --out data/youtube_vos_2018 --jobs 8

A tenth of the training videos goes to train/meta_held_out.json, the rest to train/meta_fit.json.
"""

from gvseg.conversion.command import run
from gvseg.conversion.objects import convert_youtube_vos

if __name__ == '__main__':
    run(__doc__, convert_youtube_vos)
