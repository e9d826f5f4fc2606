"""A batch of the size the schedule was made for, on fewer GPUs: gradients of several iterations make one step.

Letters: b videos on one GPU, W processes, n iterations of one step; b W n is ``auto_scale_lr.base_batch_size``.
Imports mmengine; reached by its own name, as ``gvseg.utils.config``.
"""
import os
from typing import Any, Dict, List

import torch.distributed
from mmengine.config import Config

from .errors import ConfigError

# What counts iterations, in each schedule that depends on nothing else.
COUNTED = ('begin', 'end', 'T_max', 'total_iters', 'step_size')
SCHEDULES = ('MultiStepLR', 'StepLR', 'LinearLR', 'ConstantLR', 'CosineAnnealingLR', 'PolyLR')
WORLD_SIZES = dict(pytorch='WORLD_SIZE', slurm='SLURM_NTASKS', mpi='OMPI_COMM_WORLD_SIZE')


def count_processes(launcher: str) -> int:
    """Processes of this run (W), before or after they have found each other."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_world_size()
    return int(os.environ.get(WORLD_SIZES.get(launcher, ''), 1))


def accumulate(config: Config, processes: int) -> int:
    """Make every step see the batch that the schedule was made for.

    The optimiser steps every n iterations, on the mean of their gradients; whatever counts iterations (length,
    schedule, intervals of validation, checkpoints and logs) is multiplied by n: the run has as many steps as before.
    A loss that is normalised by the objects of its batch counts those of each iteration for itself, and queues and
    prototypes are fed n times a step, so the gradient is equal only where the iterations are equally full.

    Args:
        config: changed in place.
        processes: W.

    Returns:
        n, 1 where the batch is whole as it is.

    Raises:
        ConfigError: the batch cannot be made of whole iterations, or the config counts in a way that is not known here.
    """
    base = config.get('auto_scale_lr', {}).get('base_batch_size')
    if not base:
        raise ConfigError('--accumulate needs auto_scale_lr.base_batch_size in the config.')
    if config.optim_wrapper.get('accumulative_counts', 1) != 1:
        raise ConfigError('--accumulate: the config has optim_wrapper.accumulative_counts already, drop one of them.')
    batch = config.train_dataloader.batch_size * processes
    if base % batch:
        raise ConfigError(
            f'--accumulate: the schedule is made for a batch of {base}, which is no multiple of '
            f'{config.train_dataloader.batch_size} videos on each of {processes} GPUs. Choose another number: '
            f'--cfg-options train_dataloader.batch_size=N, with N times {processes} a divisor of {base}.')
    count = base // batch
    if count > 1:
        config.optim_wrapper.accumulative_counts = count
        _stretch(config, count)
    return count


def _stretch(config: Config, count: int) -> None:
    loop = config.train_cfg
    if 'max_iters' not in loop:
        raise ConfigError('--accumulate needs a schedule in iterations (train_cfg.max_iters).')
    _multiply(loop, ('max_iters', 'val_interval', 'val_begin'), count)
    loop.pop('dynamic_intervals', None)
    for schedule in _schedules(config):
        if schedule.type.split('.')[-1] not in SCHEDULES or schedule.get('by_epoch', True):
            raise ConfigError(f'--accumulate cannot stretch the schedule {schedule.type}: it knows those of '
                              f'{", ".join(SCHEDULES)} with by_epoch=False.')
        _multiply(schedule, COUNTED, count)
        if 'milestones' in schedule:
            schedule.milestones = [count * step for step in schedule.milestones]
    for hook in ('checkpoint', 'logger'):
        _multiply(config.get('default_hooks', {}).get(hook) or {}, ('interval', ), count)


def _schedules(config: Config) -> List[Dict[str, Any]]:
    schedules = config.get('param_scheduler') or []
    return list(schedules) if isinstance(schedules, (list, tuple)) else [schedules]


def _multiply(part: Dict[str, Any], keys: tuple, count: int) -> None:
    for key in keys:
        if isinstance(part.get(key), int) and part[key] > 0:
            part[key] = part[key] * count
