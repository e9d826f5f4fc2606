"""Train a model.

Example:
    python tools/train.py configs/vss/gvseg-vss_tiny_1xb2-4k_moving-shapes-small.py --work-dir work_dirs/vss
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gvseg.entry import entry_point
from gvseg.utils.command_line import add_common_options, prepare, switch_on_amp
from gvseg.utils.errors import ConfigError

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; names and meanings are those of the OpenMMLab tools."""
    parser = argparse.ArgumentParser(description='Train a model')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--amp',
        nargs='?',
        const='auto',
        choices=['auto', 'float16', 'bfloat16'],
        help='mixed precision; default type: float16 on CUDA and bfloat16 elsewhere',
    )
    batch = parser.add_mutually_exclusive_group()
    batch.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate by actual batch size / base_batch_size'
    )
    batch.add_argument(
        '--accumulate',
        action='store_true',
        help='accumulate gradients over several iterations up to base_batch_size videos per step; '
        'the number of iterations is multiplied accordingly',
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='resume from this checkpoint, by default from the newest in the work directory',
    )
    add_common_options(parser)
    return parser.parse_args(arguments)


def apply_options(config: Config, arguments: argparse.Namespace) -> None:
    """Apply the training options to the config.

    Raises:
        ConfigError: The config lacks what an option needs.
    """
    from gvseg.utils.accumulation import accumulate, count_processes

    if arguments.amp:
        switch_on_amp(config, arguments.amp)
    if arguments.auto_scale_lr:
        if 'base_batch_size' not in config.get('auto_scale_lr', {}):
            raise ConfigError('--auto-scale-lr needs auto_scale_lr.base_batch_size in the config.')
        config.auto_scale_lr.enable = True
    if arguments.accumulate:
        count = accumulate(config, count_processes(arguments.launcher))
        print(f'--accumulate: {count} iterations make one step, {config.train_cfg.max_iters} iterations in all')


def choose_start(config: Config, resume: str | None) -> None:
    """Select and validate the checkpoint that training starts or resumes from.

    Without a checkpoint to resume, training starts from the weights of the first stage, if the config has any.

    Args:
        config: ``resume`` and ``load_from`` are set.
        resume: Value of ``--resume``, "auto" by default.

    Raises:
        CheckpointError: It cannot be read, or training cannot resume from it.
    """
    from gvseg.utils.checkpoint import read_state
    from gvseg.utils.resuming import check_resumable, checkpoint_folders, newest_checkpoint

    if resume not in (None, 'auto'):
        config.resume, config.load_from = True, resume
    elif resume or (config.get('resume') and not config.get('load_from')):
        out_dir = config.get('default_hooks', {}).get('checkpoint', {}).get('out_dir')
        newest = newest_checkpoint(config.work_dir, checkpoint_folders(config.work_dir, out_dir))
        config.resume = newest is not None
        config.load_from = newest or config.get('load_from')
        print(
            f'Resuming from {newest}'
            if newest
            else f'{config.work_dir} has no checkpoint yet: training starts at iteration 1'
        )
    start = config.get('load_from')
    if start and '://' not in start:
        (check_resumable if config.get('resume') else read_state)(start)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from mmengine.registry import RUNNERS
    from mmengine.runner import Runner

    from gvseg.utils.distributed import closed_process_group

    with closed_process_group():
        config = prepare(arguments)
        apply_options(config, arguments)
        choose_start(config, arguments.resume)
        runner = RUNNERS.build(config) if 'runner_type' in config else Runner.from_cfg(config)
        runner.train()


if __name__ == '__main__':
    sys.exit(main())
