"""Every converter: a small download goes in, the data set reads what comes out."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS

from gvseg.conversion import common
from gvseg.conversion.burst import convert_burst
from gvseg.conversion.coco import convert_coco
from gvseg.conversion.common import Job, check_counts, is_held_out
from gvseg.conversion.instances import BENCHMARKS, convert_instances
from gvseg.conversion.kitti_step import convert_kitti_step
from gvseg.conversion.objects import convert_davis, convert_youtube_vos
from gvseg.conversion.semantic import convert_vspw
from gvseg.conversion.vipseg import convert_vipseg
from gvseg.datasets import STUFF_ID_OFFSET, DataError
from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES

from . import benchmark_trees as trees
from .benchmark_trees import FRAMES, SIZE

PIPELINE = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations'), dict(type='PackClipInputs')]
SHOWN = PIPELINE[:2] + [
    dict(type='ClipResize', short_sides=(48,)),
    dict(type='MakeExemplars', training=False, kinds='mask', dim=64),
    PIPELINE[2],
]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Convert parts of a data set from one folder to another."""
    (tmp_path / 'download').mkdir()
    return Job(tmp_path / 'download', tmp_path / 'out', jobs=1, allow_partial=True)


def opened(kind: str, root: Path, **options):
    """A test data set."""
    return DATASETS.build(dict(type=kind, data_root=str(root), test_mode=True, **{'pipeline': PIPELINE, **options}))


def objects(dataset, frame: int = 0) -> list:
    """(label, id, pixels) of a frame of the first video."""
    found = dataset[0, [frame]]['data_samples'][0].gt_instances
    return sorted(zip(found.labels.tolist(), found.instances_ids.tolist(), found.masks.masks.sum((1, 2)).tolist()))


@pytest.mark.parametrize(
    ('benchmark', 'kind', 'classes'),
    [
        ('ovis', 'OVISDataset', OVIS_CLASSES),
        ('youtube_vis_2019', 'YouTubeVIS2019Dataset', YOUTUBE_VIS_2019_CLASSES),
        ('youtube_vis_2021', 'YouTubeVIS2021Dataset', YOUTUBE_VIS_2021_CLASSES),
    ],
)
def test_instances(job, benchmark, kind, classes):
    trees.youtube_vis(job.source, dict(train=12, valid=1), classes)
    assert convert_instances(job, benchmark) == dict(train=12, valid=1)
    options = dict(data_prefix=dict(img_path='JPEGImages'))
    dataset = opened(kind, job.out / 'train', ann_file='instances.json', **options)
    assert [objects(dataset, frame) for frame in range(FRAMES)] == [[(0, 1, 64)], [], [(0, 1, 64)]]
    assert dataset.metainfo['classes'] == classes and dataset.metainfo['category_ids'][:2] == [1, 2]
    parts = [
        [
            video['file_names'][0].split('/')[0]
            for video in json.loads((job.out / f'train/instances_{part}.json').read_text())['videos']
        ]
        for part in ('fit', 'held_out')
    ]
    assert sorted(parts[0] + parts[1]) == sorted(f'train_{n}' for n in range(12))
    assert parts[1] == [name for name in sorted(parts[1]) if is_held_out(name)] and parts[1]
    assert objects(opened(kind, job.out / 'valid', ann_file='instances.json', **options)) == []


def test_lists_of_counts_become_text_and_the_same_mask(job):
    for listed in (True, False):
        trees.youtube_vis(job.source, dict(train=1), listed=listed)
        convert_instances(job, 'ovis')
        mask = json.loads((job.out / 'train/instances.json').read_text())['annotations'][0]['segmentations'][2]
        assert mask == trees.rle(trees.square(6))


def test_instances_inside_the_download_go_on_where_they_were_stopped(job):
    trees.youtube_vis(job.source, dict(train=3))
    inside = Job(job.source, job.source, allow_partial=True)
    gone = job.source / 'train/train_1/img_0000002.jpg'
    gone.rename(job.source / 'aside.jpg')
    with pytest.raises(DataError, match='train_1/img_0000002.jpg does not exist, but the annotations name it'):
        convert_instances(inside, 'ovis')
    assert (job.source / 'train/JPEGImages/train_0').is_dir()
    (job.source / 'aside.jpg').rename(gone)
    for _ in range(2):
        assert convert_instances(inside, 'ovis') == dict(train=3)
    assert len(list((job.source / 'train/JPEGImages').glob('*/*.jpg'))) == 9


