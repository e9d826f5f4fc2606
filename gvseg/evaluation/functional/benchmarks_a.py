"""The benchmarks ytvis, ovis, vipseg and kitti_step for the command line.

Each entry of `BENCHMARKS_A` is called as `entry(gt_path, pred_path, jobs, progress, **options)`; `progress` is None or
is called as progress(done, total). It returns {'numbers': nested dictionary, 'table': rows}: rows are lists of equal
length, the first one is the header, cells are text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .job_pool import Progress
from .kitti_step import evaluate_kitti_step
from .rules_instance import OVIS, YOUTUBE_VIS, TubeRule
from .rules_panoptic import KITTI_STEP, VIPSEG, PanopticRule
from .vipseg import evaluate_vipseg
from .youtube_vis import evaluate_youtube_vis

Rows = list[list[str]]
Benchmark = Callable[..., dict[str, Any]]
TRUTH_NAMES = ('gt.json', 'instances.json')
RESULT_NAMES = ('results.json', 'pred.json', 'results.zip')


def _cell(value: float, scale: float = 1.0) -> str:
    """A number of the table, as a percentage; a dash where there is nothing to average."""
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
        gt_path, pred_path: files, or folders that hold them under their usual names.
        jobs, progress: see the module.
        rule: YOUTUBE_VIS or OVIS.
        truncate: cut sequences of different length to the shorter one instead of refusing them.
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
    """The rule with the options that are given."""
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


BENCHMARKS_A: dict[str, Benchmark] = {
    'ytvis': partial(run_tubes, rule=YOUTUBE_VIS),
    'ovis': partial(run_tubes, rule=OVIS),
    'vipseg': run_vipseg,
    'kitti_step': run_kitti_step,
}
