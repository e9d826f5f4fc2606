"""Best and worst videos of saved predictions, and missed objects by class, size and length.

    python tools/test.py CONFIG CHECKPOINT --out results.pkl
    python tools/analysis_tools/analyze_results.py CONFIG results.pkl --out work_dirs/analysis

The score of a video is the mean over ground-truth tubes of the IoU with the best predicted tube of the class.
Writes a contact sheet and an mp4 of the best and the worst videos and videos.json, and prints the tables.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gvseg.entry import entry_point
from gvseg.evaluation.functional.measures.tube_errors import FOUND, TrueTube, breakdown
from gvseg.formats.errors import InputError
from gvseg.formats.json_files import write_json
from gvseg.utils.arguments import add_config_options
from gvseg.utils.work_dir import prepare_work_dir


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Best and worst videos, and errors by class, size and length')
    parser.add_argument('config', help='config file')
    parser.add_argument('results', help='file of tools/test.py --out')
    parser.add_argument('--out', default='work_dirs/analysis', help='folder of images and videos.json')
    parser.add_argument('--videos', type=int, default=2, help='number of best and of worst videos to draw')
    parser.add_argument('--min-score', type=float, default=0.3, help='instances below are ignored and not drawn')
    add_config_options(parser)
    return parser.parse_args(arguments)


def draw(
    arguments: argparse.Namespace, names: list[object], prefix: str, frames: dict[object, list], classes: tuple
) -> None:
    """Write a contact sheet and an mp4 of each video, with ground truth."""
    from gvseg.visualization import VideoRecorder

    recorder = VideoRecorder(arguments.out, prefix, len(names), min_score=arguments.min_score)
    for name in names:
        for frame in frames[name]:
            recorder.add(frame, classes)
    recorder.finish()


def table(tubes: list[TrueTube], classes: tuple) -> str:
    """Table of errors by class, size and length."""
    lines = [f'{"by":<8}{"group":<34}{"tubes":>6}{"mean IoU":>10}{f"IoU >= {FOUND}":>11}']
    for what, name, count, mean, share in breakdown(tubes, classes):
        lines.append(f'{what:<8}{name:<34}{count:>6}{100 * mean:>10.1f}{100 * share:>10.1f}%')
    return '\n'.join(lines)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.apis.saved_results import count_errors, read_results, test_data, with_truth
    from gvseg.utils.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    results = read_results(arguments.results)
    prepare_work_dir(arguments.out)
    dataset = test_data(config)
    classes = tuple(dataset.metainfo['classes'])
    tubes: list[TrueTube] = []
    scores: dict[object, float] = {}
    for video, frames in with_truth(dataset, results, arguments.results):
        found = count_errors(video, frames, classes, arguments.min_score).tubes()
        tubes += found
        if found:
            scores[video] = float(np.mean([tube.iou for tube in found]))
    if not tubes:
        raise InputError('has no ground truth to compare with', dataset.ann_file or dataset.data_root)
    order = sorted(scores, key=scores.get)
    draw(arguments, order[::-1][: arguments.videos], 'best-', results, classes)
    draw(arguments, order[: arguments.videos], 'worst-', results, classes)
    write_json(
        Path(arguments.out) / 'videos.json', [dict(video=video, mean_iou=scores[video]) for video in order], indent=1
    )
    print(
        f'{table(tubes, classes)}\n\nworst videos: '
        + ', '.join(f'{video} {100 * scores[video]:.1f}' for video in order[:10])
        + f'\nwritten: {arguments.out}'
    )


if __name__ == '__main__':
    sys.exit(main())
