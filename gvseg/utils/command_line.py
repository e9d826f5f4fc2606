"""Options and preparation shared by training and testing.

torch and mmengine are imported by the functions that need them, after the command line has been read.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from .arguments import add_config_options
from .errors import ConfigError
from .versions import NEEDED, IncompatibleVersionError, check_versions
from .work_dir import choose_work_dir, prepare_work_dir

if TYPE_CHECKING:
    from mmengine.config import Config


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options that training and testing share, named as in the OpenMMLab tools."""
    parser.add_argument(
        '--work-dir',
        help='directory of logs, checkpoints and results; '
        'default: that of the config, or work_dirs/<name of the config>',
    )
    add_config_options(parser)
    parser.add_argument(
        '--dry-run', action='store_true', help='check model, data and ground truth, print a summary and stop'
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how several processes are started',
    )
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, default=0, help='set by torch.distributed.launch, not by hand'
    )


def prepare(arguments: argparse.Namespace) -> Config:
    """Read and check the config before data and weights are loaded.

    Args:
        arguments (Namespace): With ``config`` and the options of :func:`add_common_options`.

    Returns:
        Config: Merged and checked, with ``work_dir`` and the launcher's settings.
    """
    from .config import check_parts, load_config
    from .distributed import set_up_launcher

    os.environ.setdefault('LOCAL_RANK', str(arguments.local_rank))
    check_versions(NEEDED)
    check_torchvision()
    config = load_config(arguments.config, arguments.cfg_options)
    config.work_dir = choose_work_dir(arguments.work_dir, config.get('work_dir'), arguments.config)
    prepare_work_dir(config.work_dir)
    check_parts(config, arguments.config)
    fit_loaders(config)
    if arguments.dry_run:
        config.setdefault('default_hooks', {})['preflight'] = dict(type='PreflightHook', dry_run=True)
    set_up_launcher(config, arguments.launcher)
    return config


def fit_loaders(config: Config) -> None:
    """Drop options that need workers from loaders without (``--cfg-options train_dataloader.num_workers=0``)."""
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        loader = config.get(name) or {}
        if loader.get('num_workers') == 0:
            loader.update(
                {
                    key: value
                    for key, value in dict(persistent_workers=False, prefetch_factor=None).items()
                    if key in loader
                }
            )


def check_torchvision() -> None:
    """Check that torchvision fits the installed torch; mmengine imports it where installed.

    Raises:
        IncompatibleVersionError: torchvision is installed but cannot be imported.
    """
    try:
        import torchvision  # noqa: F401
    except ModuleNotFoundError:
        pass
    except Exception as error:  # a broken extension raises ImportError, OSError or RuntimeError
        raise IncompatibleVersionError(
            f'The installed torchvision does not fit the installed torch ({error}): uninstall it (GvSeg does not '
            'need it) or install the one built for your torch.'
        ) from error


def switch_on_amp(config: Config, name: str = 'auto') -> None:
    """Switch on mixed precision in training.

    Args:
        config: changed in place.
        name: ``'float16'``, with loss scaling, needs CUDA; ``'bfloat16'``; ``'auto'``: the first on CUDA,
            the second elsewhere.

    Raises:
        ConfigError: the config trains nothing, or the type is unknown or not for this machine.
    """
    import torch

    from .precision import default_half_precision, half_precision

    wrapper = config.get('optim_wrapper')
    if wrapper is None:
        raise ConfigError('--amp needs optim_wrapper in the config, which has none.')
    name = default_half_precision() if name == 'auto' else name
    half_precision(name)
    if name == 'bfloat16':
        wrapper.type = 'BFloat16OptimWrapper'
        wrapper.pop('loss_scale', None)
        return
    if not torch.cuda.is_available():
        raise ConfigError('--amp float16 needs CUDA, which torch does not find here: use --amp bfloat16.')
    wrapper.type, wrapper.dtype = 'AmpOptimWrapper', name
    wrapper.setdefault('loss_scale', 'dynamic')
