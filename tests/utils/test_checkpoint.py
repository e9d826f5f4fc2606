"""Checkpoints that are missing, damaged, unsafe or of another model."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from gvseg.utils.checkpoint import check_fits, class_names, read_meta, read_state
from gvseg.utils.errors import CheckpointError


class Head(nn.Module):
    """A weight whose rows count the classes, and a buffer."""

    def __init__(self, num_classes: int, dim: int = 4) -> None:
        super().__init__()
        self.cls_embed = nn.Linear(dim, num_classes + 1)
        self.register_buffer('seen', torch.zeros(num_classes))


def save(folder: Path, content: Any) -> str:
    """A checkpoint file."""
    path = str(folder / 'weights.pth')
    torch.save(content, path)
    return path


@pytest.mark.parametrize('wrapped', [False, True])
def test_weights_are_read_from_both_kinds_of_file(tmp_path: Path, wrapped: bool) -> None:
    state = {f'module.{name}': value for name, value in Head(3).state_dict().items()}
    weights = read_state(save(tmp_path, dict(state_dict=state, meta=dict(iter=1)) if wrapped else state))
    assert set(weights) == set(Head(3).state_dict())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match='none.pth does not exist'):
        read_state(str(tmp_path / 'none.pth'))


@pytest.mark.parametrize('keep', [0, 10, 1000, -1])
def test_a_truncated_file(tmp_path: Path, keep: int) -> None:
    path = Path(save(tmp_path, dict(state_dict=Head(50).state_dict())))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match='weights.pth') as caught:
        read_state(str(path))
    assert 'damaged' in str(caught.value) and '\n' not in str(caught.value)


@pytest.mark.parametrize('content', [b'not a checkpoint', b'<html>', pickle.dumps(list(range(3)))])
def test_a_file_of_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'weights.pth'
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match='weights.pth') as caught:
        read_state(str(path))
    assert '\n' not in str(caught.value)


def test_a_file_without_weights(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match='holds no weights'):
        read_state(save(tmp_path, dict(meta=dict(iter=3))))


class Trap:
    """Runs code when unpickled."""

    def __reduce__(self) -> tuple:
        return exec, ('raise SystemExit("code of the file was run")',)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match='needs code to be run'):
        read_state(save(tmp_path, dict(state_dict=Trap())))


NAN = torch.tensor([1.0, float('nan')])


@pytest.mark.parametrize(
    'content, match',
    [
        (dict(state_dict=[1, 2]), 'has a list as its state_dict'),
        (dict(state_dict=None), 'has a NoneType as its state_dict'),
        (dict(state_dict=dict(a=NAN), meta=[]), 'has a list as its meta'),
        (dict(state_dict=dict(a=NAN)), r'not numbers \(NaN\), the first are in a'),
        (dict(a=torch.ones(2, dtype=torch.complex64)), 'complex numbers in a'),
        ([torch.ones(2)], 'holds a list where weights by name'),
        (torch.ones(2), 'holds a Tensor where weights by name'),
        ({3: torch.ones(2)}, 'holds no weights'),
        (dict(state_dict=dict(a='text')), 'holds no weights'),
    ],
)
def test_odd_contents(tmp_path: Path, content: Any, match: str) -> None:
    for read in (read_state, read_meta):
        with pytest.raises(CheckpointError, match=match) as caught:
            read(save(tmp_path, content))
        assert 'weights.pth' in str(caught.value) and '\n' not in str(caught.value)


@pytest.mark.parametrize(
    'meta, names',
    [
        (dict(dataset_meta=dict(classes=('a', 'b'))), ('a', 'b')),
        (dict(CLASSES=['a']), ('a',)),
        (dict(dataset_meta=dict(classes='a')), ('a',)),
        (dict(dataset_meta=[1]), ()),
        (dict(CLASSES=3), ()),
        ([], ()),
    ],
)
def test_class_names_of_odd_metas(meta: Any, names: tuple) -> None:
    assert class_names(meta) == names


def test_whole_numbers_do_not_fit_fractions() -> None:
    weights = dict(Head(3).state_dict())
    weights['cls_embed.bias'] = weights['cls_embed.bias'].long()
    with pytest.raises(CheckpointError, match='cls_embed.bias is torch.int64 in the file and torch.float32'):
        check_fits(Head(3), weights, 'a.pth')


def test_the_right_weights_fit() -> None:
    weights = dict(Head(3).state_dict(), extra=torch.zeros(1))
    del weights['seen']
    assert check_fits(Head(3), weights, 'a.pth') == ['extra', 'seen']


def test_another_number_of_classes_is_told() -> None:
    with pytest.raises(CheckpointError, match=r'a\.pth was trained for 3 classes, but the config has 5'):
        check_fits(Head(5), Head(3).state_dict(), 'a.pth')


def test_another_shape_is_told() -> None:
    weights = dict(Head(3).state_dict(), seen=torch.zeros(9))
    with pytest.raises(CheckpointError, match=r'seen has shape \(9,\) in the file and \(3,\) in the model'):
        check_fits(Head(3), weights, 'a.pth')


def test_absent_parameters_are_told() -> None:
    with pytest.raises(CheckpointError, match='no weights for 2 .*, the first is cls_embed.weight'):
        check_fits(Head(3), dict(seen=torch.zeros(3)), 'a.pth')
