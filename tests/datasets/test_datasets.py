"""Clips of every data set follow the data contract."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS
from PIL import Image

from gvseg.datasets import STUFF_ID_OFFSET, DataError
from gvseg.moving_shapes import CLASSES

from .conftest import FRAMES, SIZE, VIDEOS, edit_json, write_video

TASKS = ('vis', 'vss', 'vps', 'evs')
LOAD = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations', with_sem_seg=True)]
PIPELINE = LOAD + [dict(type='PackClipInputs')]


def build(config: dict, **changes):
    """Build a data set of the test configs."""
    return DATASETS.build({'pipeline': PIPELINE, **config, **changes})


@pytest.mark.parametrize('task', TASKS)
def test_a_test_item_is_a_clip(configs, task):
    dataset = build(configs[task], test_mode=True)
    assert len(dataset) == VIDEOS
    assert dataset.get_len_per_video(1) == FRAMES
    item = dataset[1, [2, 3, 3]]
    assert item['inputs'].shape == (3, 3) + SIZE
    sample = item['data_samples']
    assert [f.frame_id for f in sample] == [2, 3, 3]
    assert sample.clip_length == 3
    for frame in sample:
        assert frame.ori_video_length == FRAMES and frame.video_length == 3
        assert frame.ori_shape == frame.img_shape == SIZE
        objects = frame.gt_instances
        count = len(objects.labels)
        assert count and objects.masks.masks.shape == (count,) + SIZE
        assert len(set(objects.instances_ids.tolist())) == count
        assert (objects.masks.masks.sum((1, 2)) > 0).all()
        assert frame.gt_sem_seg.sem_seg.shape == (1,) + SIZE


@pytest.mark.parametrize('task', TASKS)
def test_whole_video_without_a_choice_of_frames(configs, task):
    sample = build(configs[task], test_mode=True)[0]['data_samples']
    assert [f.frame_id for f in sample] == list(range(FRAMES))


def test_labels_are_the_same_things_in_all_formats(configs):
    frames = {task: build(configs[task], test_mode=True)[0, [4]]['data_samples'][0] for task in TASKS}
    vps, vss = frames['vps'].gt_sem_seg, frames['vss'].gt_sem_seg
    assert (vps.sem_seg == vss.sem_seg).all()
    things = frames['vps'].gt_instances.labels < 6
    assert sorted(frames['vps'].gt_instances.labels[things].tolist()) == sorted(
        frames['vis'].gt_instances.labels.tolist()
    )
    assert (frames['evs'].gt_instances.labels == 0).all()
    assert len(frames['evs'].gt_instances.labels) == things.sum()


def test_ids_of_things_and_stuff(configs):
    frame = build(configs['vps'], test_mode=True)[0, [0]]['data_samples'][0]
    labels = frame.gt_instances.labels
    ids = frame.gt_instances.instances_ids
    stuff = labels >= 6
    assert (ids[stuff] == STUFF_ID_OFFSET + labels[stuff]).all()
    assert (ids[~stuff] < STUFF_ID_OFFSET).all()


def test_panoptic_classes_are_things_first_and_map_back(configs):
    metainfo = build(configs['vps']).metainfo
    assert metainfo['classes'] == CLASSES
    assert metainfo['thing_classes'] == CLASSES[:6]
    names = {c['id']: c['name'] for c in metainfo['categories']}
    assert [names[i] for i in metainfo['category_ids']] == list(CLASSES)
    assert metainfo['category_ids'][0] == 5  # the file lists stuff first


def test_classes_can_be_chosen_by_name(configs):
    dataset = build(configs['vis'], metainfo=dict(classes=('ring', 'disk')), test_mode=True)
    assert dataset.metainfo['category_ids'] == [6, 1]
    with pytest.raises(DataError, match="no category called .*'cow'"):
        build(configs['vis'], metainfo=dict(classes=('cow',)))


def test_hidden_ground_truth(configs, split, tmp_path):
    copy = tmp_path / 'hidden.json'
    copy.write_text((split / 'ytvis/instances.json').read_text())
    edit_json(copy, lambda content: content.pop('annotations'))
    dataset = build(configs['vis'], ann_file=str(copy), test_mode=True)
    sample = dataset[0, [0]]['data_samples'][0]
    assert len(sample.gt_instances.labels) == 0


def test_exemplar_ids_are_where_objects_first_appear(configs):
    dataset = build(configs['evs'], test_mode=True)
    for video in range(VIDEOS):
        info = dataset.get_data_info(video)
        shown = [f['exemplar_ids'] for f in info['images']]
        first = {int(k): min(int(f) for f in v['frames']) for k, v in info['objects'].items()}
        expected = [sorted(k for k, v in first.items() if v == frame) for frame in range(FRAMES)]
        assert shown == expected


def test_davis_values(tmp_path):
    ids = np.zeros((20, 30), np.uint8)
    ids[:5, :5], ids[10:, 10:] = 2, 255
    config = write_video(tmp_path, [ids, ids])
    objects = build(config)[0]['data_samples'][0].gt_instances
    assert objects.instances_ids.tolist() == [2]  # 255 is void
    single = build(config, single_object=True)[0]['data_samples'][0]
    assert single.gt_instances.instances_ids.tolist() == [1]
    assert single.gt_instances.masks.masks.sum() == 25 + 200


def test_kitti_step_values(tmp_path):
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[...] = 255, 0, 0  # void
    rgb[:4] = 0, 0, 0  # road
    rgb[4:8, :5], rgb[4:8, 5:10] = (13, 1, 2), (13, 0, 0)  # car, crowd
    for folder, mode in (('images', 100), ('maps', rgb)):
        (tmp_path / folder / '0002').mkdir(parents=True)
        Image.fromarray(np.broadcast_to(mode, rgb.shape).astype(np.uint8)).save(tmp_path / folder / '0002/000000.png')
    (tmp_path / 'list.txt').write_text('0002')
    dataset = build(
        dict(
            type='KITTISTEPDataset',
            data_root=str(tmp_path),
            ann_file='list.txt',
            split='val',
            test_mode=True,
            data_prefix=dict(img_path='images', seg_map_path='maps'),
        )
    )
    frame = dataset[0]['data_samples'][0]
    assert dataset.metainfo['category_ids'][:3] == [11, 13, 0]
    found = dict(zip(frame.gt_instances.labels.tolist(), frame.gt_instances.instances_ids.tolist()))
    assert found == {1: 13 * 65536 + 258, 2: STUFF_ID_OFFSET + 2}
    assert frame.gt_instances.masks.masks.sum((1, 2)).tolist() in ([20, 120], [120, 20])


DAVIS = Path(__file__).parents[3] / 'shared/data/davis'


@pytest.mark.skipif(not DAVIS.is_dir(), reason='needs real DAVIS videos')
def test_real_davis():
    dataset = build(
        dict(
            type='DAVISDataset',
            data_root=str(DAVIS),
            single_object=True,
            ann_file='ImageSets/2016/train.txt',
            test_mode=True,
            data_prefix=dict(img_path='JPEGImages/480p', seg_map_path='Annotations/480p'),
        )
    )
    assert len(dataset) == 12
    sample = dataset[0, [0, 1]]['data_samples']
    assert all(f.gt_instances.instances_ids.tolist() == [1] for f in sample)


def test_coco_json_and_yolo_text_give_the_same_mask(tmp_path):
    images = tmp_path / 'images'
    images.mkdir()
    Image.new('RGB', (40, 20)).save(images / 'a.jpg')
    (tmp_path / 'labels').mkdir()
    (tmp_path / 'labels' / 'a.txt').write_text('3 0.25 0.5 0.75 0.5 0.75 1 0.25 1\n')
    corners = [10, 10, 30, 10, 30, 20, 10, 20]
    (tmp_path / 'coco.json').write_text('{}')
    edit_json(
        tmp_path / 'coco.json',
        lambda c: c.update(
            categories=[dict(id=7, name='cat')],
            images=[dict(id=1, file_name='a.jpg', height=20, width=40)],
            annotations=[
                dict(id=1, image_id=1, category_id=7, iscrowd=0, bbox=[10, 10, 20, 10], segmentation=[corners])
            ],
        ),
    )
    base = dict(
        type='COCOPseudoVideoDataset',
        data_root=str(tmp_path),
        test_mode=True,
        data_prefix=dict(img_path='images', label_path='labels'),
    )
    for extra in (dict(), dict(ann_file='coco.json')):
        objects = build({**base, **extra})[0]['data_samples'][0].gt_instances
        assert objects.labels.tolist() == [0]
        assert objects.bboxes.tolist() == [[10, 10, 30, 20]]
        assert objects.masks.masks.sum() == 200


@pytest.mark.parametrize('task', TASKS)
def test_a_clip_reads_its_own_frames_only(configs, task, monkeypatch):
    read = []
    for place, name in (('transforms.loading', 'read_image'), ('segments', 'read_map'), ('segments', 'decode_mask')):
        module = importlib.import_module(f'gvseg.datasets.{place}')
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, real=real, name=name: read.append((name, args)) or real(*args))
    dataset = build(configs[task], test_mode=True)
    read.clear()  # testing looks at the first map of every video
    dataset[1, [2, 3]]
    frames = dataset.get_data_info(1)['images'][2:4]
    assert [args[0] for name, args in read if name == 'read_image'] == [frame['img_path'] for frame in frames]
    masks = [name for name, _ in read if name == 'decode_mask']
    maps = [args[0]['seg_map_path'] for name, args in read if name == 'read_map']
    if frames[0].get('instances') is None:
        assert maps == [frame['seg_map_path'] for frame in frames] and not masks
    else:
        assert len(masks) == sum(len(frame['instances']) for frame in frames) and not maps


def test_opening_reads_no_frame_and_no_map(configs, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError('opened an image')

    monkeypatch.setattr('gvseg.datasets.segments.read_map', refuse)
    monkeypatch.setattr('gvseg.datasets.transforms.loading.read_image', refuse)
    for task in TASKS:
        build(configs[task])
