"""Gradient accumulation: the schedule's batch size on fewer GPUs.

Shapes: b videos on one GPU, W processes, n iterations of one step; b W n is ``auto_scale_lr.base_batch_size``.
Imports mmengine; import it as ``gvseg.utils.accumulation``, not through ``gvseg.utils``.
"""

import os
from typing import Any

import torch.distributed
from mmengine.config import Config

from .errors import ConfigError

WORLD_SIZES = dict(pytorch='WORLD_SIZE', slurm='SLURM_NTASKS', mpi='OMPI_COMM_WORLD_SIZE')


def count_processes(launcher: str) -> int:
    """Number of processes of this run (W), before or after the process group starts."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_world_size()
    return int(os.environ.get(WORLD_SIZES.get(launcher, ''), 1))


def accumulate(config: Config, processes: int) -> int:
    """Accumulate gradients up to the batch size of the schedule.

    The optimiser steps every n iterations, on the mean of their gradients, and schedules step with it. Settings in
    iterations (length, intervals of validation, checkpoints and logs) are multiplied by n: the steps stay the same.
    ``AccumulationHook`` normalises losses by the objects of all n and updates queues and prototypes once a step: the
    gradient equals that of the whole batch.

    Args:
        config: changed in place.
        processes: W.

    Returns:
        n, 1 where no accumulation is needed.

    Raises:
        ConfigError: the batch is no multiple of an iteration's, or the config's loop or schedule is not supported.
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
            f'--cfg-options train_dataloader.batch_size=N, with N times {processes} a divisor of {base}.'
        )
    count = base // batch
    if count > 1:
        config.optim_wrapper.accumulative_counts = count
        config.custom_hooks = [*config.get('custom_hooks', []), dict(type='AccumulationHook', iterations=count)]
        config.setdefault('default_hooks', {})['param_scheduler'] = dict(type='StepSchedulerHook')
        _prefetch(config.train_dataloader, count)
        _stretch(config, count)
    return count


def _prefetch(loader: dict[str, Any], count: int) -> None:
    """Let workers prefetch a whole step, whose batches are drawn at once."""
    workers = loader.get('num_workers', 0)
    if workers:
        loader['prefetch_factor'] = max(loader.get('prefetch_factor') or 2, -(-count // workers))


def _stretch(config: Config, count: int) -> None:
    loop = config.train_cfg
    if 'max_iters' not in loop:
        raise ConfigError('--accumulate needs a schedule in iterations (train_cfg.max_iters).')
    _multiply(loop, ('max_iters', 'val_interval', 'val_begin'), count)
    loop.pop('dynamic_intervals', None)
    _multiply(config.get('log_processor') or {}, ('window_size',), count)
    for hook in ('checkpoint', 'logger'):
        _multiply(config.get('default_hooks', {}).get(hook) or {}, ('interval',), count)


def _multiply(part: dict[str, Any], keys: tuple, count: int) -> None:
    for key in keys:
        if isinstance(part.get(key), int) and part[key] > 0:
            part[key] = part[key] * count
