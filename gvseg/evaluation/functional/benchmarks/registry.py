"""Registry of the benchmarks by their command-line names.

Each entry of `BENCHMARKS` is called as `entry(gt_path, pred_path, jobs, progress, **options)`; `progress` is None or
a function called as progress(done, total). It returns {'numbers': nested dictionary, 'table': rows}: rows are lists of
strings of equal length, the first one is the header.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..io.youtube_vos import GROUPS
from ..measures.panoptic_rules import PanopticRule
from ..measures.tube_rules import TubeRule
from ..protocols.panoptic import KITTI_STEP, VIPSEG
from ..protocols.tubes import OVIS, YOUTUBE_VIS
from .burst import GROUPS as BURST_GROUPS
from .burst import evaluate_burst
from .davis import evaluate_davis
from .job_pool import Progress
from .kitti_step import evaluate_kitti_step
from .vipseg import evaluate_vipseg
from .vspw import evaluate_vspw
from .youtube_vis import evaluate_youtube_vis
from .youtube_vos import evaluate_youtube_vos

Rows = list[list[str]]
Benchmark = Callable[..., dict[str, Any]]
TRUTH_NAMES = ('gt.json', 'instances.json')
RESULT_NAMES = ('results.json', 'pred.json', 'results.zip')


def _cell(value: float, scale: float = 1.0) -> str:
    """Table cell of a value, as a percentage; a dash if there is nothing to average."""
    return f'{scale * value:.2f}' if value == value and value > -1 else '-'


def _file_in(path: str, names: Sequence[str]) -> str:
    """The path itself, or the first of these files in it when it is a folder."""
    found = [Path(path) / name for name in names if (Path(path) / name).is_file()]
    return str(found[0]) if found else path


def run_tubes(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    rule: TubeRule = YOUTUBE_VIS,
    truncate: bool = False,
) -> dict[str, Any]:
    """YouTube-VIS or OVIS, by the rule.

    Args:
        gt_path, pred_path: files, or folders with files of the usual names.
        jobs, progress: see the module.
        rule: YOUTUBE_VIS or OVIS.
        truncate: cut sequences of different lengths to the shorter one instead of raising an error.
    """
    numbers = evaluate_youtube_vis(
        _file_in(gt_path, TRUTH_NAMES),
        _file_in(pred_path, RESULT_NAMES),
        jobs,
        progress,
        replace(rule, truncate=truncate),
    )
    half = (len(numbers) + 1) // 2
    names = list(numbers)
    rows = [['', '', '', '']] if half else []
    for left, right in zip(names[:half], names[half:]):
        rows.append([left, _cell(numbers[left], 100), right, _cell(numbers[right], 100)])
    return {'numbers': numbers, 'table': rows}


def _quality_rows(windows: Mapping[str, Mapping[str, float]]) -> Rows:
    """One row of percentages per entry."""
    return [[name, *(_cell(values[group]) for group in ('all', 'thing', 'stuff'))] for name, values in windows.items()]


def _tracking_rows(stq: Mapping[str, Any]) -> Rows:
    """STQ and its parts."""
    return [['', 'STQ', 'AQ', 'SQ'], ['', *(_cell(stq[name], 100) for name in ('STQ', 'AQ', 'SQ_IoU'))]]


def _panoptic_rule(rule: PanopticRule, options: Mapping[str, Any]) -> PanopticRule:
    """The rule, with the given options replaced."""
    return replace(rule, **{name: value for name, value in options.items() if value is not None})


def run_vipseg(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    split: str = 'val',
    windows: Sequence[int] | None = None,
    mean_over: str | None = None,
) -> dict[str, Any]:
    """VIPSeg; options: split, windows, mean_over."""
    rule = _panoptic_rule(VIPSEG, {'windows': windows and tuple(windows), 'mean_over': mean_over})
    numbers = evaluate_vipseg(gt_path, pred_path, jobs, progress, split, rule)
    quality = {name: values for name, values in numbers.items() if name != 'STQ'}
    rows = [['', 'all', 'things', 'stuff'], *_quality_rows(quality), *_tracking_rows(numbers['STQ'])]
    return {'numbers': numbers, 'table': rows}


def run_kitti_step(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    windows: Sequence[int] | None = None,
    mean_over: str | None = None,
) -> dict[str, Any]:
    """KITTI-STEP; options: windows, mean_over."""
    rule = _panoptic_rule(KITTI_STEP, {'windows': windows and tuple(windows), 'mean_over': mean_over})
    numbers = evaluate_kitti_step(gt_path, pred_path, jobs, progress, rule)
    quality = {f'VPQ {name}': values for name, values in numbers['VPQ'].items()}
    quality.update({name: values for name, values in numbers.items() if name.startswith('VPQ_mean')})
    rows = [['', 'all', 'things', 'stuff'], *_quality_rows(quality), *_tracking_rows(numbers['STQ'])]
    return {'numbers': numbers, 'table': rows}


def _line(names: Sequence[str], numbers: Mapping[str, float]) -> Rows:
    """Header and one row."""
    return [list(names), [_cell(numbers[name], 100) for name in names]]


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
        [group, str(numbers[f'n_{group}']), _cell(numbers[f'J_{group}'], 100), _cell(numbers[f'F_{group}'], 100)]
        for group in GROUPS
    ]
    return {'numbers': numbers, 'table': rows + [['G', '', _cell(numbers['G'], 100), '']]}


def run_burst(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, **options: Any
) -> dict[str, Any]:
    """BURST; options: task, similarity."""
    numbers = evaluate_burst(gt_path, pred_path, jobs, progress, **options)
    rows = [['', *BURST_GROUPS]]
    rows += [[name, *(_cell(values[group]) for group in BURST_GROUPS)] for name, values in numbers.items()]
    return {'numbers': numbers, 'table': rows}


BENCHMARKS: dict[str, Benchmark] = {
    'ytvis': partial(run_tubes, rule=YOUTUBE_VIS),
    'ovis': partial(run_tubes, rule=OVIS),
    'vipseg': run_vipseg,
    'kitti_step': run_kitti_step,
    'vspw': run_vspw,
    'davis': run_davis,
    'ytvos': run_youtube_vos,
    'burst': run_burst,
}
