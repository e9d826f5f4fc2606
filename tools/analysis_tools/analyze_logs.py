"""Plot curves and print iteration times from training logs.

    python tools/analysis_tools/analyze_logs.py plot_curve work_dirs/A work_dirs/B --keys loss loss_mask --out loss.png
    python tools/analysis_tools/analyze_logs.py cal_train_time work_dirs/A

A log is a work directory or a ``scalars.json`` in it. All logs of a directory are read in order of time; if a resumed
run repeats a step, the newer line is used.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point
from gvseg.utils.errors import ConfigError
from gvseg.utils.work_dir import prepare_output_file


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; names are those of the OpenMMLab tool."""
    parser = argparse.ArgumentParser(description='Analyze logs')
    tasks = parser.add_subparsers(dest='task', required=True)
    curve = tasks.add_parser('plot_curve', help='plot values over steps')
    curve.add_argument('logs', type=Path, nargs='+', help='work directories or scalars.json files')
    curve.add_argument('--keys', nargs='+', default=['loss'], help='values to plot, e.g. loss, lr, vps/VPQ')
    curve.add_argument('--legend', nargs='+', help='a name for each curve: log by log, key by key')
    curve.add_argument('--title', default='')
    curve.add_argument('--smooth', type=int, default=1, help='window of the moving average, in log lines')
    curve.add_argument('--out', type=Path, default=Path('curves.png'), help='image or PDF file')
    times = tasks.add_parser('cal_train_time', help='seconds per iteration')
    times.add_argument('logs', type=Path, nargs='+')
    return parser.parse_args(arguments)


def read_log(path: Path) -> list[dict[str, float]]:
    """Lines of a log by step, training and validation alike.

    Raises:
        ConfigError: There is no log, or a line is not JSON.
    """
    files = sorted(path.glob('*/vis_data/scalars.json')) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise ConfigError(f'{path} is no log: name a work directory of tools/train.py or a scalars.json of it.')
    lines: dict[tuple[bool, int], dict[str, float]] = {}
    for file in files:
        for number, text in enumerate(file.read_text().splitlines(), 1):
            try:
                line = json.loads(text)
            except json.JSONDecodeError as error:
                raise ConfigError(
                    f'{file}, line {number} is no JSON ({error}); was the run killed while writing? Remove the line.'
                ) from error
            lines['loss' in line, int(line.get('step', line.get('iter', number)))] = line
    return [dict(line, step=step) for (_, step), line in sorted(lines.items(), key=lambda item: item[0][1])]


def curve_of(lines: list[dict[str, float]], key: str, smooth: int, where: Path) -> tuple[list[int], list[float]]:
    """Steps and values of a key, smoothed by a moving average over previous values.

    Raises:
        ConfigError: No line has the key; the message lists the known ones.
    """
    points = [(line['step'], line[key]) for line in lines if key in line]
    if not points:
        known = sorted({name for line in lines for name in line})
        raise ConfigError(f'{where} has no value {key!r}; it has {", ".join(known)}.')
    steps, values = map(list, zip(*points))
    return steps, [statistics.fmean(values[max(0, i + 1 - smooth) : i + 1]) for i in range(len(values))]


def plot_curves(arguments: argparse.Namespace) -> None:
    """Plot every key of every log in one figure."""
    prepare_output_file(arguments.out)
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    names = [
        f'{path.name if path.is_dir() else path.parents[2].name} {key}'
        for path in arguments.logs
        for key in arguments.keys
    ]
    if arguments.legend and len(arguments.legend) != len(names):
        raise ConfigError(f'--legend has {len(arguments.legend)} names for {len(names)} curves.')
    figure, axes = pyplot.subplots(figsize=(8, 5))
    labels = iter(arguments.legend or names)
    for path in arguments.logs:
        lines = read_log(path)
        for key in arguments.keys:
            axes.plot(*curve_of(lines, key, max(1, arguments.smooth), path), label=next(labels))
    axes.set(xlabel='iteration', title=arguments.title)
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(arguments.out, bbox_inches='tight')
    print(f'{len(names)} curves in {arguments.out}')


def print_times(arguments: argparse.Namespace) -> None:
    """Print mean, median, minimum and maximum of the seconds per iteration; the first line may include start-up."""
    for path in arguments.logs:
        times = [line['time'] for line in read_log(path) if 'loss' in line and 'time' in line]
        if not times:
            raise ConfigError(f'{path} has no iteration times.')
        print(
            f'{path}: {statistics.fmean(times):.4f} s per iteration (median {statistics.median(times):.4f}, minimum '
            f'{min(times):.4f}, maximum {max(times):.4f}, {len(times)} lines)'
        )


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    plot_curves(arguments) if arguments.task == 'plot_curve' else print_times(arguments)


if __name__ == '__main__':
    sys.exit(main())
