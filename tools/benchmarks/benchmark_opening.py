"""Measure the CPU time of opening a generated YouTube-VIS dataset of thousands of videos.

    python tools/benchmarks/benchmark_opening.py            # 2,985 videos, 268,650 masks of 720p
    python tools/benchmarks/benchmark_opening.py --videos 300

Frames are empty files, as opening must not read them. Masks have run lengths as long as those of real objects.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask as coco_mask

from gvseg.entry import entry_point
from gvseg.formats.class_lists import YOUTUBE_VIS_2021_CLASSES

HEIGHT, WIDTH = 720, 1280


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--videos', type=int, default=2985)
    parser.add_argument('--frames', type=int, default=30)
    parser.add_argument('--objects', type=int, default=3)
    return parser.parse_args(arguments)


def blob(random: np.random.Generator) -> dict:
    """A mask with a wavy outline, COCO RLE."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    down, right = rows - random.uniform(200, 520), columns - random.uniform(300, 980)
    waves = 1 + 0.2 * np.sin(random.integers(3, 9) * np.arctan2(down, right))
    code = coco_mask.encode(np.asfortranarray(np.hypot(down, right) < waves * random.uniform(80, 200), np.uint8))
    return dict(size=list(code['size']), counts=code['counts'].decode())


def write(root: Path, arguments: argparse.Namespace) -> Path:
    """The annotation file, and an empty file for every frame."""
    random = np.random.default_rng(0)
    blobs = [blob(random) for _ in range(50)]
    videos: list[dict] = []
    tubes: list[dict] = []
    for video in range(arguments.videos):
        names = [f'video_{video:05d}/{frame:05d}.jpg' for frame in range(arguments.frames)]
        (root / 'JPEGImages' / names[0]).parent.mkdir(parents=True)
        for name in names:
            (root / 'JPEGImages' / name).touch()
        videos.append(dict(id=video + 1, file_names=names, height=HEIGHT, width=WIDTH, length=len(names)))
        for _ in range(arguments.objects):
            masks = [blobs[number] for number in random.integers(0, len(blobs), len(names))]
            tubes.append(
                dict(
                    id=len(tubes) + 1,
                    video_id=video + 1,
                    category_id=int(random.integers(1, 41)),
                    iscrowd=0,
                    segmentations=masks,
                    height=HEIGHT,
                    width=WIDTH,
                )
            )
    categories = [dict(id=number, name=name) for number, name in enumerate(YOUTUBE_VIS_2021_CLASSES, 1)]
    path = root / 'instances.json'
    path.write_text(json.dumps(dict(videos=videos, categories=categories, annotations=tubes)))
    return path


def opened(root: Path, **options: Any) -> float:
    """CPU seconds to open the dataset."""
    from mmdet.registry import DATASETS

    start = time.process_time()
    DATASETS.build(
        dict(
            type='YouTubeVIS2021Dataset',
            data_root=str(root),
            ann_file='instances.json',
            data_prefix=dict(img_path='JPEGImages'),
            pipeline=[],
            **options,
        )
    )
    return time.process_time() - start


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from mmengine.registry import init_default_scope

    init_default_scope('mmdet')
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), arguments)
        masks = arguments.videos * arguments.frames * arguments.objects
        print(f'{arguments.videos:,} videos, {masks:,} masks, {path.stat().st_size / 1e6:.0f} MB')
        print(f'opened in {opened(path.parent):.1f} s')
        cache = str(path.parent / 'cache')
        print(f'opened in {opened(path.parent, cache_dir=cache):.1f} s, which fills the cache')
        print(f'opened in {opened(path.parent, cache_dir=cache):.1f} s from the cache')


if __name__ == '__main__':
    sys.exit(main())
