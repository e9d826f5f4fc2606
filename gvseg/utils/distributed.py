"""Distributed runs on GPUs or, without CUDA, on CPUs.

mmengine's own launchers call ``torch.cuda.set_device`` and wrap the model with ``device_ids``,
both of which fail without CUDA. Here the process group is started first (mmengine then
keeps it) and the wrapper gets no device ids.
"""

import atexit
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.distributed
from mmengine.config import Config
from mmengine.dist import all_gather, get_world_size
from torch import Tensor

from .errors import ConfigError

BACKEND_VARIABLE = 'GVSEG_BACKEND'


def choose_backend(configured: str) -> str:
    """Backend by priority: the variable ``GVSEG_BACKEND``, gloo without CUDA, the config's.

    Args:
        configured (str): ``env_cfg.dist_cfg.backend`` of the config.
    """
    chosen = os.environ.get(BACKEND_VARIABLE, '').strip()
    if chosen and chosen != 'auto':
        return chosen
    return configured if torch.cuda.is_available() else 'gloo'


def set_up_launcher(config: Config, launcher: str) -> None:
    """Write launcher and backend into the config; on CPU also start the process group.

    Args:
        config (Config): Changed in place: ``launcher``, ``env_cfg``, ``model_wrapper_cfg``.
        launcher (str): ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Raises:
        ConfigError: A CPU run was asked for with a launcher other than ``pytorch``, or outside
            of torchrun.
    """
    config.launcher = launcher
    if launcher == 'none':
        return
    environment = config.get('env_cfg') or {}
    settings = dict(environment.get('dist_cfg') or {})
    settings['backend'] = choose_backend(settings.get('backend', 'nccl'))
    config.env_cfg = dict(environment, dist_cfg=settings)
    if torch.cuda.is_available():
        return
    if launcher != 'pytorch':
        raise ConfigError(f'Launcher {launcher} needs CUDA: use --launcher pytorch (tools/dist_train.sh) on CPUs.')
    missing = [name for name in ('RANK', 'WORLD_SIZE', 'MASTER_ADDR') if name not in os.environ]
    if missing:
        raise ConfigError(
            f'--launcher pytorch found no {missing[0]} in the environment: start through '
            'tools/dist_train.sh or tools/dist_test.sh.'
        )
    torch.distributed.init_process_group(settings['backend'])
    wrapper = dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=config.get('find_unused_parameters', False),
    )
    config.model_wrapper_cfg = {**wrapper, **(config.get('model_wrapper_cfg') or {}), 'device_ids': None}


@contextmanager
def closed_process_group() -> Iterator[None]:
    """Close the process group at the end of a run that succeeds.

    gloo's threads live as long as the group is referenced, for example by a wrapped model, and occasionally abort a
    finished process at interpreter exit. A barrier comes first, since rank 0 holds the store of the group; then each
    of several processes runs its exit handlers and exits without destroying C++ objects. There is no barrier after an
    error: the launcher ends the other processes.
    """
    yield
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        abrupt = torch.distributed.get_world_size() > 1 and torch.distributed.get_backend() == 'gloo'
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
        if abrupt:
            leave()


def leave() -> None:
    """End the process with status 0 after its exit handlers, without the destructors of libraries."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def gather_round_robin(tables: Sequence[Tensor]) -> Tensor:
    """Rows of the tables of all ranks: the first table of every rank, then the second of every rank, and so on.

    A rank waits for the device once, for the numbers of rows.

    Args:
        tables: of this rank, at least one, each (n, m) of the same m and type but any n.

    Returns:
        (sum of n, m), the same on every rank.
    """
    if get_world_size() == 1:
        return torch.cat(list(tables))
    rows = torch.cat(list(tables))
    turns = torch.arange(len(tables)).repeat_interleave(torch.tensor([len(table) for table in tables]))
    count = torch.tensor([len(rows)], device=rows.device)
    counts = [int(number) for number in torch.cat(all_gather(count)).tolist()]
    padded = rows.new_zeros(max(counts), rows.shape[1] + 1)
    padded[: len(rows), 0], padded[: len(rows), 1:] = turns.to(rows), rows
    ranks = [rank[:number] for rank, number in zip(all_gather(padded), counts)]
    order = torch.cat([rank[:, 0] * len(ranks) + index for index, rank in enumerate(ranks)]).argsort(stable=True)
    return torch.cat(ranks)[:, 1:].index_select(0, order)
