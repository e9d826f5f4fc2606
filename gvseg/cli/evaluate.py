"""Score saved results of any model with a benchmark's own rules.

    gvseg evaluate BENCHMARK --gt PATH --pred PATH [--out FILE.json] [--jobs N]

Needs numpy, scipy, pycocotools, OpenCV and Pillow only. Prints a table and, with --out, writes the numbers under the
names that docs/evaluation.md lists. Exit status: 0, or 2 for input that cannot be scored (one line names the file).
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gvseg.evaluation.functional.benchmarks.registry import BENCHMARKS
from gvseg.formats.errors import InputError
from gvseg.formats.files import write_text
from gvseg.formats.json_files import nan_to_none

# Options that only some benchmarks have.
OPTIONS: dict[str, Sequence[str]] = {
    'split': ('vipseg', 'vspw', 'davis'),
    'windows': ('vipseg', 'kitti_step'),
    'mean_over': ('vipseg', 'kitti_step'),
    'truncate': ('ytvis', 'ovis'),
    'task': ('burst',),
    'similarity': ('burst',),
}
BAD_INPUT = 2
BAR_WIDTH = 40


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{value} is less than 1')
    return value


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog=command,
        description='Score saved results with the rules of a benchmark.',
        epilog='The folder layouts are described in docs/evaluation.md.',
    )
    parser.add_argument('benchmark', choices=sorted(BENCHMARKS))
    parser.add_argument('--gt', required=True, metavar='PATH', help='ground truth: file or folder of the benchmark')
    parser.add_argument('--pred', required=True, metavar='PATH', help='results: file or folder of the benchmark')
    parser.add_argument('--out', metavar='FILE.json', help='write the numbers to this file')
    parser.add_argument('--jobs', type=positive, default=1, metavar='N', help='worker processes (default: 1)')
    parser.add_argument('--split', help='vipseg, vspw, davis: name of the list of videos (default: val)')
    parser.add_argument(
        '--windows', type=positive, nargs='+', metavar='K', help='vipseg, kitti_step: window lengths of VPQ in frames'
    )
    parser.add_argument(
        '--mean-over', choices=['seen', 'all'], help='vipseg, kitti_step: average VPQ over the classes seen or over all'
    )
    parser.add_argument(
        '--truncate',
        action='store_true',
        default=None,
        help='ytvis, ovis: cut sequences of different length instead of refusing them',
    )
    parser.add_argument(
        '--task',
        choices=['class_guided', 'exemplar_guided', 'exemplar_guided_released'],
        help='burst: the task (default: class_guided); exemplar_guided_released is what the released '
        'command computes, see docs/evaluation.md',
    )
    parser.add_argument(
        '--similarity',
        choices=['box', 'mask'],
        help='burst: compare boxes, as the public scorer does, or masks (default: box)',
    )
    return parser


def given_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Options of the chosen benchmark.

    Raises:
        InputError: an option of another benchmark.
    """
    given = {name: getattr(arguments, name) for name in OPTIONS if getattr(arguments, name) is not None}
    for name in given:
        if arguments.benchmark not in OPTIONS[name]:
            raise InputError(
                f'--{name.replace("_", "-")} is an option of {", ".join(OPTIONS[name])}, not of {arguments.benchmark}'
            )
    return given


def show_progress(done: int, total: int) -> None:
    """Draw a progress bar on stderr; where that is no terminal, only the final state."""
    if not sys.stderr.isatty() and done < total:
        return
    filled = BAR_WIDTH * done // max(total, 1)
    bar = '#' * filled + '.' * (BAR_WIDTH - filled)
    print(f'\r[{bar}] {done}/{total}', end='\n' if done == total else '', file=sys.stderr, flush=True)


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, the first one left-aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append('  '.join(cells).rstrip())
    return '\n'.join(line for line in lines if line)


def check_writable(path: str | None) -> None:
    """Check before the evaluation that the output can be written.

    Raises:
        InputError: a folder itself, or the folder of the file does not exist or cannot be written to.
    """
    if path and Path(path).is_dir():
        raise InputError(
            f'--out {path} is a folder: give the name of a JSON file, for example {Path(path, "numbers.json")}'
        )
    folder = Path(path).absolute().parent if path else None
    if folder and not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise InputError(f'{path}: its folder does not exist or is not writable')


def write_numbers(path: str, numbers: dict[str, Any]) -> None:
    """Write JSON; the file appears only when it is complete."""
    write_text(path, json.dumps(nan_to_none(numbers), indent=1, allow_nan=False) + '\n')


def main(argv: Sequence[str] | None = None, command: str | None = None) -> int:
    """Run the command line; ``command`` is what the user typed before it, for the help.

    Returns:
        Exit status.
    """
    arguments = build_parser(command).parse_args(argv)
    try:
        check_writable(arguments.out)
        result = BENCHMARKS[arguments.benchmark](
            arguments.gt, arguments.pred, arguments.jobs, show_progress, **given_options(arguments)
        )
        print(format_table(result['table']))
        if arguments.out:
            write_numbers(arguments.out, result['numbers'])
    except (InputError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return BAD_INPUT
    return 0


if __name__ == '__main__':
    sys.exit(main())
