"""Invalid files of VIPSeg and KITTI-STEP: one clear error, exit status 2, never a wrong number."""

import json
import shutil
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gvseg.formats.errors import InputError
from gvseg.formats.png_maps import read_panoptic_ids
from tests.evaluation.damaged_cases import FRAME, JSONS, TREES, arguments, edit, refused
from tests.evaluation.panoptic_fixtures import write_ids
from tools.evaluate import main


@pytest.mark.parametrize('name', TREES)
@pytest.mark.parametrize('side', ['gt', 'pred'])
def test_maps(folder, name, side, capsys):
    path = folder / name / side / (FRAME[name] if side == 'pred' else FRAME[name].replace('pan_pred', 'panomasksRGB'))
    data, picture = path.read_bytes(), np.array(Image.open(path))
    for size in (0, 20, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        refused(capsys, folder, name, path.name)
    Image.fromarray(picture[..., 0]).save(path)
    refused(capsys, folder, name, path.name, 'RGB')
    Image.fromarray(picture[:-1]).save(path)
    refused(capsys, folder, name, path.name, 'size' if side == 'pred' else '')
    path.unlink()
    if (name, side) != ('kitti_step', 'gt'):
        refused(capsys, folder, name, path.name, 'no such file')


@pytest.mark.parametrize('name', TREES)
def test_missing_videos_and_folders(folder, name, capsys):
    shutil.rmtree((folder / name / 'pred' / FRAME[name]).parent)
    refused(capsys, folder, name, 'no such file')
    shutil.rmtree(folder / name / 'pred')
    refused(capsys, folder, name, 'no such file')
    shutil.rmtree(folder / name / 'gt')
    refused(capsys, folder, name, 'gt')


def test_damage_that_keeps_check_sums(folder, capsys):
    path = folder / 'vipseg' / 'pred' / FRAME['vipseg']
    data = path.read_bytes()
    start = data.index(b'IDAT') - 4
    (length,) = struct.unpack_from('>I', data, start)
    for body in (data[start + 8 : start + 8 + length // 2], b'', b'x' * length):
        chunk = struct.pack('>I', len(body)) + b'IDAT' + body + struct.pack('>I', zlib.crc32(b'IDAT' + body))
        path.write_bytes(data[:start] + chunk + data[start + 12 + length :])
        refused(capsys, folder, 'vipseg', path.name)


def segments(content, video=0, frame=1):
    """segments_info of a frame."""
    return content['annotations'][video]['annotations'][frame]['segments_info']


@pytest.mark.parametrize('side', [0, 1])
@pytest.mark.parametrize(
    ('change', 'words'),
    [
        (lambda content: segments(content).pop(0), ['is in the PNG but not in the JSON', '0001.png', 'segment id 1']),
        (
            lambda content: segments(content).append({'id': 77, 'category_id': 1, 'area': 3}),
            ['segment id 77 is in the JSON but not in the PNG', '0001.png'],
        ),
        (lambda content: segments(content).append(dict(segments(content)[0])), ['duplicate segment id 1', '0001']),
        (lambda content: segments(content)[0].update(id=0), ['segment id 0 is out of range', '0001']),
        (lambda content: segments(content)[0].update(id=2**24), ['out of range', '0001']),
        (lambda content: segments(content)[0].update(id='x'), ["'x'", 'integer']),
        (lambda content: segments(content)[0].update(category_id=99), ['category_id 99', 'segment id 1']),
        (lambda content: segments(content)[0].pop('category_id'), ['category_id', 'v0']),
        (lambda content: segments(content)[0].update(area=float('nan')), ['area', 'NaN']),
        (lambda content: segments(content)[0].update(area=-5), ['area -5']),
        (lambda content: content['annotations'].pop(1), ["'v1'"]),
        (lambda content: content['annotations'].append(content['annotations'][0]), ["duplicate video id 'v0'"]),
        (lambda content: content['annotations'][0]['annotations'].pop(), ['v0', '0002']),
        (
            lambda content: content['annotations'][0]['annotations'].append(
                content['annotations'][0]['annotations'][0]
            ),
            ['duplicate frame', '0000'],
        ),
        (lambda content: content['annotations'][0]['annotations'][1].pop('segments_info'), ['segments_info', '0001']),
    ],
)
def test_vipseg_lists(folder, side, change, words, capsys):
    path = folder / 'vipseg' / JSONS['vipseg'][side]
    edit(path, change)
    refused(capsys, folder, 'vipseg', *words)


def test_vipseg_ground_truth_only(folder, capsys):
    path = folder / 'vipseg' / JSONS['vipseg'][0]
    original = path.read_text()
    for change, word in (
        (lambda c: c['categories'].append(c['categories'][0]), 'duplicate category id 0'),
        (lambda c: c['videos'].append(c['videos'][0]), "duplicate video id 'v0'"),
        (lambda c: c['videos'][0]['images'].append(c['videos'][0]['images'][0]), 'listed twice'),
        (lambda c: c['categories'][0].pop('isthing'), 'isthing'),
        (lambda c: c['videos'].clear(), 'is not in the list "videos"'),
        (lambda c: segments(c)[1].update(area=1), 'smaller than its pixels'),
    ):
        path.write_text(original)
        edit(path, change)
        refused(capsys, folder, 'vipseg', word)
    shutil.copy(path, path.with_name('panoptic_gt_other.json'))
    refused(capsys, folder, 'vipseg', 'panoptic_gt_other.json', 'split')


@pytest.mark.parametrize(('label', 'word'), [(20, 'class 20'), (254, 'class 254'), (255, 'fill every pixel')])
def test_kitti_classes_out_of_range(folder, label, word, capsys):
    path = folder / 'kitti_step' / 'pred' / FRAME['kitti_step']
    ids = np.zeros((8, 9), np.int64)
    ids[3, 3] = label << 16 | 7
    write_ids(path, ids, red_is_high=True)
    refused(capsys, folder, 'kitti_step', word, path.name)
    ids[3, 3] = 19 << 16
    write_ids(path, ids, red_is_high=True)
    assert main(arguments(folder, 'kitti_step')) == 0


@pytest.mark.parametrize('name', TREES)
def test_void_everywhere_gives_zeros(folder, name, tmp_path):
    for path in (folder / name / 'pred').rglob('*.png'):
        shape = np.array(Image.open(path)).shape[:2]
        write_ids(path, np.full(shape, 0 if name == 'vipseg' else 19 << 16), red_is_high=True)
    if name == 'vipseg':
        edit(
            folder / name / 'pred' / 'pred.json',
            lambda content: [
                frame.update(segments_info=[]) for video in content['annotations'] for frame in video['annotations']
            ],
        )
    assert main([*arguments(folder, name), '--out', str(tmp_path / 'out.json')]) == 0
    numbers = json.loads((tmp_path / 'out.json').read_text())
    assert numbers['STQ']['STQ'] == numbers['STQ']['AQ'] == 0
    assert (numbers['VPQ1'] if name == 'vipseg' else numbers['VPQ']['k1'])['all'] == 0


@settings(max_examples=80, deadline=None)
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_any_damage_of_a_png_is_refused_or_harmless(originals, tmp_path_factory, position, bit, cut):
    path = originals / 'vipseg' / 'pred' / FRAME['vipseg']
    data = bytearray(path.read_bytes())
    whole = read_panoptic_ids(path)
    place = int(position * len(data))
    data[place] ^= 1 << bit
    other = tmp_path_factory.mktemp('png') / 'x.png'
    other.write_bytes(data[:place] if cut else data)
    try:
        assert (read_panoptic_ids(other) == whole).all()
    except InputError as error:
        assert 'x.png' in str(error)


def test_messages_do_not_depend_on_the_number_of_processes(folder, capsys):
    path = folder / 'vipseg' / 'pred' / FRAME['vipseg']
    path.write_bytes(b'')
    refused(capsys, folder, 'vipseg', path.name, more=('--jobs', '2'))
