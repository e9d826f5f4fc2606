"""Time VPQ with STQ and tube AP against straightforward restatements of the published scorers, on one core.

    python tools/benchmarks/benchmark_evaluators_a.py [--repeat 3] [--videos 0] [--jobs 1]

Prints seconds and ratios; both sides must give the same numbers, else the script fails. `--videos N` also scores N
synthetic VIPSeg videos of 24 frames in 720p from disk and prints time and peak memory after each tenth.

Letters: T frames, H W size, D detections, G objects, k window length.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from gvseg.evaluation.functional.protocols.tubes import YOUTUBE_VIS
from gvseg.evaluation.functional.measures.panoptic_rules import PanopticRule
from gvseg.evaluation.functional.measures.tube_ap import Tube, match_video, tube_numbers
from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from PIL import Image
from pycocotools import mask as coco_mask

SHAPE = (720, 1280)
WINDOWS = (1, 2, 4, 6)
# Segment ids 1000 * (category + 1); categories 0..5 are stuff, 6..11 things.
CATEGORIES = [{'id': index, 'name': str(index), 'isthing': int(index > 5)} for index in range(12)]


def panoptic_maps(frames: int, seed: int, moved: int) -> np.ndarray:
    """(T,H,W) id maps: six ragged bands of stuff and six moving things; `moved` pixels to the right."""
    rng = np.random.default_rng(seed)
    wave = (np.arange(SHAPE[0])[:, None] + 15 * np.sin(np.arange(SHAPE[1]) / 20) + 10).clip(0, SHAPE[0] - 1)
    ground = 1000 * (1 + (wave * 6 // SHAPE[0]).astype(np.int32))
    starts, steps = rng.uniform(0.1, 0.9, (6, 2)) * SHAPE[::-1], rng.normal(0, 6, (6, 2))
    sizes = rng.uniform(40, 130, 6)
    maps = []
    for frame in range(frames):
        ids = ground.copy()
        for index in range(6):
            centre = (starts[index] + frame * steps[index]).astype(int).tolist()
            cv2.ellipse(
                ids, centre, (int(sizes[index]), int(0.6 * sizes[index])), 20 * index, 0, 360, 1000 * (7 + index), -1
            )
        maps.append(np.roll(ids, moved, 1))
    return np.stack(maps)


def write_video(folder: Path, maps: np.ndarray) -> list[dict[str, Any]]:
    """Write the PNGs of one video; returns its entries of the JSON."""
    folder.mkdir(parents=True)
    entries = []
    for index, ids in enumerate(maps):
        channels = [ids & 255, ids >> 8, ids >> 16]
        Image.fromarray(np.stack(channels, -1).astype(np.uint8)).save(folder / f'{index:04d}.png', compress_level=3)
        areas = np.bincount(ids.ravel())
        values = np.flatnonzero(areas)
        entries.append(
            {
                'image_id': f'{index:04d}',
                'file_name': f'{index:04d}.png',
                'segments_info': [
                    {'id': int(value), 'category_id': int(value) // 1000 - 1, 'iscrowd': 0, 'area': int(area)}
                    for value, area in zip(values, areas[values])
                ],
            }
        )
    return entries


def write_case(root: Path, videos: int, frames: int, different: int = 2) -> None:
    """VIPSeg folders with `videos` videos, of which only some differ; the others are links to those."""
    for side, folder, name, moved in (
        ('gt', 'panomasksRGB', 'panoptic_gt_VIPSeg.json', 0),
        ('pred', 'pan_pred', 'pred.json', 12),
    ):
        entries: list[list] = []
        for index in range(videos):
            place = root / side / folder / f'{index:04d}'
            if index < different:
                entries.append(write_video(place, panoptic_maps(frames, index, moved)))
            else:
                os.symlink((root / side / folder / f'{index % different:04d}').resolve(), place)
        names = [f'{index:04d}' for index in range(videos)]
        annotations = [
            {'video_id': name_, 'annotations': entries[index % different]} for index, name_ in enumerate(names)
        ]
        listed = [
            {
                'video_id': part['video_id'],
                'images': [
                    {'id': frame['image_id'], 'file_name': frame['file_name'], 'height': SHAPE[0], 'width': SHAPE[1]}
                    for frame in part['annotations']
                ],
            }
            for part in annotations
        ]
        (root / side / name).write_text(
            json.dumps({'videos': listed, 'annotations': annotations, 'categories': CATEGORIES})
        )


def read_ids(path: Path) -> np.ndarray:
    """(H,W) ids of a PNG."""
    channels = np.array(Image.open(path)).astype(np.uint32)
    return channels[..., 0] + 256 * channels[..., 1] + 65536 * channels[..., 2]


def slow_window(targets: np.ndarray, answers: np.ndarray, totals: dict[int, np.ndarray]) -> None:
    """Match the tubes of one (k,H,W) window; classes are id // 1000 - 1, there is no void."""
    both = Counter(dict(zip(*np.unique(targets.astype(np.int64) << 32 | answers, return_counts=True))))
    sizes, answer_sizes = (dict(zip(*np.unique(side, return_counts=True))) for side in (targets, answers))
    found, used = set(), set()
    for key, pixels in both.items():
        g, p = int(key) >> 32, int(key) & 0xFFFFFFFF
        iou = pixels / (sizes[g] + answer_sizes[p] - pixels)
        if g // 1000 == p // 1000 and iou > 0.5:
            totals[g // 1000 - 1] += (iou, 1, 0, 0)
            found.add(g), used.add(p)
    for p in set(answer_sizes) - used:
        totals[int(p) // 1000 - 1] += (0, 0, 1, 0)
    for g in set(sizes) - found:
        totals[int(g) // 1000 - 1] += (0, 0, 0, 1)


def slow_panoptic(root: Path, frames: int) -> dict[str, float]:
    """VPQ by reading and counting every window anew, STQ by boolean maps; one video, as the released scripts work."""
    folders = [root / 'gt' / 'panomasksRGB' / '0000', root / 'pred' / 'pan_pred' / '0000']
    numbers = {}
    for length in WINDOWS:
        totals = {category['id']: np.zeros(4) for category in CATEGORIES}
        for start in range(frames - length + 1):
            sides = [
                np.stack([read_ids(folder / f'{index:04d}.png') for index in range(start, start + length)])
                for folder in folders
            ]
            slow_window(*sides, totals)
        quality = [iou / (tp + fp / 2 + fn / 2) for iou, tp, fp, fn in totals.values() if tp + fp + fn]
        numbers[f'VPQ{length}'] = 100 * float(np.mean(quality))
    confusion, sizes, answer_sizes, both = np.zeros((12, 12)), Counter(), Counter(), Counter()
    for index in range(frames):
        target, answer = (read_ids(folder / f'{index:04d}.png').astype(np.int64) for folder in folders)
        classes, answer_classes = target // 1000 - 1, answer // 1000 - 1
        for key, count in zip(*np.unique(classes << 16 | answer_classes, return_counts=True)):
            confusion[key >> 16, key & 0xFFFF] += count
        thing, answer_thing = (np.isin(side, range(6, 12)) for side in (classes, answer_classes))
        for counts, values in (
            (sizes, target[thing]),
            (answer_sizes, answer[answer_thing]),
            (both, (target << 32 | answer)[thing & answer_thing]),
        ):
            counts.update(dict(zip(*np.unique(values, return_counts=True))))
    hits = np.diag(confusion)
    numbers['SQ'] = float(np.mean(hits / (confusion.sum(0) + confusion.sum(1) - hits)))
    numbers['AQ'] = sum(
        pixels**2 / (sizes[key >> 32] + answer_sizes[key & 0xFFFFFFFF] - pixels) / sizes[key >> 32]
        for key, pixels in both.items()
    ) / len(sizes)
    return numbers


def fast_panoptic(root: Path) -> dict[str, float]:
    """The package's numbers of the same folder."""
    numbers = evaluate_vipseg(root / 'gt', root / 'pred', rule=PanopticRule(WINDOWS))
    return {
        **{f'VPQ{length}': numbers[f'VPQ{length}']['all'] for length in WINDOWS},
        'SQ': numbers['STQ']['SQ_IoU'],
        'AQ': numbers['STQ']['AQ'],
    }


def tube_case(frames: int = 60) -> tuple[list[Tube], list[Tube]]:
    """100 detections and 10 objects of 5 classes in 720p."""
    rng = np.random.default_rng(0)
    sides: tuple[list[Tube], list[Tube]] = ([], [])
    for index in range(10):
        start, step, size = rng.uniform(0.2, 0.8, 2) * SHAPE[::-1], rng.normal(0, 4, 2), rng.uniform(40, 140)
        for copy in range(11):
            shift, growth = rng.normal(0, 0.1 * size * (copy > 0), 2), 1 + rng.normal(0, 0.1) * (copy > 0)
            masks = []
            for frame in range(frames):
                mask = np.zeros(SHAPE, np.uint8)
                centre = (start + frame * step + shift).astype(int).tolist()
                cv2.ellipse(
                    mask, centre, (int(size * growth), int(0.7 * size * growth)), 15 * index + frame, 0, 360, 1, -1
                )
                masks.append(coco_mask.encode(np.asfortranarray(mask)))
            areas = coco_mask.area(masks).astype(np.int64)
            sides[copy == 0].append(
                Tube(index % 5, tuple(masks), areas, float(areas[areas > 0].mean()), score=float(rng.random()))
            )
    return sides


def slow_iou(first: Tube, second: Tube) -> float:
    """Tube IoU by merging the masks of every frame."""
    both = either = 0.0
    for one, other in zip(first.masks, second.masks):
        both += coco_mask.area(coco_mask.merge([one, other], True))
        either += coco_mask.area(coco_mask.merge([one, other], False))
    return both / either if either else 0.0


def slow_tubes(detections: Sequence[Tube], objects: Sequence[Tube]) -> dict[str, float]:
    """AP over all areas, loop by loop."""
    precisions = []
    for category in range(5):
        answers = sorted((tube for tube in detections if tube.category == category), key=lambda tube: -tube.score)
        wanted = [tube for tube in objects if tube.category == category]
        iou = np.array([[slow_iou(answer, tube) for tube in wanted] for answer in answers])
        for threshold in np.linspace(0.5, 0.95, 10):
            free, right, curve = set(range(len(wanted))), 0, []
            for rank, row in enumerate(iou, 1):
                best = max(free, key=lambda index: row[index], default=None)
                if best is not None and row[best] >= threshold:
                    free.discard(best)
                    right += 1
                curve.append((right / len(wanted), right / rank))
            precisions.append(
                np.mean([max((p for r, p in curve if r >= point), default=0) for point in np.linspace(0, 1, 101)])
            )
    return {'AP': float(np.mean(precisions))}


def fast_tubes(detections: Sequence[Tube], objects: Sequence[Tube]) -> dict[str, float]:
    """The package's AP (it computes all other numbers as well)."""
    return {'AP': tube_numbers([match_video(detections, objects, YOUTUBE_VIS)], range(5), YOUTUBE_VIS)['AP']}


def compare(name: str, fast: Callable[[], dict], slow: Callable[[], dict], repeat: int, goal: str) -> None:
    """Print one line: processor seconds of both sides.

    Raises:
        SystemExit: the two sides disagree.
    """
    times = []
    for function, count in ((fast, repeat), (slow, 1)):
        best = float('inf')
        for _ in range(count):
            start = time.process_time()
            result = function()
            best = min(best, time.process_time() - start)
        times.append((best, result))
    (quick, found), (long, expected) = times
    worst = max(abs(found[key] - expected[key]) for key in expected)
    print(f'{name:<52}{quick:>9.3f} s{long:>9.3f} s{long / quick:>8.1f}x  {worst:.1e}  {goal}')
    if worst > 1e-9:
        raise SystemExit(f'{name}: numbers differ by {worst}')


def run_full_size(videos: int, jobs: int) -> None:
    """Score many videos from disk; print time and peak memory of this process and of its largest worker."""
    with tempfile.TemporaryDirectory() as folder:
        write_case(Path(folder), videos, 24, different=min(4, videos))
        start = time.time()

        def report(done: int, total: int) -> None:
            if done % max(1, total // 10) == 0 or done == total:
                peaks = [
                    resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                ]
                print(
                    f'{done:>6} videos {time.time() - start:>8.1f} s  peak {peaks[0]:.0f} MiB, worker '
                    f'{peaks[1]:.0f} MiB',
                    flush=True,
                )

        evaluate_vipseg(Path(folder) / 'gt', Path(folder) / 'pred', jobs, report)


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--repeat', type=int, default=3, help='calls of the fast side; the best one counts')
    parser.add_argument('--videos', type=int, default=0, help='also score so many synthetic videos')
    parser.add_argument('--jobs', type=int, default=1, help='processes for --videos')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(f'{"":<52}{"here":>11}{"restated":>11}{"ratio":>9}  difference')
    with tempfile.TemporaryDirectory() as folder:
        write_case(Path(folder), 1, 20)
        compare(
            'VPQ 1, 2, 4, 6 + STQ, 20 frames 720p, 12 segments',
            lambda: fast_panoptic(Path(folder)),
            lambda: slow_panoptic(Path(folder), 20),
            options.repeat,
            'goal 1.0 s',
        )
    sides = tube_case()
    compare(
        'tube AP, 60 frames 720p, 100 x 10',
        lambda: fast_tubes(*sides),
        lambda: slow_tubes(*sides),
        options.repeat,
        'goal 0.05 s',
    )
    if options.videos:
        run_full_size(options.videos, options.jobs)


if __name__ == '__main__':
    main()
