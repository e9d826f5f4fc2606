"""Bad input gives one clear message that names the file."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS, TRANSFORMS
from PIL import Image

from gvseg.datasets import DataError
from gvseg.datasets.transforms import box_region, check_point, make_exemplar

from .conftest import edit_json, write_video

LOAD = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]
SHOW = dict(type='MakeExemplars', training=False, kinds='mask', dim=64)
PIPELINE = LOAD + [SHOW, dict(type='PackClipInputs')]


def square(identity: int = 1) -> np.ndarray:
    """(20, 30) map with one square object."""
    ids = np.zeros((20, 30), np.uint8)
    ids[4:12, 4:12] = identity
    return ids


@pytest.fixture
def config(tmp_path: Path) -> dict:
    """A test data set of three good frames."""
    return dict(write_video(tmp_path, [square()] * 3), pipeline=PIPELINE)


def test_good_video(config):
    sample = DATASETS.build(config)[0, [0, 1, 2]]['data_samples']
    assert [len(f.exemplars) for f in sample] == [1, 0, 0]


def test_missing_frame(config, tmp_path):
    dataset = DATASETS.build(config)
    (tmp_path / 'JPEGImages/clip/00001.jpg').unlink()
    with pytest.raises(DataError, match='Frame .*00001.jpg does not exist'):
        dataset[0, [0, 1]]


@pytest.mark.parametrize('content', [b'', b'no image', b'\xff\xd8\xff\xe0'])
def test_corrupt_frame(config, tmp_path, content):
    (tmp_path / 'JPEGImages/clip/00001.jpg').write_bytes(content)
    with pytest.raises(DataError, match='00001.jpg is not a readable image'):
        DATASETS.build(config)[0, [0, 1]]


def test_corrupt_frame_stops_training_too(config, tmp_path):
    (tmp_path / 'JPEGImages/clip/00000.jpg').write_bytes(b'no image')
    sample = dict(type='TemporalContrastiveFrameSample', clip_length=3)
    dataset = DATASETS.build(dict(config, test_mode=False, pipeline=[sample] + LOAD))
    with pytest.raises(DataError, match='00000.jpg is not a readable image'):
        dataset[0, 0]


def test_frames_of_different_size(config, tmp_path):
    Image.new('RGB', (31, 20)).save(tmp_path / 'JPEGImages/clip/00001.jpg')
    with pytest.raises(DataError, match='00001.jpg is 20x31 but .*20x30'):
        DATASETS.build(config)[0, [0, 1]]


def test_mask_of_another_size_than_its_frame(config, tmp_path):
    Image.new('L', (15, 10)).save(tmp_path / 'Annotations/clip/00001.png')
    with pytest.raises(DataError, match='00001.png is 10x15 but its frame .*00001.jpg is 20x30'):
        DATASETS.build(config)[0, [1]]


def test_corrupt_mask(config, tmp_path):
    (tmp_path / 'Annotations/clip/00000.png').write_bytes(b'no image')
    with pytest.raises(DataError, match='00000.png: not a PNG file'):
        DATASETS.build(config)[0, [0]]


def test_empty_mask_of_the_first_frame_warns(tmp_path):
    config = write_video(tmp_path, [square() * 0, square()])
    with pytest.warns(UserWarning, match='00000.png is empty: no object'):
        sample = DATASETS.build(dict(config, pipeline=PIPELINE))[0]
    assert [len(f.exemplars) for f in sample['data_samples']] == [0, 0]


def test_object_id_without_pixels_warns_and_is_left_out(split, configs, tmp_path):
    root = tmp_path / 'ytvos'
    shutil.copytree(split / 'ytvos', root)
    name = sorted(p.name for p in (root / 'JPEGImages').iterdir())[0]

    def add(content: dict) -> None:
        content['videos'][name]['objects']['9'] = dict(category='disk', frames=['00000', '00001'])

    edit_json(root / 'meta.json', add)
    dataset = DATASETS.build(dict(configs['evs'], data_root=str(root), test_mode=True, pipeline=PIPELINE))
    with pytest.warns(
        UserWarning,
        match=r'Object \[9\] has no pixel in '
        '.*00000.png',
    ):
        first = dataset[0, [0]]['data_samples'][0]
    assert 9 not in first.exemplars.instances_ids
    assert len(first.exemplars) > 0


def test_object_that_starts_at_a_frame_that_does_not_exist(split, configs, tmp_path):
    root = tmp_path / 'ytvos'
    shutil.copytree(split / 'ytvos', root)
    edit_json(root / 'meta.json', lambda c: next(iter(c['videos'].values()))['objects']['1'].update(frames=['00777']))
    with pytest.raises(DataError, match='meta.json, video .*: object 1 is in frame 00777'):
        DATASETS.build(dict(configs['evs'], data_root=str(root)))


def test_all_zero_rle_warns_and_counts_as_absent(configs, split, tmp_path):
    copy = tmp_path / 'instances.json'
    copy.write_text((split / 'ytvis/instances.json').read_text())
    height, width = 48, 80

    def blank(content: dict) -> None:
        tube = content['annotations'][0]
        tube['segmentations'][0] = dict(size=[height, width], counts=[height * width])

    edit_json(copy, blank)
    dataset = DATASETS.build(dict(configs['vis'], ann_file=str(copy), test_mode=True, pipeline=LOAD))
    with pytest.warns(UserWarning, match='Instance 1 of video 1 has an empty'):
        item = dataset[0, [0]]
    assert 1 not in item['gt_instances_ids'][0]


@pytest.mark.parametrize('point', [(-1, 3), (30, 3), (3, 20), (3, -0.5)])
def test_point_outside_the_frame(point):
    with pytest.raises(DataError, match='outside the frame a.jpg of width 30'):
        check_point(point, (20, 30), 'a.jpg')
    check_point((29.5, 0), (20, 30), 'a.jpg')


def test_box_outside_the_frame():
    with pytest.raises(DataError, match='covers no pixel of the frame a.jpg'):
        box_region((40, 5, 50, 9), (20, 30), 'a.jpg')
    assert box_region((28, 18, 50, 90), (20, 30), 'a.jpg').sum() == 4


def test_exemplars_of_a_user():
    size = (20, 30)
    point = make_exemplar(3, 'point', (4, 5), size, 'a.jpg')
    assert (point.points == (4, 5)).all() and not point.region.any()
    box = make_exemplar(3, 'box', (25, 0, 99, 4), size, 'a.jpg')
    assert box.region.sum() == 5 * 4 and len(box.points) == 32
    assert (box.points <= (30, 4)).all() and (box.points >= (25, 0)).all()
    mask = make_exemplar(3, 'mask', square(1), size, 'a.jpg')
    assert mask.region.sum() == 64
    with pytest.raises(DataError, match='mask of object 3 .*a.jpg is empty'):
        make_exemplar(3, 'mask', square() * 0, size, 'a.jpg')
    with pytest.raises(DataError, match='is 20x29 but the frame a.jpg'):
        make_exemplar(3, 'mask', square()[:, 1:], size, 'a.jpg')


@pytest.mark.parametrize('length', [1, 2])
def test_video_shorter_than_a_clip(tmp_path, length):
    config = write_video(tmp_path, [square()] * length)
    dataset = DATASETS.build(dict(config, pipeline=PIPELINE))
    sampler = TRANSFORMS.build(dict(type='TemporalContrastiveFrameSample', clip_length=3))
    video = dataset.get_data_info(0)
    video['rng'] = np.random.default_rng(0)
    frames = sampler(video)['frame_id']
    assert len(frames) == 6 and max(frames) < length
    padded = dataset[0, [0] * (4 - length) + [1] * (length - 1)]
    assert padded['inputs'].shape[0] == 3


def test_missing_and_broken_json(configs, tmp_path):
    for task in ('vis', 'vps', 'evs'):
        with pytest.raises(DataError, match='gone.json does not exist'):
            DATASETS.build(dict(configs[task], ann_file='gone.json'))
        broken = tmp_path / 'broken.json'
        broken.write_text('{"videos": [')
        with pytest.raises(DataError, match='broken.json: not valid JSON|broken.json is not valid JSON'):
            DATASETS.build(dict(configs[task], ann_file=str(broken)))
        broken.write_text('{"a": 1}')
        with pytest.raises(DataError, match='broken.json:? is not .*layout|broken.json is not a YouTube-VOS'):
            DATASETS.build(dict(configs[task], ann_file=str(broken)))


def test_video_missing_on_disk(tmp_path):
    config = write_video(tmp_path, [square()])
    with pytest.raises(DataError, match='Folder .*gone does not exist'):
        DATASETS.build(dict(config, sequences=['gone'], pipeline=PIPELINE))


def test_panoptic_id_that_the_json_does_not_list(configs, split, tmp_path):
    root = tmp_path / 'vipseg'
    shutil.copytree(split / 'vipseg', root)
    edit_json(root / 'panoptic_gt.json', lambda c: c['annotations'][0]['annotations'][2]['segments_info'].pop())
    dataset = DATASETS.build(dict(configs['vps'], data_root=str(root), test_mode=True, pipeline=LOAD))
    with pytest.raises(DataError, match='00002.png has the segment id'):
        dataset[0, [2]]


def test_semantic_value_that_is_no_class(configs):
    with pytest.raises(DataError, match='label . is out of range; values are 1..2 and'):
        DATASETS.build(dict(configs['vss'], metainfo=dict(classes=('disk', 'square')), test_mode=True, pipeline=LOAD))


def test_length_of_a_tube_must_fit_its_video(configs, split, tmp_path):
    copy = tmp_path / 'instances.json'
    copy.write_text((split / 'ytvis/instances.json').read_text())
    edit_json(copy, lambda c: c['annotations'][0]['segmentations'].pop())
    with pytest.raises(DataError, match='annotation 1 has 7 segmentations but video 1 has 8 frames'):
        DATASETS.build(dict(configs['vis'], ann_file=str(copy)))


def test_yolo_line_that_is_no_polygon(tmp_path):
    for folder in ('images', 'labels'):
        (tmp_path / folder).mkdir()
    Image.new('RGB', (40, 20)).save(tmp_path / 'images/a.jpg')
    config = dict(
        type='COCOPseudoVideoDataset', data_root=str(tmp_path), data_prefix=dict(img_path='images', label_path='labels')
    )
    for line, message in (
        ('3 0.5 0.5 x', 'a.txt, line 1 is not "class x y'),
        ('3 0.5 0.5 0.1 0.1', 'fewer than 3 corners'),
    ):
        (tmp_path / 'labels/a.txt').write_text(line)
        with pytest.raises(DataError, match=message):
            DATASETS.build(config)
