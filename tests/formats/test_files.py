"""Natural order, safe relative names, atomic writes."""

import errno
from pathlib import Path

import pytest

from gvseg.formats import files
from gvseg.formats.errors import InputError, MissingInputError
from gvseg.formats.files import (
    atomic_file,
    check_name,
    list_files,
    list_folders,
    natural_order,
    read_bytes,
    read_names,
    safe_join,
    write_text,
    write_with,
)


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b'')


@pytest.mark.parametrize(
    'names',
    [
        [f'{number}.jpg' for number in range(1, 13)],
        [f'img_{number:03d}.jpg' for number in range(1, 13)],
        ['v2/9.png', 'v2/10.png', 'v10/1.png'],
        ['a.png', 'a1.png', 'a-b.png', 'b.png'],
        ['0.png', '00.png', '000.png', '1.png'],
        ['9' * 5000 + '.png', '1' + '0' * 5000 + '.png'],
    ],
)
def test_natural_order(names: list[str]) -> None:
    assert natural_order(reversed(names)) == names


def test_files_are_listed_in_natural_order_without_hidden_ones(tmp_path: Path) -> None:
    touch(tmp_path, '10.png', '2.PNG', '1.png', '._1.png', 'readme.txt')
    assert list_files(tmp_path, ('.png',)) == ['1.png', '2.PNG', '10.png']


def test_folders_are_listed_in_natural_order(tmp_path: Path) -> None:
    for name in ('10', '9', '.cache'):
        (tmp_path / name).mkdir()
    assert list_folders(tmp_path) == ['9', '10']
    with pytest.raises(MissingInputError, match='no folder of a video here'):
        list_folders(tmp_path / '9')


def test_a_frame_twice_under_two_endings_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, '1.jpg', '1.png')
    with pytest.raises(InputError, match='1.jpg and 1.png of the same name; keep one'):
        list_files(tmp_path, ('.jpg', '.png'))


@pytest.mark.parametrize(('make', 'message'), [(False, 'does not exist'), (True, r'has no file \(.png\)')])
def test_no_folder_or_no_file(tmp_path: Path, make: bool, message: str) -> None:
    if make:
        touch(tmp_path / 'v')
    with pytest.raises(MissingInputError, match=message):
        list_files(tmp_path / 'v', ('.png',))


@pytest.mark.parametrize(
    'name',
    [
        '../x',
        'a/../../x',
        '/etc/x',
        '\\x',
        'a\\..\\x',
        'C:x',
        '',
        ' ',
        '.',
        'a\0b',
        'a\nb',
        'a\ud800',
        'x' * 256,
        'a/' * 600,
        None,
        3,
        ['a'],
    ],
)
def test_names_that_leave_their_folder_or_cannot_be_are_refused(tmp_path: Path, name: object) -> None:
    with pytest.raises(InputError, match='list.json: video 1: ') as caught:
        safe_join(tmp_path, name, 'list.json', 'video 1')
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize('name', ['a', 'v1/0001.jpg', 'a..b/c...png', 'ü ñ 日.png', 'x' * 255])
def test_usual_names_pass(tmp_path: Path, name: str) -> None:
    assert check_name(name) == name and safe_join(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize(
    ('path', 'message'),
    [('a\0b', 'not a file name'), ('x' * 300, 'too long'), ('missing', 'no such file'), ('/tmp', 'cannot be read')],
)
def test_files_that_cannot_be_read(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_bytes(path)


def test_lists_of_names(tmp_path: Path) -> None:
    path = tmp_path / 'val.txt'
    path.write_bytes('\ufeffa\r\n\n b \n'.encode())
    assert read_names(path) == ['a', 'b']
    for content, message in ((b'\n', 'is empty'), (b'a\nb\na', "'a' is listed more than once"), (b'\xff', 'UTF-8')):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f'val.txt: .*{message}'):
            read_names(path)


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / 'deep' / 'a.txt'
    write_text(path, 'old')
    with pytest.raises(KeyboardInterrupt):
        with atomic_file(path) as file:
            file.write(b'half')
            raise KeyboardInterrupt
    assert path.read_text() == 'old' and [entry.name for entry in path.parent.iterdir()] == ['a.txt']


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    def full(file) -> None:
        file.write(b'half')
        raise OSError(errno.ENOSPC, 'No space left on device')

    with pytest.raises(OSError, match='No space left'):
        write_with(tmp_path / 'a.npy', full)
    assert not list(tmp_path.iterdir())


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    assert write_text(tmp_path / ('x' * 255), 'a').read_text() == 'a'
    assert files.MAX_NAME_BYTES == 255