def test_vspw(job):
    trees.vspw(job.source, dict(train=2, val=1, test=1))
    assert convert_vspw(job) == dict(train=2, val=1, test=1)
    dataset = opened('VSPWDataset', job.out, ann_file='train.txt', data_prefix=dict(img_path='data'))
    assert len(dataset.metainfo['classes']) == 124
    assert objects(dataset) == [(0, STUFF_ID_OFFSET, 24 * 16)]
    assert objects(opened('VSPWDataset', job.out, ann_file='test.txt', data_prefix=dict(img_path='data'))) == []


@pytest.mark.parametrize('height', [0, 12])
def test_vipseg(job, height):
    trees.vipseg(job.source, dict(train=1, val=1, test=1))
    assert convert_vipseg(job, height) == dict(train=1, val=1, test=1)
    prefix = dict(img_path='imgs', seg_map_path='panomasksRGB')
    dataset = opened('VIPSegDataset', job.out, ann_file='panoptic_gt_VIPSeg_train.json', data_prefix=prefix)
    person, wall = [dataset.metainfo['classes'].index(name) for name in ('person', 'wall')]
    shrink = (24 // height) ** 2 if height else 1
    assert objects(dataset) == [(person, 6102, 64 // shrink), (wall, STUFF_ID_OFFSET + wall, (24 * 32 - 64) // shrink)]
    assert dataset[0, [0]]['inputs'].shape[-2:] == ((12, 16) if height else SIZE)
    entry = json.loads((job.out / 'panoptic_gt_VIPSeg_val.json').read_text())['annotations'][0]['annotations'][0]
    assert [s['area'] * shrink for s in entry['segments_info']] == [24 * 32 - 64, 64]
    hidden = opened('VIPSegDataset', job.out, ann_file='panoptic_gt_VIPSeg_test.json', data_prefix=prefix)
    assert objects(hidden) == []


def test_vipseg_goes_on_where_it_was_stopped(job, monkeypatch):
    trees.vipseg(job.source, dict(train=3))
    broken = job.source / 'panomasks/train_1/00000002.png'
    content = broken.read_bytes()
    broken.write_bytes(b'no image')
    with pytest.raises(DataError, match='00000002.png: not a PNG file'):
        convert_vipseg(job)
    assert not (job.out / 'panoptic_gt_VIPSeg_train.json').exists()
    done = sorted(path.name for path in (job.out / 'panomasksRGB').iterdir())
    assert done == ['train_0']
    broken.write_bytes(content)
    before = (job.out / 'panomasksRGB/train_0/segments.json').stat().st_mtime_ns
    assert convert_vipseg(job) == dict(train=3)
    assert (job.out / 'panomasksRGB/train_0/segments.json').stat().st_mtime_ns == before
    assert not list(job.out.rglob('*.part'))


def test_kitti_step(job):
    trees.kitti_step(job.source, dict(train=['0000', '0001'], val=['0002']))
    assert convert_kitti_step(job) == dict(train=2, val=1)
    (job.out / 'list.txt').write_text('0002')
    dataset = opened(
        'KITTISTEPDataset',
        job.out,
        ann_file='list.txt',
        split='val',
        data_prefix=dict(img_path='val/images', seg_map_path='val/panoptic_maps'),
    )
    assert objects(dataset) == [(1, 13 * 65536 + 1, 64), (2, STUFF_ID_OFFSET + 2, 24 * 32 - 64)]


def test_youtube_vos(job):
    trees.youtube_vos(job.source, dict(train=12, valid=1))
    assert convert_youtube_vos(job) == dict(train=12, valid=1)
    prefix = dict(img_path='JPEGImages', seg_map_path='Annotations')
    dataset = opened('YouTubeVOSDataset', job.out / 'valid', ann_file='meta.json', data_prefix=prefix, pipeline=SHOWN)
    shown = [frame.exemplars.instances_ids.tolist() for frame in dataset[0]['data_samples']]
    assert shown == [[1], [2], []]
    sizes = [
        len(opened('YouTubeVOSDataset', job.out / 'train', ann_file=f'meta_{part}.json', data_prefix=prefix))
        for part in ('fit', 'held_out')
    ]
    assert sizes == [12 - sizes[1], sum(is_held_out(f'train_{n}') for n in range(12))]


@pytest.mark.parametrize(('year', 'identity'), [('2016', 1), ('2017', 3)])
def test_davis(job, year, identity):
    trees.davis(job.source, year, dict(train=['bear', 'camel'], val=['dogs']))
    assert convert_davis(job, year) == dict(train=2, val=1)
    dataset = opened(
        'DAVISDataset',
        job.out,
        ann_file=f'ImageSets/{year}/train.txt',
        single_object=year == '2016',
        data_prefix=dict(img_path='JPEGImages/480p', seg_map_path='Annotations/480p'),
    )
    assert len(dataset) == 2 and objects(dataset) == [(0, identity, 64)]


def burst(root: Path, **options):
    """BURST's validation set of the tree."""
    return opened(
        'BURSTDataset',
        root,
        ann_file='annotations/val/all_classes.json',
        data_prefix=dict(img_path='frames/val'),
        **options,
    )


def test_burst_class_guided(job):
    trees.burst(job.source, dict(train=1, val=1))
    assert convert_burst(job) == dict(train=1, val=1)
    dataset = burst(job.out, class_agnostic=False)
    assert dataset.metainfo['classes'] == ('airplane', 'alligator') and dataset.metainfo['category_ids'] == [4, 7]
    assert objects(dataset, 1) == [(0, 1, 64), (1, 5, 64)]
    assert objects(burst(job.out, class_agnostic=False, category_ids='common'), 1) == [(0, 1, 64)]


@pytest.mark.parametrize('kind', ['mask', 'box', 'point'])
def test_burst_exemplar_guided(job, kind):
    """Frames are enlarged twice; boxes and points come from the benchmark's file."""
    trees.burst(job.source, dict(val=1))
    convert_burst(job)
    pipeline = [dict(step, kinds=kind) if step['type'] == 'MakeExemplars' else step for step in SHOWN]
    dataset = burst(
        job.out, frames='all', pipeline=pipeline, exemplar_file='annotations/val/first_frame_annotations.json'
    )
    frames = [frame.exemplars for frame in dataset[0]['data_samples']]
    assert [shown.instances_ids.tolist() for shown in frames] == [[1], [], [5]]
    points = frames[2].points[0].numpy()
    if kind == 'point':
        assert np.allclose(points, (54, 22))
    else:
        assert (points >= (40, 8)).all() and (points <= (56, 24)).all()
    assert (frames[0].descriptors != 0).any() == (kind != 'point')


def test_coco_for_another_data_set(job):
    trees.coco(job.source)
    assert convert_coco(job) == dict(images=2, objects=2)
    options = dict(
        ann_file='annotations/pseudo_train2017.json',
        data_prefix=dict(img_path='train2017'),
        class_agnostic=False,
        metainfo=dict(classes=YOUTUBE_VIS_2019_CLASSES),
    )
    dataset = opened('COCOPseudoVideoDataset', job.out, renames='youtube_vis_2019', **options)
    labels = [[i['bbox_label'] for i in dataset.get_data_info(n)['images'][0]['instances']] for n in range(2)]
    assert [[YOUTUBE_VIS_2019_CLASSES[label] for label in found] for found in labels] == [['cat'], ['motorbike']]
    with pytest.warns(UserWarning, match='1 of 2 videos have no object, or only crowds, .*: 000000000004.jpg'):
        assert (
            len(DATASETS.build(dict(type='COCOPseudoVideoDataset', data_root=str(job.out), **options, pipeline=[])))
            == 1
        )


def test_counts_stop_a_converter_before_it_writes(job):
    trees.youtube_vis(job.source, dict(train=2))
    strict = Job(job.source, job.out)
    with pytest.raises(DataError, match='OVIS in .* does not have its published .* train has 2 of 607; valid has 0 of'):
        convert_instances(strict, 'ovis')
    assert not job.out.exists()


def test_published_counts(job, capsys):
    assert BENCHMARKS['youtube_vis_2021'].videos == dict(train=2985, valid=421)
    check_counts('X', dict(train=3, test=9), dict(train=3), job)
    assert capsys.readouterr().err == ''
    check_counts('X', dict(train=2), dict(train=3), job)
    assert 'warning: X in' in capsys.readouterr().err


@pytest.mark.parametrize('link', ['hard', 'copy', 'symlink'])
def test_ways_to_bring_files(job, tmp_path, link, monkeypatch):
    source, target = tmp_path / 'a.txt', tmp_path / 'out/a.txt'
    source.write_text('text')
    common.place(source, target, Job(tmp_path, tmp_path, link=link))
    assert target.read_text() == 'text' and target.is_symlink() == (link == 'symlink')
    assert (source.stat().st_ino == target.stat().st_ino) == (link != 'copy')
    monkeypatch.setattr(common, '_hard_link', lambda *paths: False)
    common.place(source, tmp_path / 'out/b.txt', Job(tmp_path, tmp_path, link='hard'))
    assert (tmp_path / 'out/b.txt').stat().st_ino != source.stat().st_ino


def test_several_processes_keep_the_order():
    assert common.run_jobs(abs, list(range(-20, 0)), 2) == list(range(20, 0, -1))
