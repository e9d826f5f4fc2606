"""COCO files and YOLO label files: parsed content, and one error line for every invalid entry."""

from pathlib import Path

import pytest

from gvseg.formats.coco import check_annotation_mask, read_coco
from gvseg.formats.errors import InputError
from gvseg.formats.yolo import read_yolo

from . import samples


def test_what_a_file_holds(tmp_path: Path) -> None:
    file = read_coco(samples.write(tmp_path / 'a.json', samples.coco()))
    first, second = file.images
    assert (first.id, first.file_name, first.height, first.width) == (1, '1.jpg', 10, 12)
    assert [entry['id'] for entry in first.annotations] == [7] and second.annotations == ()
    check_annotation_mask(first.annotations[0], first, 'a.json')


def first(content: dict) -> dict:
    """The annotation."""
    return content['annotations'][0]


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: first(c).update(image_id=9), 'annotation 7 belongs to image 9, which is not in the list "images"'),
        (lambda c: first(c).update(category_id=9), 'annotation 7 has the category 9'),
        (lambda c: c['annotations'].append(first(c)), 'duplicate annotation id 7'),
        (lambda c: c['images'].append(c['images'][0]), 'duplicate image id 1'),
        (lambda c: c['images'].append({**c['images'][0], 'id': 3}), "duplicate image '1.jpg'"),
        (lambda c: c['categories'][0].update(name='dog'), "duplicate category name 'dog'"),
        (lambda c: first(c).update(bbox=[1, 2, 3]), 'annotation 7: the box'),
        (lambda c: c['images'][0].update(height='10'), 'image 1: "height"'),
        (lambda c: c['images'][0].update(file_name='\0'), 'not a file name'),
        (lambda c: c.pop('images'), 'not in COCO layout'),
        (lambda c: c.update(annotations={}), 'not in COCO layout'),
    ],
)
def test_bad_entries_are_named(tmp_path: Path, edit, message: str) -> None:
    with pytest.raises(InputError, match=f'a.json.*{message}'):
        read_coco(samples.write(tmp_path / 'a.json', samples.coco(), edit))


def test_a_corner_far_outside_is_named(tmp_path: Path) -> None:
    path = samples.write(
        tmp_path / 'a.json', samples.coco(), lambda c: first(c).update(segmentation=[[2, 2, 1e9, 2, 8, 8]])
    )
    image = read_coco(path).images[0]
    with pytest.raises(InputError, match='annotation 7 of image 1.jpg: .*has the corner'):
        check_annotation_mask(image.annotations[0], image, path)


def test_yolo_polygons(tmp_path: Path) -> None:
    (tmp_path / 'a.txt').write_text('3 0 0 0.5 0 0.5 1\n\n1 0.25 0.5 1 0.5 1 1 0.25 1\n')
    assert read_yolo(tmp_path / 'a.txt', 10, 12) == [(3, [0, 0, 6, 0, 6, 10]), (1, [3, 5, 12, 5, 12, 10, 3, 10])]


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (b'3 0 0 inf 0 0.5 1', 'line 1: one of its polygons has the corner'),
        (b'3 0 0 nan 0 0.5 1', 'the corner'),
        (b'3 0 0 1e300 0 0.5 1', 'the corner'),
        (b'inf 0 0 1 0 0.5 1', 'the class is inf'),
        (b'-1 0 0 1 0 1 1', 'class is -1'),
        (b'2.5 0 0 1 0 1 1', 'the class is 2.5'),
        (b'1e30 0 0 1 0 1 1', 'the class is 1e'),
        (b'3 0 0 1', 'is not "class x y'),
        (b'3 0.5 0.5 0.1 0.1', 'fewer than 3 corners'),
        (b'\xff\xfe', 'not a text file'),
        (b'\0', 'line 1 is not'),
        (b'3 0 0 40 0 0.5 1', 'far outside the frame'),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: bytes, message: str) -> None:
    (tmp_path / 'a.txt').write_bytes(line)
    with pytest.raises(InputError, match=f'a.txt.*{message}'):
        read_yolo(tmp_path / 'a.txt', 10, 12)
