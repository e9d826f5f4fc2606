"""Panoptic JSON in VIPSeg's layout: parsed content and refused content."""

import json
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gvseg.evaluation.metrics import VideoPanopticMetric
from gvseg.formats.errors import InputError
from gvseg.formats.kitti_step import colours_of, read_codes, split_codes
from gvseg.formats.panoptic_json import find_truth, read_panoptic_file, read_results, require_maps

SEGMENT = dict(id=7, category_id=1, area=4, iscrowd=1)
GOOD = dict(
    categories=[dict(id=0, name='sky', isthing=0, color=[1, 2, 3]), dict(id=1, name='cat', isthing=1)],
    videos=[dict(video_id='v', images=[dict(file_name='1.jpg', height=2, width=3), dict(file_name='2.jpg')])],
    annotations=[
        dict(
            video_id='v',
            annotations=[dict(file_name='1.png', segments_info=[SEGMENT]), dict(file_name='2.png', segments_info=[])],
        )
    ],
)


def write(folder: Path, content: object) -> Path:
    path = folder / 'a.json'
    path.write_text(json.dumps(content))
    return path


def test_a_good_file(tmp_path: Path) -> None:
    file = read_panoptic_file(write(tmp_path, GOOD))
    assert [(c.id, c.name, c.is_thing, c.colour) for c in file.categories] == [
        (0, 'sky', False, (1, 2, 3)),
        (1, 'cat', True, (0, 0, 0)),
    ]
    first, second = file.videos[0].frames
    assert (first.name, first.map_name, first.size, second.size) == ('1', '1.png', (2, 3), None)
    assert (first.segments.ids.tolist(), first.segments.crowd.tolist()) == ([7], [True])
    assert len(second.segments.ids) == 0


def video(content: dict) -> dict:
    return content['videos'][0]


def annotated(content: dict) -> list:
    return content['annotations'][0]['annotations']


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda c: c['videos'].append(video(c)), "duplicate video id 'v'"),
        (lambda c: c['annotations'].append(c['annotations'][0]), "duplicate video id 'v'"),
        (lambda c: annotated(c)[0]['segments_info'].append(SEGMENT), 'video v, frame 1: duplicate segment id 7'),
        (lambda c: annotated(c)[0].update(file_name='0001.png'), 'video v, frame 1: has no annotation'),
        (
            lambda c: annotated(c).append(dict(file_name='3.png', segments_info=[])),
            "video v: the annotation of frame '3' has no frame of its name",
        ),
        (lambda c: c['annotations'][0].update(video_id='w'), "video 'v' has no annotations"),
        (lambda c: c['annotations'].append(dict(video_id='w', annotations=[])), "the annotations name the video 'w'"),
        (lambda c: video(c).update(video_id='../../v'), 'would lie outside of its folder'),
        (lambda c: video(c)['images'][0].update(file_name='../1.jpg'), 'would lie outside of its folder'),
        (lambda c: video(c)['images'][0].update(file_name='w/1.jpg'), 'contains a folder'),
        (lambda c: video(c)['images'][0].update(height=2.5), '"height" is 2.5; it must be an integer'),
        (lambda c: video(c)['images'][0].pop('width'), 'has no "width"'),
        (lambda c: c['categories'].append(dict(id=1, name='dog', isthing=1)), 'duplicate category id 1'),
        (lambda c: c['categories'].append(dict(id=2, name='cat', isthing=1)), "duplicate category name 'cat'"),
        (lambda c: c['categories'][0].update(color=[1, 2, 256]), '"color" is 256, out of range'),
        (lambda c: c['categories'][0].update(isthing=2), '"isthing" is 2; it must be 0 or 1'),
        (lambda c: annotated(c)[0]['segments_info'][0].update(iscrowd='yes'), '"iscrowd" is \'yes\''),
        (lambda c: annotated(c)[0]['segments_info'][0].update(area=1e30), 'area of segment 7 is 1e\\+30'),
        (lambda c: annotated(c)[0]['segments_info'][0].update(id=0), 'segment id 0 is out of range'),
        (lambda c: c.update(categories=[]), 'has no list "categories"'),
        (lambda c: c.pop('videos'), 'has no lists "categories" and "videos"'),
        (lambda c: c.pop('annotations'), 'has no list "annotations"'),
    ],
)
def test_bad_files(tmp_path: Path, change, message: str) -> None:
    content = deepcopy(GOOD)
    change(content)
    with pytest.raises(InputError, match=f'a.json: .*{message}'):
        read_panoptic_file(write(tmp_path, content))


def test_hidden_ground_truth(tmp_path: Path) -> None:
    hidden = {key: value for key, value in GOOD.items() if key != 'annotations'}
    file = read_panoptic_file(write(tmp_path, hidden), needs_annotations=False)
    assert [frame.segments for frame in file.videos[0].frames] == [None, None]


def test_results_must_cover_the_ground_truth(tmp_path: Path) -> None:
    truth = read_panoptic_file(write(tmp_path, GOOD))
    result = dict(annotations=deepcopy(GOOD['annotations']))
    assert read_results(write(tmp_path, result), truth)['v']['1'].ids.tolist() == [7]
    result['annotations'][0]['annotations'].pop()
    with pytest.raises(InputError, match="a.json: video v: frame '2' is missing"):
        read_results(write(tmp_path, result), truth)
    with pytest.raises(InputError, match="a.json: video 'v' is missing"):
        read_results(write(tmp_path, dict(annotations=[])), truth)


def test_the_metric_reads_and_checks_its_truth_when_it_is_built(tmp_path: Path) -> None:
    path, maps = write(tmp_path, GOOD), tmp_path / 'maps'
    (maps / 'v').mkdir(parents=True)
    (maps / 'v/1.png').touch()
    with pytest.raises(InputError, match='v/2.png does not exist, but .*a.json lists its frame'):
        VideoPanopticMetric(str(path), str(maps))
    (maps / 'v/2.png').touch()
    assert VideoPanopticMetric(str(path), str(maps)).truth.classes.names == ('cat', 'sky')
    require_maps(read_panoptic_file(path), path, maps)
    bad = deepcopy(GOOD)
    annotated(bad)[0]['segments_info'].append(SEGMENT)
    with pytest.raises(InputError, match='duplicate segment id 7'):
        VideoPanopticMetric(str(write(tmp_path, bad)), str(maps))


def test_the_file_of_the_split_is_found(tmp_path: Path) -> None:
    for name in ('panoptic_gt_VIPSeg_val.json', 'panoptic_gt_VIPSeg_test.json'):
        (tmp_path / name).touch()
    assert find_truth(tmp_path).name == 'panoptic_gt_VIPSeg_val.json'
    with pytest.raises(InputError, match="needs one panoptic_gt.*of split 'train'"):
        find_truth(tmp_path, 'train')


def test_codes_of_kitti_step(tmp_path: Path) -> None:
    codes = np.array([[13 * 65536 + 258, 255 * 65536, 11 * 65536]])
    Image.fromarray(colours_of(codes)).save(tmp_path / 'a.png')
    assert np.array_equal(read_codes(tmp_path / 'a.png'), codes)
    assert [part.tolist() for part in split_codes(codes[0], 'a.png')] == [[13, 255, 11], [258, 0, 0]]
    with pytest.raises(InputError, match='a.png: class 255 .* fill every pixel'):
        split_codes(codes[0], 'a.png', void=False)
    with pytest.raises(InputError, match='a.png: class 19 .*classes are 0..18 and 255 for void'):
        split_codes(np.array([19 * 65536]), 'a.png')
