"""Compare the CPU time of the evaluators with the public scorers on realistic files, including reading.

    python tools/benchmarks/evaluators.py [tubes objects consistency panoptic tracks] [--repeat 5] [--davis DIR]

One process, one thread, CPU seconds (``time.process_time``); both sides alternate, the best time of each is reported.
The script fails if their numbers differ. ``--davis DIR`` times J and F on a real DAVIS tree instead (binary or
object maps below ``Annotations/480p``), with predictions made of its maps. ``--videos N --jobs J`` scores N synthetic
VIPSeg videos and prints time and peak memory after each tenth. ``--shares`` prints below each row what reading,
decoding and pycocotools take, ``--opencv`` decodes PNGs as where the optional package pyspng is not installed.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import evaluators_inputs as inputs
import evaluators_inputs_maps as map_inputs
import evaluators_official as official
from evaluators_shares import print_shares

from gvseg.evaluation.functional.benchmarks.burst import evaluate_burst
from gvseg.evaluation.functional.benchmarks.davis import evaluate_davis
from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from gvseg.evaluation.functional.benchmarks.vspw import evaluate_vspw
from gvseg.evaluation.functional.benchmarks.youtube_vis import evaluate_youtube_vis
from gvseg.evaluation.functional.measures.panoptic_rules import PanopticRule
from gvseg.formats import png_decoding

WINDOWS = (1, 2, 4, 6)
Numbers = dict[str, float]


class Comparison(NamedTuple):
    """One row of the table.

    Attributes:
        title: name of the benchmark.
        write: writes the files to a folder; the second argument is the number of videos.
        videos: videos at size 1.
        ours, theirs: functions that score the folder.
        goal: target ratio.
    """

    title: str
    write: Callable[[Path, int], None]
    videos: int
    ours: Callable[[Path], Numbers]
    theirs: Callable[[Path], Numbers]
    goal: float


def panoptic_numbers(root: Path) -> Numbers:
    """VPQ of every window, SQ and AQ."""
    numbers = evaluate_vipseg(root / 'gt', root / 'pred', rule=PanopticRule(WINDOWS))
    quality = {f'VPQ{length}': numbers[f'VPQ{length}']['all'] for length in WINDOWS}
    return {**quality, 'SQ': numbers['STQ']['SQ_IoU'], 'AQ': numbers['STQ']['AQ']}


def official_panoptic(root: Path) -> Numbers:
    """The same as in the public scorer."""
    classes = len(map_inputs.CATEGORIES)
    return {**official.panoptic_quality(root, WINDOWS), **official.tracking_quality(root, map_inputs.STUFF, classes)}


COMPARISONS = {
    'tubes': Comparison(
        'tube AP, AR: 30 frames 720p, 100 (query, class) pairs',
        inputs.write_tubes,
        4,
        lambda root: evaluate_youtube_vis(root / 'gt.json', root / 'pred.json'),
        official.tube_ap,
        5,
    ),
    'objects': Comparison(
        'J and F: 30 frames 480p, 1 to 3 objects',
        inputs.write_objects,
        3,
        lambda root: evaluate_davis(str(root / 'gt'), str(root / 'pred')),
        official.region_boundary,
        10,
    ),
    'consistency': Comparison(
        'VC8, VC16 (ours: mIoU too): 60 frames 480p',
        map_inputs.write_semantic,
        2,
        lambda root: evaluate_vspw(str(root / 'gt'), str(root / 'pred')),
        official.consistency,
        8,
    ),
    'panoptic': Comparison(
        'VPQ 1, 2, 4, 6 and STQ: 20 frames 720p, 12 segments',
        map_inputs.write_panoptic,
        1,
        panoptic_numbers,
        official_panoptic,
        29,
    ),
    'tracks': Comparison(
        'HOTA, BURST: 20 frames 720p, 8 x 24 tracks',
        map_inputs.write_tracks,
        3,
        lambda root: {
            'HOTA': evaluate_burst(str(root / 'gt.json'), str(root / 'pred.json'), with_ap=False)['HOTA']['all']
        },
        official.hota,
        5,
    ),
}


def compare(row: Comparison, root: Path, repeat: int, shares: bool = False) -> None:
    """Print one line of the table, and with ``shares`` where our time goes.

    Raises:
        SystemExit: The numbers of the two sides differ.
    """
    times, results = ([], []), [{}, {}]
    for _ in range(repeat):
        for side, function in enumerate((row.ours, row.theirs)):
            start = time.process_time()
            results[side] = function(root)
            times[side].append(time.process_time() - start)
    ours, theirs = min(times[0]), min(times[1])
    worst = max(abs(results[0][name] - value) for name, value in results[1].items())
    print(
        f'| {row.title:<58} | {ours:8.3f} | {theirs:8.3f} | {theirs / ours:6.1f} | {row.goal:4g} | {worst:.0e} |',
        flush=True,
    )
    if worst > 1e-9:
        raise SystemExit(f'{row.title}: numbers differ by {worst}')
    if shares:
        print_shares(lambda: row.ours(root), repeat, theirs)


def run_full_size(videos: int, jobs: int) -> None:
    """Score many videos from disk; print time and peak memory of this process and of its largest worker."""
    with tempfile.TemporaryDirectory() as folder:
        map_inputs.write_panoptic(Path(folder), min(videos, 4), 24, copies=videos)
        start = time.time()

        def report(done: int, total: int) -> None:
            if done % max(1, total // 10) == 0 or done == total:
                own, workers = (
                    resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                )
                print(
                    f'{done:>6} videos {time.time() - start:>8.1f} s  peak {own:.0f} MiB, worker {workers:.0f} MiB',
                    flush=True,
                )

        evaluate_vipseg(Path(folder) / 'gt', Path(folder) / 'pred', jobs, report)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('rows', nargs='*', metavar='ROW', help=f'some of {", ".join(COMPARISONS)} (default: all)')
    parser.add_argument('--repeat', type=int, default=5, help='repetitions of both sides; the best time is reported')
    parser.add_argument('--size', type=int, default=1, help='factor of the number of videos')
    parser.add_argument('--davis', type=Path, metavar='DIR', help='time J and F on this DAVIS tree')
    parser.add_argument('--videos', type=int, default=0, help='only score this many synthetic VIPSeg videos')
    parser.add_argument('--jobs', type=int, default=1, help='processes for --videos')
    parser.add_argument('--shares', action='store_true', help='print where the time goes')
    parser.add_argument('--opencv', action='store_true', help='decode PNGs without pyspng')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.opencv:
        png_decoding.optional_decoder = lambda: None
    if options.videos:
        run_full_size(options.videos, options.jobs)
        return
    rows = {name: COMPARISONS[name] for name in options.rows or COMPARISONS}
    if options.davis:
        title = 'J and F: the maps of --davis'
        write = lambda root, _: inputs.copy_objects(options.davis, root)  # noqa: E731
        rows = {'objects': COMPARISONS['objects']._replace(title=title, write=write)}
    print(f'| {"":<58} | {"ours, s":>8} | {"public":>8} | {"ratio":>6} | goal | diff. |')
    print('|-|-|-|-|-|-|')
    for row in rows.values():
        with tempfile.TemporaryDirectory() as folder:
            row.write(Path(folder), row.videos * options.size)
            compare(row, Path(folder), options.repeat, options.shares)


if __name__ == '__main__':
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    main()
