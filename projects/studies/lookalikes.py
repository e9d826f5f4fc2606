"""Whether an EVS model keeps objects apart that look alike: photos of several cats, one of them twice, as videos.

    python projects/studies/lookalikes.py PHOTOS CONFIG CHECKPOINT       # images/, labels/ in YOLO form

All cats of a pseudo video (those of ``association_on_real_tracks.py``, always with a twin) are shown by their masks in
the first frame. An object keeps its identity in a later frame if what is reported as this object covers more of it than
of any other one. Printed for the model as it is, and without shape-position cues.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gvseg.entry import entry_point

if TYPE_CHECKING:
    from gvseg.apis import VideoSegmenter

VARIANTS: dict[str, dict] = {
    'as configured': {},
    'no shape-position cues': {'model.track_head.cue_injection': None},
    'no cues, no location': {
        'model.track_head.cue_injection': None,
        'model.track_head.query_initializer.with_location': False,
    },
}


def counts_of(segmenter: VideoSegmenter, item: dict) -> np.ndarray:
    """Objects of later frames whose identity is kept, sum of their IoU, and their number, (3,)."""
    images, masks, ids = item['img'], item['gt_masks'], item['gt_instances_ids']
    for identity, mask in zip(ids[0].tolist(), masks[0].masks):
        segmenter.add_object(0, mask=mask, identity=identity)
    total = np.zeros(3)
    frames = zip(segmenter.stream(images), masks, ids)
    next(frames)
    for result, truth, present in frames:
        found = result.pred_object_map.sem_seg[0].numpy()
        true = np.asarray(truth.masks, bool)
        for row, identity in enumerate(present.tolist()):
            if identity not in ids[0] or not true[row].any():
                continue
            mine = found == identity
            covered = (true & mine).sum((1, 2))
            kept = covered[row] > 0 and covered[row] == covered.max()
            total += kept, covered[row] / (true[row] | mine).sum(), 1
    return total


def study(arguments: argparse.Namespace) -> dict[str, np.ndarray]:
    """Counts (photos, 3) of every variant."""
    from association_on_real_tracks import pseudo_videos

    from gvseg.apis import VideoSegmenter
    from gvseg.utils.config import load_config

    segmenters = {
        name: VideoSegmenter(load_config(arguments.config, changes), arguments.checkpoint)
        for name, changes in VARIANTS.items()
    }
    data, found = pseudo_videos(arguments.photos, arguments.length, 1.0), {name: [] for name in VARIANTS}
    data.full_init()
    for index in range(len(data)):
        item = data.prepare_data((index, 0))
        if item is None or len(item['gt_instances_ids'][0]) < 2:
            continue
        for name, segmenter in segmenters.items():
            found[name].append(counts_of(segmenter, item))
        print(f'{index}: {len(item["gt_instances_ids"][0])} objects', file=sys.stderr)
        if len(found[name]) == arguments.videos:
            break
    return {name: np.array(rows) for name, rows in found.items()}


def table(found: dict[str, np.ndarray]) -> str:
    """Markdown table."""
    lines = ['| | identity kept | mean IoU | objects x frames |', '|---|---|---|---|']
    for name, rows in found.items():
        kept, overlap, number = rows.sum(0)
        lines.append(f'| {name} | {100 * kept / number:.1f} % | {100 * overlap / number:.1f} | {number:.0f} |')
    return '\n'.join(lines)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('photos', type=Path)
    parser.add_argument('config', help='config file of the evs task')
    parser.add_argument('checkpoint')
    parser.add_argument('--videos', type=int, default=10)
    parser.add_argument('--length', type=int, default=13, help='frames of a video')
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.utils import register_all_modules

    register_all_modules()
    print(table(study(arguments)))


if __name__ == '__main__':
    sys.exit(main())
