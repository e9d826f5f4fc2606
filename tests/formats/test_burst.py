"""BURST files: parsed content, and one error line for every invalid entry."""

from pathlib import Path

import pytest

from gvseg.formats.burst import check_masks, read_burst
from gvseg.formats.errors import InputError

from . import samples


def test_what_a_file_holds(tmp_path: Path) -> None:
    file = read_burst(samples.write(tmp_path / 'a.json', samples.burst()))
    assert file.split == 'val' and file.categories == {3: 'cat', 4: 'dog'}
    (sequence,) = file.sequences
    assert (sequence.name, sequence.id, sequence.height, sequence.width) == ('X/s', '1', 10, 12)
    assert sequence.frames == ('0.jpg', '2.jpg') and sequence.all_frames == ('0.jpg', '1.jpg', '2.jpg')
    assert sequence.tracks == {1: 3, 2: 4} and [set(masks) for masks in sequence.masks] == [{1}, {2}]
    check_masks(file)


def first(content: dict) -> dict:
    """The first sequence."""
    return content['sequences'][0]


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: c['sequences'].append(c['sequences'][0]), "duplicate sequence name 'X/s'"),
        (lambda c: c['sequences'].append({**first(c), 'seq_name': 't'}), "duplicate sequence id '1'"),
        (lambda c: first(c).update(annotated_image_paths=['0.jpg', '0.jpg']), 'lists the frame 0.jpg twice'),
        (lambda c: first(c)['segmentations'].pop(), 'X/s has 1 segmentations for 2 annotated frames'),
        (lambda c: first(c)['track_category_ids'].pop('2'), 'frame 2.jpg: track 2 has no category'),
        (lambda c: first(c)['track_category_ids'].update({'02': 4}), 'duplicate track id 2 in track_category_ids'),
        (lambda c: first(c)['track_category_ids'].update({'2': 9}), 'track 2 has the category 9'),
        (
            lambda c: first(c)['track_category_ids'].update({'2': '9' * 5000}),
            'track 2: category id .* is not an integer',
        ),
        (
            lambda c: first(c)['segmentations'][0].update({'0': first(c)['segmentations'][0]['1']}),
            'frame 0.jpg: track id 0; ids begin at 1',
        ),
        (lambda c: first(c)['segmentations'][0].update({'x': {}}), "track id 'x' is not an integer"),
        (lambda c: first(c)['segmentations'][0]['1'].update(bbox=[1, 2, 3]), 'frame 0.jpg, track 1: the box'),
        (lambda c: first(c)['segmentations'][0]['1'].update(point=[1]), 'frame 0.jpg, track 1: the point'),
        (lambda c: first(c)['segmentations'][0]['1'].update(rle=None), 'track 1: mask is None'),
        (
            lambda c: first(c)['segmentations'][0].update({'1': 'd0'}),
            "frame 0.jpg, track 1: is 'd0'; it must be an object",
        ),
        (lambda c: first(c).update(segmentations=[[], []]), 'frame 0.jpg: is a list'),
        (lambda c: first(c).update(seq_name='a\0b'), 'sequence number 0: the name .* contains invalid characters'),
        (lambda c: first(c).update(width=12.5), '"width" is 12.5'),
        (lambda c: first(c).pop('dataset'), 'sequence number 0: has no "dataset"'),
        (lambda c: c.pop('sequences'), 'not in BURST layout'),
        (lambda c: c.pop('categories'), 'has no "categories"'),
        (lambda c: c['categories'][0].update(name='dog'), "duplicate category name 'dog'"),
    ],
)
def test_bad_entries_are_named(tmp_path: Path, edit, message: str) -> None:
    with pytest.raises(InputError, match=f'a.json.*{message}'):
        read_burst(samples.write(tmp_path / 'a.json', samples.burst(), edit))


def test_a_mask_of_another_size_is_named(tmp_path: Path) -> None:
    file = read_burst(samples.write(tmp_path / 'a.json', samples.burst(), lambda c: first(c).update(width=13)))
    with pytest.raises(InputError, match='sequence X/s, frame 0.jpg, track 1: RLE covers 120 pixels, its size has 130'):
        check_masks(file)
