"""Confusion matrix of the classes, from saved predictions.

    python tools/test.py CONFIG CHECKPOINT --out results.pkl
    python tools/analysis_tools/confusion_matrix.py CONFIG results.pkl --by pixels --out confusion.png

Rows are ground-truth classes, columns predicted ones, in percent of the row. --by pixels counts pixels, --by tubes
whole objects by their best predicted tube (IoU of 0.5 or more). The last column is missed objects or pixels; the last
row (pixels only) is false positives on void.
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from gvseg.entry import entry_point
from gvseg.evaluation.functional.measures.tube_errors import tube_confusion
from gvseg.utils.arguments import add_config_options
from gvseg.utils.work_dir import prepare_output_file


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Confusion matrix of saved predictions')
    parser.add_argument('config', help='config file')
    parser.add_argument('results', help='file of tools/test.py --out')
    parser.add_argument('--by', choices=('pixels', 'tubes'), default='pixels')
    parser.add_argument('--out', default='confusion.png', help='image to write (default: %(default)s)')
    parser.add_argument('--min-score', type=float, default=0.3, help='instances below are ignored')
    add_config_options(parser)
    return parser.parse_args(arguments)


def shares(counts: np.ndarray) -> np.ndarray:
    """Counts in percent of their row; an empty row gives 0."""
    return 100 * counts / np.maximum(1, counts.sum(1, keepdims=True))


def draw(percent: np.ndarray, names: Sequence[str], path: str) -> None:
    """Write the matrix as an image, with numbers if they fit."""
    from matplotlib.figure import Figure

    side = max(4.0, 0.5 * len(names))
    figure = Figure(figsize=(side + 1, side), dpi=110, layout='constrained')
    axes = figure.subplots()
    axes.imshow(percent, cmap='Blues', vmin=0, vmax=100)
    axes.set_xticks(range(len(names)), names, rotation=60, ha='right')
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel('predicted')
    axes.set_ylabel('true')
    if len(names) <= 40:
        for row, values in enumerate(percent):
            for column, value in enumerate(values):
                if value >= 0.5:
                    axes.text(
                        column,
                        row,
                        f'{value:.0f}',
                        ha='center',
                        va='center',
                        fontsize=8,
                        color='white' if value > 60 else 'black',
                    )
    figure.savefig(path)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.apis.saved_results import count_errors, read_results, test_data, with_truth
    from gvseg.utils.config import load_config

    prepare_output_file(arguments.out)
    config = load_config(arguments.config, arguments.cfg_options)
    results, dataset = read_results(arguments.results), test_data(config)
    classes = tuple(dataset.metainfo['classes'])
    counts = np.zeros((len(classes) + 1, len(classes) + 1), np.int64)
    for video, frames in with_truth(dataset, results, arguments.results):
        counter = count_errors(video, frames, classes, arguments.min_score)
        counts += counter.pixels if arguments.by == 'pixels' else tube_confusion(counter.tubes(), len(classes))
    percent, names = shares(counts), (*classes, 'nothing')
    draw(percent, names, arguments.out)
    mixed = sorted(
        (
            (percent[row, column], names[row], names[column])
            for row in range(len(classes))
            for column in range(len(names))
            if row != column and counts[row, column]
        ),
        reverse=True,
    )
    for value, true, found in mixed[:10]:
        print(f'{value:5.1f} % of {true} is predicted as {found}')
    print(f'written: {arguments.out}')


if __name__ == '__main__':
    sys.exit(main())
