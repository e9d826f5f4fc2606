"""Devices are tried out before anything else is done."""

import pytest
import torch

from gvseg.utils.devices import check_device
from gvseg.utils.errors import InputError


def test_a_device_that_is_there() -> None:
    assert check_device('cpu') == torch.device('cpu')


@pytest.mark.parametrize(
    'name, message',
    [('gpu', "There is no device 'gpu'"), ('', "There is no device ''"), ('meta', 'Device meta cannot be used here')],
)
def test_a_device_that_torch_has_not(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_device(name)


@pytest.mark.parametrize(
    'count, name, message',
    [
        (0, 'cuda:0', 'Device cuda:0 is not there: torch .* finds no CUDA device on this machine. Give cpu.'),
        (0, 'cuda', 'Device cuda is not there'),
        (1, 'cuda:1', 'finds 1 CUDA device on this machine. Give cpu, or cuda:0.'),
        (2, 'cuda:7', 'finds 2 CUDA devices on'),
    ],
)
def test_a_gpu_that_this_machine_has_not(monkeypatch: pytest.MonkeyPatch, count: int, name: str, message: str) -> None:
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: count > 0)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: count)
    with pytest.raises(InputError, match=message):
        check_device(name)
