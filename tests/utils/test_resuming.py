"""Where training goes on, whatever state the work directory is in."""

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from gvseg.utils.errors import CheckpointError
from gvseg.utils.resuming import check_resumable, newest_checkpoint, write_pointer

POINTER = 'last_checkpoint'


def write(folder: Path, number: int, **parts: object) -> Path:
    """A checkpoint of training as mmengine writes it, with some parts replaced."""
    weights = nn.Linear(2, 2).state_dict()
    content = dict(state_dict=weights, meta=dict(iter=number, epoch=0), message_hub={}, optimizer={})
    folder.mkdir(exist_ok=True)
    torch.save({**content, **parts}, folder / f'iter_{number}.pth')
    return folder / f'iter_{number}.pth'


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with two checkpoints; the numbers do not sort as text."""
    for number in (900, 1000):
        write(tmp_path / 'run', number)
    return tmp_path / 'run'


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


@pytest.mark.parametrize(
    'pointer', [None, '', 'iter_1000.pth', 'iter_900.pth', 'iter_1.pth', '\0\xff', '/elsewhere/iter_1000.pth']
)
def test_the_newest_is_taken_whatever_the_pointer_says(run: Path, pointer: str | None) -> None:
    if pointer is not None:
        (run / POINTER).write_text(pointer, encoding='latin1')
    assert newest_checkpoint(str(run)) == str(run / 'iter_1000.pth')


def test_a_cut_file_is_passed_over_and_named(run: Path) -> None:
    cut(run / 'iter_1000.pth')
    (run / POINTER).write_text('iter_1000.pth')
    said = []
    assert newest_checkpoint(str(run), log=said.append) == str(run / 'iter_900.pth')
    assert len(said) == 1 and 'iter_1000.pth cannot be read' in said[0] and 'going on from' in said[0]


def test_another_folders_checkpoint_is_not_taken(run: Path, tmp_path: Path) -> None:
    own = tmp_path / 'own'
    own.mkdir()
    (own / POINTER).write_text(str(run / 'iter_1000.pth'))
    with pytest.raises(CheckpointError, match='no whole checkpoint.*run/iter_1000.pth, which is not there'):
        newest_checkpoint(str(own))


def test_a_moved_folder_goes_on(run: Path, tmp_path: Path) -> None:
    (run / POINTER).write_text(str(run / 'iter_1000.pth'))
    moved = Path(shutil.move(run, tmp_path / 'moved'))
    assert newest_checkpoint(str(moved)) == str(moved / 'iter_1000.pth')


def test_nothing_whole_is_an_error_and_nothing_at_all_is_not(run: Path, tmp_path: Path) -> None:
    for path in run.glob('*.pth'):
        cut(path)
    with pytest.raises(CheckpointError, match='iter_1000.pth cannot be read.*empty .*run to begin anew'):
        newest_checkpoint(str(run))
    assert newest_checkpoint(str(tmp_path / 'new')) is None


def test_a_name_without_a_number_is_known_by_the_pointer(run: Path) -> None:
    shutil.copy(run / 'iter_900.pth', run / 'mine.pth')
    (run / POINTER).write_text('mine.pth')
    assert newest_checkpoint(str(run)) == str(run / 'mine.pth')


def test_checkpoints_in_another_folder_of_the_run(run: Path, tmp_path: Path) -> None:
    write_pointer(str(tmp_path), str(run / 'iter_1000.pth'))
    assert (tmp_path / POINTER).read_text() == 'run/iter_1000.pth' and not list(tmp_path.glob('*.part'))
    assert newest_checkpoint(str(tmp_path), [str(run)]) == str(run / 'iter_1000.pth')


@pytest.mark.parametrize(
    'parts', [dict(meta={}), dict(optimizer=3), dict(message_hub=[]), dict(meta=dict(iter='x', epoch=0))]
)
def test_weights_alone_cannot_be_resumed(tmp_path: Path, parts: dict) -> None:
    with pytest.raises(CheckpointError, match='holds weights only.*load_from='):
        check_resumable(str(write(tmp_path, 5, **parts)))
