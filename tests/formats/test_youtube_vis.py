"""YouTube-VIS and OVIS files: parsed content, and one error line for every invalid entry."""

import json
import zipfile
from pathlib import Path

import pytest

from gvseg.formats.errors import InputError
from gvseg.formats.tube_masks import tube_masks
from gvseg.formats.youtube_vis import boxes_of, read_tube_results, read_tubes, write_tube_results

from . import samples


def test_what_a_file_holds(tmp_path: Path) -> None:
    file = read_tubes(samples.write(tmp_path / 'a.json', samples.tubes()))
    assert file.categories == {3: 'cat', 4: 'dog'}
    first, second = file.videos
    assert (second.id, second.height, second.width, second.length) == (2, 10, 12, 2)
    assert second.file_names == ('v2/0.jpg', 'v2/1.jpg')
    (entry,) = second.annotations
    ((masks, areas),) = tube_masks([entry], second, lambda entry: 'a')
    assert areas == [0, 36] and masks[0] is None and boxes_of(entry) == [None, [2, 2, 6, 6]]


def test_equal_tubes_are_measured_once(tmp_path: Path) -> None:
    file = read_tubes(samples.write(tmp_path / 'a.json', samples.tubes()))
    (entry,) = file.videos[1].annotations
    moved = {'segmentations': entry['segmentations'][::-1]}
    copy = {'segmentations': [mask and dict(mask) for mask in entry['segmentations']], 'category_id': 4}
    first, other, again = tube_masks([entry, moved, copy], file.videos[1], lambda entry: 'a')
    assert again is first and first[1] == [0, 36] and other[1] == [36, 0]


@pytest.mark.parametrize('boxes', [[[2, 2, 6, 6]], [], None, [[2, 2, 6, 6]] * 3])
def test_boxes_of_another_number_cost_no_mask(tmp_path: Path, boxes: list | None) -> None:
    path = samples.write(tmp_path / 'a.json', samples.tubes(), lambda c: c['annotations'][0].update(bboxes=boxes))
    (entry,) = read_tubes(path).videos[0].annotations
    assert boxes_of(entry) == [None, None] and len(entry['segmentations']) == 2


def test_text_ids_of_videos(tmp_path: Path) -> None:
    def edit(content: dict) -> None:
        for video, tube in zip(content['videos'], content['annotations']):
            video['id'] = tube['video_id'] = f'clip_{video["id"]}'

    file = read_tubes(samples.write(tmp_path / 'a.json', samples.tubes(), edit))
    assert [video.id for video in file.videos] == ['clip_1', 'clip_2']
    assert all(len(video.annotations) == 1 for video in file.videos)


def first(content: dict, kind: str = 'annotations') -> dict:
    """The first entry of a list."""
    return content[kind][0]


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: first(c).update(id=2), 'duplicate annotation id 2'),
        (lambda c: first(c, 'videos').update(id=2), 'duplicate video id 2'),
        (lambda c: first(c, 'videos').update(id='2'), 'some video ids are integers and others strings'),
        (lambda c: first(c, 'videos').update(id=True), 'video number 0: "id" is True; it must be an integer'),
        (lambda c: first(c, 'categories').update(id=4), 'duplicate category id 4'),
        (lambda c: first(c, 'categories').update(name='dog'), "duplicate category name 'dog'"),
        (lambda c: first(c, 'categories').update(name=None), 'category number 0: its name is None'),
        (lambda c: c.update(categories=[]), '"categories" is empty'),
        (
            lambda c: first(c, 'videos').update(file_names=['a.jpg'] * 2),
            'video 1: "file_names" lists the frame a.jpg twice',
        ),
        (lambda c: first(c, 'videos').update(file_names=['a.jpg', 7]), 'video 1: "file_names" has 7'),
        (lambda c: first(c, 'videos').update(file_names=['a\0.jpg', 'b.jpg']), 'not a file name'),
        (lambda c: first(c, 'videos').update(file_names=['a' * 9999, 'b.jpg']), 'not a file name'),
        (lambda c: first(c, 'videos').update(length=3), '"length" is 3 but there are 2 file names'),
        (lambda c: first(c, 'videos').update(height=10.5), 'video 1: "height" is 10.5; it must be an integer'),
        (lambda c: first(c, 'videos').update(height=10**30), 'video 1: "height"'),
        (lambda c: first(c, 'videos').update(height=60000, width=60000), 'more than .* pixels'),
        (lambda c: first(c).update(video_id=9), 'annotation 1 belongs to video 9'),
        (lambda c: first(c).update(video_id='1'), 'annotation 1 belongs to video 1, which is not'),
        (lambda c: first(c).update(video_id=[1]), 'annotation 1: "video_id" is a list'),
        (lambda c: first(c).update(category_id=9), 'annotation 1 has the category 9'),
        (lambda c: first(c).update(category_id=None), 'annotation 1: "category_id" is None'),
        (lambda c: first(c).update(iscrowd=2), 'annotation 1: "iscrowd" is 2'),
        (
            lambda c: first(c).update(bboxes=[[1, 2, 3], None]),
            'annotation 1, frame 0: the box is .1, 2, 3.; it must be four',
        ),
        (lambda c: first(c).update(bboxes=[[1, 2, 3, '4'], None]), 'annotation 1, frame 0: the box'),
        (lambda c: first(c).update(bboxes=7), 'annotation 1: "bboxes" is 7; it must be a list'),
        (lambda c: first(c).update(segmentations=None), '"segmentations" is None'),
        (lambda c: first(c).update(segmentations=['x', None]), 'annotation 1, frame 0: it is not an RLE'),
        (lambda c: first(c).pop('id'), 'annotation number 0: has no "id"'),
        (lambda c: c.update(annotations=None), 'no list "annotations"'),
        (lambda c: c.update(videos={}), 'not in YouTube-VIS layout'),
        (lambda c: c['videos'].append(7), 'video number 2: is 7'),
    ],
)
def test_bad_entries_are_named(tmp_path: Path, edit, message: str) -> None:
    with pytest.raises(InputError, match=f'a.json.*{message}'):
        read_tubes(samples.write(tmp_path / 'a.json', samples.tubes(), edit))


