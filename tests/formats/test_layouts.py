"""Detection of the layout of annotated videos, and the error for an unknown layout."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gvseg.formats.errors import InputError
from gvseg.formats.layouts import find_layout


def picture(path: Path, size: tuple[int, int] = (6, 8), value: int = 0) -> None:
    """An image (H, W) of one value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, np.uint8)).save(path)


def test_instances(tmp_path: Path) -> None:
    picture(tmp_path / 'frames/a/0.jpg')
    videos = [
        dict(id=1, file_names=['a/0.jpg', 'a/1.jpg'], height=6, width=8),
        dict(id=2, file_names=['b/0.jpg'], height=12, width=16),
    ]
    categories = [dict(id=7, name='dog'), dict(id=2, name='cat')]
    (tmp_path / 'train.json').write_text(json.dumps(dict(videos=videos, annotations=[], categories=categories)))
    (tmp_path / 'another.json').write_text('[]')
    found = find_layout(tmp_path)
    assert (found.task, found.classes, found.size) == ('vis', ('cat', 'dog'), (9, 12))
    assert (found.videos, found.frames, found.shortest) == (2, 3, 1)
    assert found.dataset == dict(
        type='YouTubeVISVideoDataset', ann_file='train.json', data_prefix=dict(img_path='frames')
    )
    assert 'Frames differ in size: 6 x 8 to 12 x 16' in found.notes[0]
    assert find_layout(tmp_path / 'train.json') == found
    (tmp_path / 'frames').rename(tmp_path / '480p')
    (tmp_path / 'frames').mkdir()
    (tmp_path / '480p').rename(tmp_path / 'frames/480p')
    assert find_layout(tmp_path).dataset['data_prefix'] == dict(img_path='frames/480p')


def test_panoptic(tmp_path: Path) -> None:
    picture(tmp_path / 'a/v/0.jpg')
    picture(tmp_path / 'b/v/0.png')
    (tmp_path / 'truth.json').write_text(
        json.dumps(
            dict(
                videos=[dict(video_id='v', images=[dict(file_name='0.jpg', height=6, width=8)])],
                categories=[dict(id=1, name='sky', isthing=0), dict(id=2, name='dog', isthing=1)],
                annotations=[dict(video_id='v', annotations=[])],
            )
        )
    )
    found = find_layout(tmp_path)
    assert (found.task, found.classes, found.num_things) == ('vps', ('dog', 'sky'), 1)
    assert found.dataset['data_prefix'] == dict(img_path='a', seg_map_path='b')


def test_semantic(tmp_path: Path) -> None:
    for frame, value in enumerate((2, 255)):
        picture(tmp_path / f'data/v/origin/{frame}.jpg')
        picture(tmp_path / f'data/v/mask/{frame}.png', value=value)
    (tmp_path / 'train.txt').write_text('v\n')
    found = find_layout(tmp_path)
    assert (found.task, found.classes, found.size) == ('vss', ('class 1', 'class 2'), (6, 8))
    assert 'Name the classes' in found.notes[0]
    assert find_layout(tmp_path, 'val').dataset == found.dataset  # there is no list of validation videos


@pytest.mark.parametrize('inner', ['', '480p/'])
def test_objects_without_a_meta_file(inner: str, tmp_path: Path) -> None:
    picture(tmp_path / f'JPEGImages/{inner}v/0.jpg')
    picture(tmp_path / f'Annotations/{inner}v/0.png')
    found = find_layout(tmp_path)
    assert (found.task, found.dataset['type'], found.videos) == ('evs', 'DAVISDataset', 1)
    assert found.dataset['data_prefix']['seg_map_path'] == f'Annotations/{inner}'.rstrip('/')
    assert found.dataset['sequences'] == ('v',) and 'single_object' not in found.dataset
    picture(tmp_path / f'Annotations/{inner}v/0.png', value=255)
    assert find_layout(tmp_path).dataset['single_object']  # as DAVIS-2016


def test_objects_with_a_meta_file(tmp_path: Path) -> None:
    picture(tmp_path / 'JPEGImages/v/0.jpg')
    (tmp_path / 'Annotations').mkdir()
    (tmp_path / 'meta.json').write_text(json.dumps(dict(videos=dict(v=dict(objects={})))))
    assert find_layout(tmp_path).dataset['ann_file'] == 'meta.json'


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='absent: does not exist; give the folder'):
        find_layout(tmp_path / 'absent')
    with pytest.raises(InputError, match='has no known layout; known layouts: a JSON of videos'):
        find_layout(tmp_path)
    (tmp_path / 'x.json').write_text(
        json.dumps(
            dict(videos=[dict(id=1, file_names=['a/0.jpg'], height=6, width=8)], categories=[dict(id=1, name='dog')])
        )
    )
    with pytest.raises(InputError, match=r'x.json: names a/0.jpg, which is not there; put it into'):
        find_layout(tmp_path)
    (tmp_path / 'x.json').write_text(json.dumps(dict(videos=[], categories=[])))
    with pytest.raises(InputError, match='lists no videos'):
        find_layout(tmp_path)
    picture(tmp_path / 'other/data/v/origin/0.jpg')
    picture(tmp_path / 'other/data/v/mask/0.png', value=255)
    (tmp_path / 'other/train.txt').write_text('v')
    with pytest.raises(InputError, match='no mask has a class'):
        find_layout(tmp_path / 'other')
