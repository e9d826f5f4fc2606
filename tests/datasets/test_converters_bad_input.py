"""Converters name the file and the entry that is wrong, and write no annotation file then."""

import json
from pathlib import Path

import pytest

from gvseg.conversion.burst import convert_burst
from gvseg.conversion.coco import convert_coco
from gvseg.conversion.common import Job
from gvseg.conversion.instances import convert_instances
from gvseg.conversion.kitti_step import convert_kitti_step
from gvseg.conversion.objects import convert_davis, convert_youtube_vos
from gvseg.conversion.semantic import convert_vspw
from gvseg.conversion.vipseg import convert_vipseg
from gvseg.datasets import DataError

from . import benchmark_trees as trees
from .conftest import edit_json


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Convert parts of a data set from one folder to another."""
    (tmp_path / 'download').mkdir()
    return Job(tmp_path / 'download', tmp_path / 'out', jobs=1, allow_partial=True)


def first_tube(**changes):
    """An edit of the first annotation."""
    return lambda content: content['annotations'][0].update(changes)


def mask(**changes) -> list:
    """Segmentations whose first mask is changed."""
    return [{**trees.rle(trees.square(4)), **changes}, None, None]


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (first_tube(category_id=99), 'annotations_train.json: annotation 1 has the category 99'),
        (first_tube(video_id=99), 'annotation 1 belongs to video 99'),
        (first_tube(segmentations=[None]), 'annotation 1 has 1 segmentations but video 1 has 3 frames'),
        (
            first_tube(segmentations=mask(size=[24, 31])),
            r'annotation 1 of video 1, frame 0 \(train_0/.*.jpg\): its size is 24x31; the video is 24x32',
        ),
        (first_tube(segmentations=mask(counts=[100, 8])), 'frame 0 .*: its runs add up to 108 instead of 768 pixels'),
        (first_tube(segmentations=mask(counts='\x7f')), r'frame 0 \(train_0/.*.jpg\): damaged RLE string'),
        (lambda c: c['videos'][0].update(file_names=[]), 'video 1 has no frames'),
        (
            lambda c: c['videos'][0]['file_names'].__setitem__(1, 'train_0/gone.jpg'),
            'train_0/gone.jpg does not exist, but',
        ),
        (lambda c: c['categories'].pop(), 'has other classes than the benchmark: .*Vehical'),
        (lambda c: c.pop('videos'), 'is not in YouTube-VIS layout'),
    ],
)
def test_instances(job, edit, message):
    trees.youtube_vis(job.source, dict(train=2))
    edit_json(job.source / 'annotations_train.json', edit)
    with pytest.raises(DataError, match=message):
        convert_instances(job, 'ovis')
    assert not list(job.out.rglob('*.json'))


def test_masks_without_a_pixel_and_videos_without_objects_are_named(job, capsys):
    trees.youtube_vis(job.source, dict(train=3))
    empty = dict(size=[24, 32], counts=[768])

    def edit(content: dict) -> None:
        content['annotations'][0]['segmentations'][2] = empty
        content['annotations'].pop(1)

    edit_json(job.source / 'annotations_train.json', edit)
    convert_instances(job, 'ovis')
    said = capsys.readouterr().err
    assert 'has 1 masks without a pixel, which count as absent; the first: annotation 1, frame 2' in said
    assert 'annotations_train.json has 1 videos without objects: 2' in said
    tubes = json.loads((job.out / 'train/instances.json').read_text())['annotations']
    assert [mask is None for mask in tubes[0]['segmentations']] == [False, True, True]
    assert tubes[0]['areas'] == [64, None, None]


def test_broken_json_and_missing_download(job):
    with pytest.raises(DataError, match='has no annotation file: looked for train/instances.json'):
        convert_instances(job, 'ovis')
    (job.source / 'annotations_train.json').write_text('{"videos": [')
    with pytest.raises(DataError, match='annotations_train.json: not valid JSON'):
        convert_instances(job, 'ovis')
    with pytest.raises(DataError, match='has no folder of videos: looked for data, VSPW_480p/data'):
        convert_vspw(job)


def test_missing_videos_are_an_error_or_left_out(job, capsys):
    trees.youtube_vis(job.source, dict(train=2))
    (job.source / 'train/train_0').rename(job.source / 'elsewhere')
    assert convert_instances(job, 'ovis') == dict(train=1)
    assert 'lacks 1 of 2 videos that the annotations name: train_0' in capsys.readouterr().err
    assert len(json.loads((job.out / 'train/instances.json').read_text())['annotations']) == 1


def test_vspw_frame_without_mask(job):
    trees.vspw(job.source, dict(train=1))
    (job.source / 'VSPW_480p/data/train_0/mask/00000001.png').unlink()
    with pytest.raises(DataError, match='train_0/mask has no mask for frame 00000001'):
        convert_vspw(job)
    assert not (job.out / 'train.txt').exists()


@pytest.mark.parametrize(
    ('gone', 'message'),
    [
        ('Annotations/480p/dog/00001.png', 'Annotations/480p/dog has no mask for frame 00001'),
        ('JPEGImages/480p/dog/00002.jpg', 'JPEGImages/480p/dog has no frame for mask 00002'),
    ],
)
def test_davis_frames_and_masks_differ(job, gone, message):
    trees.davis(job.source, '2017', dict(train=['bear'], val=['dog']))
    (job.source / 'DAVIS' / gone).unlink()
    with pytest.raises(DataError, match=message):
        convert_davis(job, '2017')
    assert not (job.out / 'ImageSets/2017/val.txt').exists()


def test_davis_empty_folder_and_missing_sequence(job, capsys):
    trees.davis(job.source, '2017', dict(train=['bear', 'dog']))
    for path in (job.source / 'DAVIS/Annotations/480p/bear').iterdir():
        path.unlink()
    with pytest.raises(DataError, match='Annotations/480p/bear has no file .*.png'):
        convert_davis(job, '2017')
    (job.source / 'DAVIS/JPEGImages/480p/bear').rename(job.source / 'aside')
    assert convert_davis(job, '2017') == dict(train=1)
    assert '480p lacks 1 of 2 videos that the annotations name: bear' in capsys.readouterr().err


def test_broken_jpeg_is_found_by_verify(job):
    trees.vspw(job.source, dict(train=1))
    (job.source / 'VSPW_480p/data/train_0/origin/00000001.jpg').write_bytes(b'\xff\xd8\xff\xe0')
    with pytest.raises(DataError, match='origin/00000001.jpg is not a readable image'):
        convert_vspw(Job(job.source, job.out, allow_partial=True, verify=True))


def test_vipseg_value_that_is_no_class(job):
    trees.vipseg(job.source, dict(train=1))
    values = trees.square(0, 125 * 100)
    trees.write_map(job.source / 'panomasks/train_0/00000001.png', values)
    with pytest.raises(DataError, match='00000001.png has the value 12500, but there is no category 124'):
        convert_vipseg(job)
    trees.write_map(job.source / 'panomasks/train_0/00000001.png', values[:, 1:] * 0)
    with pytest.raises(DataError, match='00000001.jpg is 24x32 but its map is 24x31'):
        convert_vipseg(job)


def test_kitti_step_frames_and_maps_differ(job):
    trees.kitti_step(job.source, dict(train=['0000']))
    (job.source / 'panoptic_maps/train/0000/000002.png').unlink()
    with pytest.raises(DataError, match='0000 has no mask for frame 000002'):
        convert_kitti_step(job)


def test_youtube_vos_object_in_a_frame_that_does_not_exist(job):
    trees.youtube_vos(job.source, dict(train=1))
    edit_json(
        job.source / 'train/meta.json', lambda c: c['videos']['train_0']['objects']['2']['frames'].append('00777')
    )
    with pytest.raises(DataError, match='meta.json, video train_0: object 2 is in frame 00777'):
        convert_youtube_vos(job)


def test_burst(job):
    trees.burst(job.source, dict(val=1))
    path = job.source / 'annotations/val/all_classes.json'
    good = path.read_text()
    for edit, message in (
        (lambda s: s['track_category_ids'].update({'5': 99}), 'frame0002.jpg: track 5 has the category 99'),
        (
            lambda s: s.update(width=31),
            'LaSOT/val_0, frame frame0000.jpg, track 1: RLE covers 768 pixels, its size has 744',
        ),
        (lambda s: s['segmentations'].pop(), 'has 1 segmentations for 2 annotated frames'),
    ):
        path.write_text(good)
        edit_json(path, lambda content: edit(content['sequences'][0]))
        with pytest.raises(DataError, match=message):
            convert_burst(job)


def test_coco_category(job):
    trees.coco(job.source)
    edit_json(job.source / 'annotations/instances_train2017.json', first_tube(category_id=99))
    with pytest.raises(DataError, match='annotation 1 has the category 99'):
        convert_coco(job)
