"""Wrong entries of annotation files: one message with the file and the entry. Also: the cache of annotations."""

import shutil
from pathlib import Path

import numpy as np
import pycocotools.mask as coco_mask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmdet.registry import DATASETS

from gvseg.datasets import DataError
from gvseg.formats.masks import decode_mask, rle_fault, to_rle, validate_and_area

from . import benchmark_trees as trees
from .conftest import LOAD, burst_val, edit_json


def first(content: dict) -> dict:
    """The first annotation."""
    return content['annotations'][0]


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda c: first(c).update(category_id=99), 'instances.json: annotation 1 has the category 99'),
        (lambda c: first(c).update(video_id=99), 'instances.json: annotation 1 belongs to video 99'),
        (
            lambda c: first(c)['segmentations'][0].update(size=[48, 81]),
            'mask of instance 1 of video 1 .*00000.jpg of 48x80: its size is 48x81',
        ),
        (lambda c: first(c)['segmentations'][0].update(counts=[5, 5]), 'its runs add up to 10 instead of 3840 pixels'),
        (
            lambda c: first(c)['segmentations'].__setitem__(0, [[1, 2, 3]]),
            'one of its polygons is not a list of three or more',
        ),
        (lambda c: first(c)['segmentations'].__setitem__(0, 'mask'), 'annotation 1, frame 0: it is not an RLE'),
        (lambda c: c['videos'][0]['file_names'].__setitem__(0, 'gone.jpg'), 'Frame .*gone.jpg does not exist'),
    ],
)
def test_instances(vis, edit, message):
    edit_json(Path(vis['ann_file']), edit)
    with pytest.raises(DataError, match=message):
        DATASETS.build(vis)[0, [0]]


def test_videos_without_objects_are_named_and_left_out_of_training(vis):
    edit_json(
        Path(vis['ann_file']), lambda c: c.update(annotations=[t for t in c['annotations'] if t['video_id'] != 2])
    )
    with pytest.warns(UserWarning, match='instances.json: 1 of 3 videos have no object.* left out .*: 2.'):
        assert len(DATASETS.build(dict(vis, test_mode=False))) == 2
    assert len(DATASETS.build(vis)) == 3
    edit_json(Path(vis['ann_file']), lambda c: c.update(annotations=[]))
    with pytest.raises(DataError, match='no usable video in .*instances.json: none of its 3 has a frame with an obj'):
        DATASETS.build(dict(vis, test_mode=False))


def test_youtube_vos_videos_without_objects(configs, split, tmp_path):
    shutil.copy(split / 'ytvos/meta.json', tmp_path / 'meta.json')
    edit_json(tmp_path / 'meta.json', lambda c: next(iter(c['videos'].values())).update(objects={}))
    config = dict(configs['evs'], ann_file=str(tmp_path / 'meta.json'))
    with pytest.warns(UserWarning, match='meta.json: 1 of 3 videos have no object.* left out .*: val_5_00000.'):
        assert len(DATASETS.build(config)) == 2
    assert len(DATASETS.build(dict(config, test_mode=True))) == 3


def test_classes_that_are_not_the_benchmarks(vis):
    with pytest.raises(DataError, match="instances.json has no category called .*'Bear'"):
        DATASETS.build(dict(vis, type='OVISDataset'))


def test_panoptic_category(configs, split, tmp_path):
    root = tmp_path / 'vipseg'
    shutil.copytree(split / 'vipseg', root)
    edit_json(
        root / 'panoptic_gt.json',
        lambda c: c['annotations'][0]['annotations'][2]['segments_info'][0].update(category_id=99),
    )
    with pytest.raises(DataError, match='panoptic_gt.json: video val_5_00000, frame 00002: .* has category_id 99'):
        DATASETS.build(dict(configs['vps'], data_root=str(root), test_mode=True))


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (
            lambda s: s['track_category_ids'].pop('1'),
            'sequence LaSOT/val_0, frame frame0000.jpg: track 1 has no category',
        ),
        (lambda s: s['segmentations'].pop(), 'sequence LaSOT/val_0 has 1 segmentations for 2 annotated frames'),
        (lambda s: s.pop('height'), 'all_classes.json, sequence LaSOT/val_0: has no "height"'),
        (lambda s: s.update(width=31), 'frame0000.jpg is 24x32 but its annotation file lists 24x31'),
    ],
)
def test_burst(tmp_path, edit, message):
    trees.burst(tmp_path, dict(val=1))
    path = tmp_path / 'annotations/val/all_classes.json'
    edit_json(path, lambda content: edit(content['sequences'][0]))
    with pytest.raises(DataError, match=message):
        DATASETS.build(burst_val(tmp_path))[0, [0]]


def test_coco_category(tmp_path):
    trees.coco(tmp_path)
    path = tmp_path / 'annotations/instances_train2017.json'
    edit_json(path, lambda content: first(content).update(category_id=99))
    with pytest.raises(DataError, match='instances_train2017.json: annotation 1 has the category 99'):
        DATASETS.build(
            dict(
                type='COCOPseudoVideoDataset',
                ann_file=str(path),
                data_prefix=dict(img_path=str(tmp_path / 'train2017')),
                pipeline=LOAD,
            )
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.integers(0, 10**6))
def test_run_lengths_of_any_mask(height, width, share, seed):
    mask = (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8)
    for listed in (False, True):
        code = trees.rle(mask, listed)
        assert rle_fault(code, height, width) == ''
        assert (coco_mask.decode(to_rle(code, height, width)) == mask).all()
        assert (decode_mask(code, height, width) == mask).all()
        assert rle_fault(code, height, width + 1) == f'its size is {height}x{width}'


def test_run_lengths_by_hand():
    """20 zeros, 40 ones, 4 zeros: 20 = 4 + 0 * 32 -> "d0" (4 + 48 + 32, 0 + 48); 40 = 8 + 1 * 32 -> "X1"; 4 -> "4"."""
    assert validate_and_area([b'd0X14'], [64], ['']) == [40]


def test_cache(vis, tmp_path, monkeypatch):
    vis = dict(vis, cache_dir=str(tmp_path / 'cache'))
    first_time = DATASETS.build(vis)
    monkeypatch.setattr('gvseg.datasets.youtube_vis.read_tubes', lambda *path, **_: pytest.fail('read the annotations'))
    again = DATASETS.build(vis)
    assert len(again) == len(first_time) == 3 and again.metainfo == first_time.metainfo
    assert (again[0, [0]]['gt_masks'][0].masks == first_time[0, [0]]['gt_masks'][0].masks).all()
    monkeypatch.undo()
    chosen = DATASETS.build(dict(vis, metainfo=dict(classes=('disk',))))  # other settings, other file
    assert chosen.metainfo['classes'] == ('disk',)
    edit_json(Path(vis['ann_file']), lambda c: c['videos'].pop())
    edit_json(
        Path(vis['ann_file']), lambda c: c.update(annotations=[t for t in c['annotations'] if t['video_id'] != 3])
    )
    assert len(DATASETS.build(vis)) == 2
    assert len(list((tmp_path / 'cache').glob('*.json'))) == 3


def test_a_broken_cache_is_made_anew(vis, tmp_path):
    vis = dict(vis, cache_dir=str(tmp_path / 'cache'))
    DATASETS.build(vis)
    next((tmp_path / 'cache').glob('*.json')).write_bytes(b'\x80')
    with pytest.warns(UserWarning, match='is not readable'):
        assert len(DATASETS.build(vis)) == 3