@pytest.mark.parametrize(
    ('mask', 'message'),
    [
        ({'size': [10, 12], 'counts': [10**30]}, r'frame 1 \(v2/1.jpg\): its counts are not run lengths'),
        ({'size': [10, 12], 'counts': '\x7f'}, r'frame 1 \(v2/1.jpg\): damaged RLE string'),
        ({'size': [10.0, 12], 'counts': 'd0'}, '.*not a pair of integers'),
        ([[1e9, 1, 2, 3, 4, 5]], '.*has the corner'),
    ],
)
def test_bad_masks_are_named(tmp_path: Path, mask, message: str) -> None:
    path = samples.write(
        tmp_path / 'a.json', samples.tubes(), lambda c: c['annotations'][1].update(segmentations=[None, mask])
    )
    video = read_tubes(path).videos[1]
    with pytest.raises(InputError, match=f'tube 2, {message}'):
        tube_masks(video.annotations, video, lambda entry: f'tube {entry["id"]}')


def test_results_come_back_from_their_zip(tmp_path: Path) -> None:
    truth = read_tubes(samples.write(tmp_path / 'a.json', samples.tubes()))
    entry = dict(video_id=2, category_id=3, score=0.5, segmentations=[None, samples.mask()])
    write_tube_results(tmp_path / 'r.zip', [entry])
    assert read_tube_results(tmp_path / 'r.zip', truth) == {1: [], 2: [{**entry, 'index': 0}]}
    (tmp_path / 'r.zip').write_bytes((tmp_path / 'r.zip').read_bytes()[:-30])
    with pytest.raises(InputError, match='r.zip'):
        read_tube_results(tmp_path / 'r.zip', truth)
    with zipfile.ZipFile(tmp_path / 'two.zip', 'w') as archive:
        archive.writestr('a.json', '[]')
        archive.writestr('b.json', '[]')
    with pytest.raises(InputError, match='needs one JSON file inside, found 2'):
        read_tube_results(tmp_path / 'two.zip', truth)


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    def entries():
        yield {'video_id': 1}
        raise OSError('No space left on device')

    with pytest.raises(OSError, match='No space'):
        write_tube_results(tmp_path / 'r.zip', entries())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(video_id=9), 'entry 0: video_id 9 is not'),
        (dict(category_id=9), 'category_id 9 is not'),
        (dict(score='1'), '"score"'),
        (dict(score=10**400), '"score"'),
        (dict(segmentations=None), '"segmentations"'),
        (dict(video_id='1'), 'video_id 1 is not'),
    ],
)
def test_bad_results_are_named(tmp_path: Path, change: dict, message: str) -> None:
    truth = read_tubes(samples.write(tmp_path / 'a.json', samples.tubes()))
    entry = dict(video_id=2, category_id=3, score=0.5, segmentations=[None, None], **{})
    (tmp_path / 'r.json').write_text(json.dumps([{**entry, **change}]))
    with pytest.raises(InputError, match=f'r.json: entry 0.*{message}|r.json: {message}'):
        read_tube_results(tmp_path / 'r.json', truth)
