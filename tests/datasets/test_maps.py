"""Map-based data sets: crowds, lists that differ from maps, names that differ, values of maps in converters."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS
from PIL import Image

from gvseg.conversion.common import Job
from gvseg.conversion.kitti_step import convert_kitti_step
from gvseg.conversion.semantic import convert_vspw
from gvseg.datasets import STUFF_ID_OFFSET
from gvseg.datasets.segments import load_segments
from gvseg.formats.errors import InputError
from gvseg.formats.png_maps import panoptic_colours

from . import benchmark_trees as trees

SIZE = (4, 6)
LOAD = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]


def vipseg(root: Path, videos: dict[str, list[dict]]) -> dict:
    """A data set of one frame a video, whose segments lie side by side, two columns each."""
    content: dict = dict(
        categories=[dict(id=0, name='sky', isthing=0), dict(id=1, name='cat', isthing=1)], videos=[], annotations=[]
    )
    for name, segments in videos.items():
        ids = np.zeros(SIZE, np.int64)
        for column, segment in enumerate(segments):
            ids[:, 2 * column : 2 * column + 2] = segment['id']
        for folder, file, image in (
            ('imgs', '1.png', np.zeros((*SIZE, 3), np.uint8)),
            ('maps', '1.png', panoptic_colours(ids)),
        ):
            (root / folder / name).mkdir(parents=True)
            Image.fromarray(image).save(root / folder / name / file)
        content['videos'].append(dict(video_id=name, images=[dict(file_name='1.jpg', height=4, width=6)]))
        content['annotations'].append(
            dict(video_id=name, annotations=[dict(file_name='1.png', segments_info=segments)])
        )
    (root / 'a.json').write_text(json.dumps(content))
    return dict(
        type='VIPSegDataset',
        data_root=str(root),
        ann_file='a.json',
        image_suffix='.png',
        pipeline=LOAD,
        data_prefix=dict(img_path='imgs', seg_map_path='maps'),
    )


CAT, CROWD = dict(id=7, category_id=1), dict(id=8, category_id=1, iscrowd=1)


def test_crowds_of_vipseg_are_no_target(tmp_path: Path) -> None:
    item = DATASETS.build(dict(vipseg(tmp_path, dict(v=[CAT, CROWD])), test_mode=True))[0]
    assert item['gt_instances_ids'][0].tolist() == [7, 8]
    assert item['gt_ignore_flags'][0].tolist() == [False, True]


def test_videos_of_crowds_only_are_left_out_of_training(tmp_path: Path) -> None:
    config = vipseg(tmp_path, dict(v=[CAT], w=[CROWD]))
    with pytest.warns(UserWarning, match='a.json: 1 of 2 videos have no object, or only crowds.* left out .*: w.'):
        assert len(DATASETS.build(config)) == 1
    config = vipseg(tmp_path / 'x', dict(w=[CROWD]))
    with pytest.raises(InputError, match='a.json: none of its 1 has a frame with an object that is no crowd'):
        DATASETS.build(config)
    assert len(DATASETS.build(dict(config, test_mode=True))) == 1


def test_a_listed_segment_without_a_pixel(tmp_path: Path) -> None:
    config = dict(vipseg(tmp_path, dict(v=[CAT])), test_mode=True)
    Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(tmp_path / 'maps/v/1.png')
    with pytest.raises(InputError, match='v/1.png has no pixel of the segment id 7 that the annotation file lists'):
        DATASETS.build(config)


@pytest.mark.parametrize(
    ('name', 'config'),
    [
        ('vspw', dict(type='VSPWDataset', ann_file='val.txt', data_prefix=dict(img_path='data'))),
        (
            'kitti_step',
            dict(
                type='KITTISTEPDataset', ann_file='list.txt', data_prefix=dict(img_path='images', seg_map_path='maps')
            ),
        ),
    ],
)
def test_maps_whose_names_match_no_frame(tmp_path: Path, name: str, config: dict) -> None:
    frames, maps = dict(vspw=('data/v/origin', 'data/v/mask'), kitti_step=('images/v', 'maps/v'))[name]
    for folder, files in ((frames, ('1.jpg', '2.jpg')), (maps, ('0001.png', '0002.png'))):
        (tmp_path / folder).mkdir(parents=True)
        for file in files:
            (tmp_path / folder / file).touch()
    (tmp_path / config['ann_file']).write_text('v\n')
    with pytest.raises(InputError, match='the map 0001.png has no frame of its name'):
        DATASETS.build(dict(config, data_root=str(tmp_path), pipeline=LOAD, test_mode=True))


def test_frames_of_vspw_come_in_natural_order(tmp_path: Path) -> None:
    for folder in ('origin', 'mask'):
        (tmp_path / f'data/v/{folder}').mkdir(parents=True)
    for number in range(1, 13):
        (tmp_path / f'data/v/origin/{number}.jpg').touch()
        (tmp_path / f'data/v/mask/{number}.png').touch()
    (tmp_path / 'val.txt').write_text('v\n')
    dataset = DATASETS.build(
        dict(
            type='VSPWDataset',
            data_root=str(tmp_path),
            ann_file='val.txt',
            data_prefix=dict(img_path='data'),
            pipeline=LOAD,
        )
    )
    frames = dataset.get_data_info(0)['images']
    assert [Path(frame['img_path']).stem for frame in frames] == [str(number) for number in range(1, 13)]
    assert [Path(frame['seg_map_path']).stem for frame in frames] == [str(number) for number in range(1, 13)]


def ids_of(root: Path, image: Image.Image, map_format: str) -> list[int]:
    image.save(root / 'm.png')
    frame = dict(seg_map_path=str(root / 'm.png'), map_format=map_format, img_path='1.jpg', num_classes=4)
    return load_segments(frame, SIZE).ids.tolist()


def test_one_meaning_of_a_map_in_every_format(tmp_path: Path) -> None:
    ids = np.zeros(SIZE, np.uint8)
    ids[:, 1], ids[:, 3], ids[:, 5] = 1, 2, 255
    for image in (Image.fromarray(ids), Image.fromarray(ids).convert('RGB'), Image.fromarray(ids).convert('LA')):
        assert ids_of(tmp_path, image, 'objects') == [1, 2]
        assert ids_of(tmp_path, image, 'semantic') == [STUFF_ID_OFFSET, STUFF_ID_OFFSET + 1]
        assert ids_of(tmp_path, image, 'binary') == [1]


def test_a_frame_of_void_alone_has_no_object(tmp_path: Path) -> None:
    void = np.zeros(SIZE, np.uint8)
    void[0] = 255
    assert ids_of(tmp_path, Image.fromarray(void), 'objects') == []


def test_verify_looks_at_the_values_of_maps(tmp_path: Path) -> None:
    trees.vspw(tmp_path, dict(train=1))
    path = sorted(tmp_path.rglob('mask/*.png'))[0]
    values = np.array(Image.open(path))
    values[0, 0] = 200
    Image.fromarray(values).save(path)
    convert_vspw(Job(tmp_path, tmp_path / 'out', allow_partial=True))
    with pytest.raises(InputError, match=f'{path.name}: label 200 is out of range'):
        convert_vspw(Job(tmp_path, tmp_path / 'out', allow_partial=True, verify=True))


def test_verify_compares_sizes_and_classes_of_kitti_step(tmp_path: Path) -> None:
    trees.kitti_step(tmp_path, dict(train=['0000']))
    path = sorted(tmp_path.rglob('panoptic_maps/train/*/*.png'))[0]
    values = np.array(Image.open(path))
    Image.fromarray(values[1:]).save(path)
    job = Job(tmp_path, tmp_path / 'out', allow_partial=True, verify=True)
    with pytest.raises(InputError, match=f'{path.name} is .* but its frame'):
        convert_kitti_step(job)
    values[0, 0] = (77, 0, 0)
    Image.fromarray(values).save(path)
    with pytest.raises(InputError, match=f'{path.name}: class 77 .* is out of range'):
        convert_kitti_step(job)


def test_wrong_maps_of_tested_videos_are_found_at_opening(tmp_path: Path) -> None:
    config = vipseg(tmp_path, dict(v=[CAT], w=[dict(id=9, category_id=0)]))
    Image.fromarray(np.full(SIZE, 9, np.uint8)).save(tmp_path / 'maps/w/1.png')
    DATASETS.build(config)  # training meets it where the frame is drawn
    with pytest.raises(InputError, match='w/1.png: PNG with bit depth 8 and colour type 0; ids are stored in 8-bit'):
        DATASETS.build(dict(config, test_mode=True))


@pytest.mark.parametrize('classes', [('a', 'b'), ('a', 'b', 'c')])
def test_more_classes_in_tested_maps_than_named(tmp_path: Path, classes: tuple[str, ...]) -> None:
    for folder in ('origin', 'mask'):
        (tmp_path / f'data/v/{folder}').mkdir(parents=True)
        Image.fromarray(np.full(SIZE, 3, np.uint8)).save(tmp_path / f'data/v/{folder}/1.png')
    (tmp_path / 'val.txt').write_text('v\n')
    config = dict(
        type='VSPWDataset',
        data_root=str(tmp_path),
        ann_file='val.txt',
        test_mode=True,
        pipeline=LOAD,
        data_prefix=dict(img_path='data'),
        metainfo=dict(classes=classes),
    )
    if len(classes) == 3:
        assert len(DATASETS.build(config)) == 1
        return
    with pytest.raises(InputError, match='mask/1.png: label 3 is out of range; values are 1..2'):
        DATASETS.build(config)
