"""Compare frames a second of the training pipeline with mmdet's video pipeline, on the same generated files.

    python tools/benchmarks/loader.py                     # YouTube-VIS files of 720p, clips of 6 frames
    python tools/benchmarks/loader.py --size 480 854 --objects 5

Both read JPEG frames and RLE masks, resize to a short side of 360, flip half of the clips and pack them. GvSeg draws
two clips of three frames from a video; ``GvSeg, config`` is the whole pipeline of the YouTube-VIS config, which also
chooses the reference clip among six, varies the size and crops. One process and thread, CPU seconds; turns alternate.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from evaluators_inputs import Blob, encode
from pycocotools import mask as coco_mask

from gvseg.entry import entry_point, load_openmmlab
from gvseg.formats.class_lists import YOUTUBE_VIS_2021_CLASSES as CLASSES

FRAMES = 6  # of an item
CONFIG = 'configs/vis/gvseg-vis_r50_8xb2-15k_youtube-vis-2021.py'


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', type=int, nargs=2, default=[720, 1280], help='height and width of the files')
    parser.add_argument('--videos', type=int, default=4)
    parser.add_argument('--frames', type=int, default=20, help='of a video')
    parser.add_argument('--objects', type=int, default=3)
    parser.add_argument('--rounds', type=int, default=5, help='turns of every pipeline; each loads every video once')
    parser.add_argument('--profile', action='store_true', help='print where the time of GvSeg goes')
    return parser.parse_args(arguments)


def write_frames(root: Path, arguments: argparse.Namespace) -> list[list[list[dict[str, Any]]]]:
    """Write the frames of every video; returns RLE masks by video, object and frame."""
    rng, size = np.random.default_rng(0), tuple(arguments.size)
    masks = []
    for video in range(arguments.videos):
        blobs = [Blob(rng, size, (0.15, 0.3)) for _ in range(arguments.objects)]
        for blob in blobs:
            blob.place, blob.step = rng.uniform(0.3, 0.7, 2), rng.normal(0, 0.003, 2)  # stays in the frame
        texture = cv2.GaussianBlur(rng.integers(0, 256, (*size, 3)).astype(np.float32), (0, 0), 3) * 4 - 384
        (root / 'frames' / f'{video}').mkdir(parents=True)
        found = [[blob.mask(frame) for frame in range(arguments.frames)] for blob in blobs]
        for frame in range(arguments.frames):
            image = np.roll(texture, 5 * frame, 1)
            for index, tube in enumerate(found):
                image[tube[frame]] += 60 * (index - 1)
            path = root / 'frames' / f'{video}' / f'{frame:05d}.jpg'
            cv2.imwrite(str(path), np.clip(image, 0, 255).astype(np.uint8))
        masks.append([[encode(mask) for mask in tube] for tube in found])
    return masks


def write_annotations(root: Path, masks: list, size: Sequence[int]) -> None:
    """``ours.json`` in YouTube-VIS layout, ``theirs.json`` in the layout of COCO videos that mmdet reads."""
    shape = {'height': size[0], 'width': size[1]}
    categories = [{'id': index + 1, 'name': name} for index, name in enumerate(CLASSES)]
    ours: dict[str, list] = {'videos': [], 'annotations': [], 'categories': categories}
    theirs: dict[str, list] = {'videos': [], 'images': [], 'annotations': [], 'categories': categories}
    for video, tubes in enumerate(masks, 1):
        names = [f'{video - 1}/{frame:05d}.jpg' for frame in range(len(tubes[0]))]
        ours['videos'].append({'id': video, 'length': len(names), 'file_names': names, **shape})
        theirs['videos'].append({'id': video, 'name': str(video), **shape})
        first = len(theirs['images']) + 1
        for frame, name in enumerate(names):
            image = {'id': first + frame, 'video_id': video, 'frame_id': frame, 'file_name': name, **shape}
            theirs['images'].append(image)
        for tube in tubes:
            common = {'category_id': len(ours['annotations']) % len(CLASSES) + 1, 'iscrowd': 0, 'video_id': video}
            identity = len(ours['annotations']) + 1
            boxes = [coco_mask.toBbox(mask).tolist() for mask in tube]
            ours['annotations'].append({'id': identity, 'segmentations': tube, 'bboxes': boxes, **common})
            for frame, (mask, box) in enumerate(zip(tube, boxes)):
                entry = {'id': len(theirs['annotations']) + 1, 'image_id': first + frame, 'instance_id': identity}
                entry.update(segmentation=mask, bbox=box, area=int(coco_mask.area(mask)), **common)
                theirs['annotations'].append(entry)
    (root / 'ours.json').write_text(json.dumps(ours))
    (root / 'theirs.json').write_text(json.dumps(theirs))


def build_datasets(root: Path) -> dict[str, Any]:
    """The datasets to compare."""
    from mmdet.registry import DATASETS
    from mmengine.registry import DefaultScope

    from gvseg.utils.config import load_config

    config = load_config(str(Path(__file__).resolve().parents[2] / CONFIG))
    pipeline = config.train_dataloader.dataset.datasets[0].pipeline
    sampling = {key: value for key, value in pipeline[0].items() if key != 'smart'}
    files = dict(data_root=str(root), data_prefix=dict(img_path='frames'))
    ours = dict(files, type='YouTubeVIS2021Dataset', ann_file='ours.json')
    plain = [dict(type='ClipResize', short_sides=(360,), long_side=640), dict(type='ClipRandomFlip')]
    broadcast = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadTrackAnnotations', with_mask=True),
        dict(type='Resize', scale=(640, 360), keep_ratio=True),
        dict(type='RandomFlip', prob=0.5),
    ]
    theirs = [
        dict(type='UniformRefFrameSample', num_ref_imgs=FRAMES - 1, frame_range=100, filter_key_img=True),
        dict(type='TransformBroadcaster', share_random_params=True, transforms=broadcast),
        dict(type='PackTrackInputs'),
    ]
    rows = {
        'GvSeg': dict(ours, pipeline=[sampling, *pipeline[1:3], *plain, dict(type='PackClipInputs')]),
        'mmdet': dict(files, type='YouTubeVISDataset', dataset_version='2021', ann_file='theirs.json', pipeline=theirs),
        'GvSeg, config': dict(ours, pipeline=pipeline),
    }
    with DefaultScope.overwrite_default_scope('mmdet'):
        return {name: DATASETS.build(row) for name, row in rows.items()}


def seconds_of(function: Callable[[], None]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def load_all(dataset: Any, videos: int) -> None:
    """Load one item of every video."""
    for index in range(videos):
        frames = len(dataset[index]['inputs'])
        if frames != FRAMES:
            raise SystemExit(f'an item has {frames} frames instead of {FRAMES}')


def compare(datasets: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print the table."""
    turns: dict[str, list[float]] = {name: [] for name in datasets}
    for _ in range(arguments.rounds + 1):
        for name, dataset in datasets.items():
            turns[name].append(seconds_of(lambda dataset=dataset: load_all(dataset, arguments.videos)))
    frames = arguments.videos * FRAMES
    for name, seconds in turns.items():
        ratio = statistics.median(other / own for own, other in zip(seconds[1:], turns['mmdet'][1:]))
        middle = statistics.median(seconds[1:])
        print(f'{name:<14} {frames / middle:7.1f} frames a CPU second   {ratio:5.2f} times as many as mmdet')


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    load_openmmlab()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_annotations(root, write_frames(root, arguments), arguments.size)
        datasets = build_datasets(root)
        compare(datasets, arguments)
        if arguments.profile:
            import cProfile
            import pstats

            profile = cProfile.Profile()
            profile.runcall(load_all, datasets['GvSeg'], arguments.videos)
            pstats.Stats(profile).sort_stats('tottime').print_stats(18)


if __name__ == '__main__':
    sys.exit(main())
