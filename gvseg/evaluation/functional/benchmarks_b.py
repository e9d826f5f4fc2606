"""The benchmarks vspw, davis, ytvos and burst for the command line.

Each entry of `BENCHMARKS_B` is called as `entry(gt_path, pred_path, jobs, progress, **options)`; `progress` is None or
is called as progress(done, total). It returns {'numbers': nested dictionary, 'table': rows}: rows are lists of equal
length, the first one is the header, cells are text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .burst import GROUPS as BURST_GROUPS
from .burst import evaluate_burst
from .davis import evaluate_davis
from .job_pool import Progress
from .vspw import evaluate_vspw
from .youtube_vos import GROUPS, evaluate_youtube_vos

Rows = list[list[str]]
Benchmark = Callable[..., dict[str, Any]]


def _cell(value: float, scale: float = 100.0) -> str:
    """A number of the table, as a percentage."""
    return f'{scale * value:.2f}'


def _line(names: Sequence[str], numbers: Mapping[str, float]) -> Rows:
    """Header and one row."""
    return [list(names), [_cell(numbers[name]) for name in names]]


def run_vspw(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """VSPW; options: split."""
    numbers = evaluate_vspw(gt_path, pred_path, jobs, progress, **options)
    return {'numbers': numbers, 'table': _line(list(numbers), numbers)}


def run_davis(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """DAVIS-2017 semi-supervised; options: split."""
    numbers = evaluate_davis(gt_path, pred_path, jobs, progress, **options)
    return {'numbers': numbers, 'table': _line([name for name in numbers if 'per_object' not in name], numbers)}


def run_youtube_vos(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """YouTube-VOS."""
    numbers = evaluate_youtube_vos(gt_path, pred_path, jobs, progress, **options)
    rows = [['group', 'objects', 'J', 'F']]
    rows += [
        [group, str(numbers[f'n_{group}']), _cell(numbers[f'J_{group}']), _cell(numbers[f'F_{group}'])]
        for group in GROUPS
    ]
    return {'numbers': numbers, 'table': rows + [['G', '', _cell(numbers['G']), '']]}


def run_burst(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """BURST; options: task, similarity."""
    numbers = evaluate_burst(gt_path, pred_path, jobs, progress, **options)
    rows = [['', *BURST_GROUPS]]
    rows += [[name, *(_cell(values[group], 1.0) for group in BURST_GROUPS)] for name, values in numbers.items()]
    return {'numbers': numbers, 'table': rows}


BENCHMARKS_B: dict[str, Benchmark] = {
    'vspw': run_vspw,
    'davis': run_davis,
    'ytvos': run_youtube_vos,
    'burst': run_burst,
}
