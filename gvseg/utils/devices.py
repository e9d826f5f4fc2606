"""Devices that networks run on."""

import torch

from .errors import InputError


def check_device(name: str | torch.device) -> torch.device:
    """The device of a name; checks that it can be used.

    Args:
        name: as torch takes it, for example ``'cpu'`` or ``'cuda:0'``.

    Raises:
        InputError: torch has no such device, or the machine has none.
    """
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise InputError(f'There is no device {name!r}: give cpu, or cuda:0 for the first GPU.') from error
    if device.type == 'cuda':
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise InputError(
                f'Device {name} is not there: torch {torch.__version__} finds '
                f'{count or "no"} CUDA device{"s" * (count > 1)} on this machine. Give cpu'
                f'{", or cuda:0" if count else ""}.'
            )
        return device
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, NotImplementedError, AssertionError) as error:
        raise InputError(f'Device {name} cannot be used here: give cpu, or cuda:0 for the first GPU.') from error
    return device
