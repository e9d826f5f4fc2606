"""Preflight report of a run before its first iteration, or one line with the reason why it cannot work."""

import sys
from typing import Any

from mmdet.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

from gvseg.engine.preflight import check_classes, check_recipes, notes, splits_of

LOOPS = dict(train='_train_loop', val='_val_loop', test='_test_loop')


@HOOKS.register_module()
class PreflightHook(Hook):
    """Runs the checks of :mod:`gvseg.engine.preflight` under any tool and logs the report.

    Args:
        dry_run: Exit after the report, with status 0.
    """

    # After the config checks and the choice of a checkpoint.
    priority = 'LOWEST'

    def __init__(self, dry_run: bool = False) -> None:
        self.dry_run = dry_run

    def before_run(self, runner: Runner) -> None:
        """Check the model and the datasets of the loops built so far."""
        loops = {name: loop for name, key in LOOPS.items() if hasattr(loop := getattr(runner, key, None), 'dataloader')}
        splits = [split for name, loop in loops.items() for split in splits_of(name, loop.dataloader.dataset)]
        model = getattr(runner.model, 'module', runner.model)
        head, spaces = getattr(model, 'track_head', None), getattr(model, 'class_spaces', None)
        agnostic = getattr(getattr(model, 'task_output', None), 'class_agnostic', False)
        if spaces is None:
            check_classes(splits, None if agnostic else getattr(head, 'num_classes', None))
        else:
            check_recipes(splits, spaces)
        lines = [
            *_model_lines(head),
            *(line for split in splits for line in split.lines()),
            *(line for name, loop in loops.items() for line in _score_lines(name, loop)),
            *_start_lines(runner),
            *(f'note:    {note}' for note in notes(splits)),
        ]
        runner.logger.info('Pre-flight\n' + '\n'.join(lines))
        if self.dry_run:
            sys.exit(0)


def _model_lines(head: Any) -> list[str]:
    if head is None:
        return []
    return [f'model    {type(head).__name__}: {head.num_classes} classes, {head.num_queries} queries']


def _score_lines(name: str, loop: Any) -> list[str]:
    """Lines on the metrics; forces lazy metrics to read their ground truth now."""
    metrics = getattr(getattr(loop, 'evaluator', None), 'metrics', [])
    for metric in metrics:
        if not getattr(metric, 'format_only', False):
            getattr(metric, 'truth', None)
    return [
        f'scores   {name}: {type(metric).__name__}, {getattr(metric, "ann_file", None) or "truth with the frames"}'
        for metric in metrics
    ]


def _start_lines(runner: Runner) -> list[str]:
    """Lines on the length, initial weights and output folder of the run."""
    loop = runner._train_loop
    length = (
        [
            f'length   {loop.max_iters} iterations of {loop.dataloader.batch_size} videos on each of '
            f'{runner.world_size} processes'
        ]
        if hasattr(loop, 'dataloader')
        else []
    )
    how = 'goes on from' if runner._resume else 'weights of'
    start = f'{how} {runner._load_from}' if runner._load_from else 'random weights, or those of init_cfg'
    device = next(runner.model.parameters()).device
    return [*length, f'start    {start}', f'runs     on {device}, writes to {runner.work_dir}']
