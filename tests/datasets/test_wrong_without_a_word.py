"""Annotations that were once read wrongly in silence: now read rightly, or one line."""

from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS
from PIL import Image

from gvseg.formats.errors import InputError

from . import benchmark_trees as trees
from .conftest import LOAD, burst_val, edit_json, write_video


def square(identity: int = 1) -> np.ndarray:
    """(20, 30) map with one square object."""
    ids = np.zeros((20, 30), np.uint8)
    ids[4:12, 4:12] = identity
    return ids


def test_a_short_list_of_boxes_costs_no_mask(vis):
    before = [ids.tolist() for ids in DATASETS.build(vis)[0]['gt_instances_ids']]
    edit_json(Path(vis['ann_file']), lambda c: c['annotations'][0].update(bboxes=c['annotations'][0]['bboxes'][:2]))
    with pytest.warns(UserWarning, match='annotation 1 has 2 boxes for 8 segmentations; its boxes are not used'):
        dataset = DATASETS.build(vis)
    assert [ids.tolist() for ids in dataset[0]['gt_instances_ids']] == before


def test_two_annotations_with_one_id(vis):
    edit_json(Path(vis['ann_file']), lambda c: c['annotations'][1].update(id=1))
    with pytest.raises(InputError, match='instances.json: duplicate annotation id 1'):
        DATASETS.build(vis)


def test_classes_named_twice_in_a_config(vis):
    with pytest.raises(InputError, match='names a class twice'):
        DATASETS.build(dict(vis, metainfo=dict(classes=('disk', 'disk'))))


@pytest.mark.parametrize(('size', 'turned'), [(dict(height=80, width=48), True), (dict(height=24, width=40), False)])
def test_the_size_of_the_file_is_that_of_its_images(vis, size, turned):
    edit_json(Path(vis['ann_file']), lambda c: c['videos'][0].update(size))
    with pytest.raises(InputError, match='00000.jpg is 48x80 but its annotation file lists') as caught:
        DATASETS.build(vis)[0, [0]]
    assert ('EXIF orientation' in str(caught.value)) == turned


def test_objects_are_shown_in_the_first_annotated_frame(tmp_path):
    config = write_video(tmp_path, [square(), square(), square(2), square(2)])
    for frame in range(2):
        (tmp_path / f'Annotations/clip/{frame:05d}.png').unlink()
    dataset = DATASETS.build(
        dict(
            config,
            pipeline=LOAD
            + [dict(type='MakeExemplars', training=False, kinds='mask', dim=64), dict(type='PackClipInputs')],
        )
    )
    shown = [frame.exemplars.instances_ids.tolist() for frame in dataset[0]['data_samples']]
    assert shown == [[], [], [2], []]


def test_black_and_white_maps_need_single_object(tmp_path):
    config = dict(write_video(tmp_path, [square(255)] * 2), pipeline=LOAD)
    with pytest.raises(InputError, match='00000.png: .*single_object=True'):
        DATASETS.build(config)
    ids = DATASETS.build(dict(config, single_object=True))[0]['gt_instances_ids']
    assert [found.tolist() for found in ids] == [[1], [1]]


def test_maps_that_belong_to_no_frame(tmp_path):
    config = dict(write_video(tmp_path, [square()] * 2), pipeline=LOAD)
    folder = tmp_path / 'Annotations/clip'
    (folder / '00001.png').rename(folder / '1.png')
    with pytest.warns(UserWarning, match='1 maps belong to no frame of .* and are not used: 1.png'):
        DATASETS.build(config)
    (folder / '00000.png').rename(folder / '0.png')
    with pytest.raises(InputError, match='has no map of a frame of .*: 0.png has no frame of this name'):
        DATASETS.build(config)


@pytest.mark.parametrize('edit', [lambda c: c['annotations'][0].update(image_id=99), lambda c: c['images'].pop(0)])
def test_annotations_of_no_image(tmp_path, edit):
    trees.coco(tmp_path)
    path = tmp_path / 'annotations/instances_train2017.json'
    edit_json(path, edit)
    with pytest.raises(InputError, match='annotation 1 belongs to image .*, which is not in the list "images"'):
        DATASETS.build(
            dict(
                type='COCOPseudoVideoDataset',
                ann_file=str(path),
                pipeline=LOAD,
                data_prefix=dict(img_path=str(tmp_path / 'train2017')),
            )
        )


def test_label_files_of_more_classes_than_named(tmp_path):
    for folder in ('images', 'labels'):
        (tmp_path / folder).mkdir()
    Image.new('RGB', (40, 20)).save(tmp_path / 'images/a.jpg')
    (tmp_path / 'labels/a.txt').write_text('2 0 0 1 0 1 1')
    with pytest.raises(InputError, match='a.txt: class 2, but metainfo.classes has 2'):
        DATASETS.build(
            dict(
                type='COCOPseudoVideoDataset',
                data_root=str(tmp_path),
                class_agnostic=False,
                metainfo=dict(classes=('a', 'b')),
                pipeline=LOAD,
                data_prefix=dict(img_path='images', label_path='labels'),
            )
        )


def test_a_sequence_of_burst_twice(tmp_path):
    trees.burst(tmp_path, dict(val=1))
    path = tmp_path / 'annotations/val/all_classes.json'
    edit_json(path, lambda c: c['sequences'].append(c['sequences'][0]))
    with pytest.raises(InputError, match="all_classes.json: duplicate sequence name 'LaSOT/val_0'"):
        DATASETS.build(burst_val(tmp_path))


def test_a_sequence_named_twice(tmp_path):
    config = write_video(tmp_path, [square()] * 2)
    with pytest.raises(InputError, match="duplicate sequence 'clip'"):
        DATASETS.build(dict(config, sequences=['clip', 'clip']))
