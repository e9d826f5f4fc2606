"""meta.json of YouTube-VOS and the lists of DAVIS."""

from pathlib import Path

import pytest

from gvseg.formats.errors import InputError
from gvseg.formats.vos import first_frames, read_davis_list, read_vos_meta

from . import samples


def test_objects_start_in_the_first_of_their_frames_in_natural_order(tmp_path: Path) -> None:
    objects = read_vos_meta(samples.write(tmp_path / 'meta.json', samples.vos_meta()))['a']
    assert objects[1].frames == ('2', '10') and objects[2].category == 'dog'
    assert first_frames(objects, ['2', '10'], 'a') == {'2': [1], '10': [2]}
    with pytest.raises(InputError, match='meta.json, video a: object 1 is in frame 10, which the video lacks'):
        first_frames(objects, ['2'], 'meta.json, video a')


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda v: v['a'].pop('objects'), 'video a: has no "objects"'),
        (lambda v: v['a']['objects'].update({'01': {}}), 'video a: duplicate object id 1'),
        (lambda v: v['a']['objects'].update({'255': {}}), "object id '255' is not a number in 1..254"),
        (lambda v: v['a']['objects'].update({'²': {}}), "object id '²'"),
        (lambda v: v['a']['objects'].update({'9' * 5000: {}}), 'object id'),
        (lambda v: v['a']['objects']['1'].update(frames=['2', '2']), 'object 1: "frames" lists the frame 2 twice'),
        (lambda v: v['a']['objects']['1'].update(frames='2'), 'object 1: "frames" is'),
        (lambda v: v['a']['objects'].update({'1': 7}), 'object 1: is 7'),
        (lambda v: v.update({'a\0': {}}), 'not a video name'),
        (lambda v: v.clear(), 'has no "videos"'),
    ],
)
def test_bad_entries_are_named(tmp_path: Path, edit, message: str) -> None:
    with pytest.raises(InputError, match=f'meta.json.*{message}'):
        read_vos_meta(samples.write(tmp_path / 'meta.json', samples.vos_meta(), lambda c: edit(c['videos'])))


def test_lists_of_both_years(tmp_path: Path) -> None:
    (tmp_path / '2017.txt').write_text('bear\ndog agility\n')
    assert read_davis_list(tmp_path / '2017.txt') == ['bear', 'dog agility']
    lines = [
        f'/JPEGImages/480p/{name}/0000{frame}.jpg /Annotations/480p/{name}/0000{frame}.png'
        for name in ('bear', 'dog')
        for frame in range(2)
    ]
    (tmp_path / '2016.txt').write_text('\n'.join(lines))
    assert read_davis_list(tmp_path / '2016.txt') == ['bear', 'dog']


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (b'', 'is empty'),
        (b'a\nb\na\n', "'a' is listed more than once"),
        (b'a\0b', 'line 1: .* is not a sequence name'),
        (b'\xff', 'not a text file'),
        (b'/a.jpg', 'is not a sequence name'),
    ],
)
def test_bad_lists_are_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / 'a.txt').write_bytes(data)
    with pytest.raises(InputError, match=f'(?s)a.txt.*{message}'):
        read_davis_list(tmp_path / 'a.txt')
