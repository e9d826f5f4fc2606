"""Moving Shapes: determinism, and the four formats tell the same story."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gvseg.datasets.segments import decode_mask
from gvseg.moving_shapes import (
    CLASSES,
    STUFF_CLASSES,
    THING_CLASSES,
    SplitSettings,
    generate_split,
    plan_scene,
    render_video,
)

from .conftest import FRAMES, SIZE, VIDEOS


def tree(root: Path) -> dict:
    """Relative path -> bytes of every file."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob('*')) if p.is_file()}


def test_same_seed_gives_the_same_bytes_with_any_number_of_jobs(tmp_path):
    settings = SplitSettings('a', 2, 3, 7, SIZE)
    for folder, jobs in (('one', 1), ('two', 2)):
        assert generate_split(tmp_path / folder, settings, jobs)
    assert tree(tmp_path / 'one') == tree(tmp_path / 'two')


def test_videos_do_not_depend_on_how_many_there_are(tmp_path):
    for count in (1, 2):
        generate_split(tmp_path / str(count), SplitSettings('a', count, 3, 7, SIZE))
    name = 'a/ytvis/JPEGImages/a_7_00000/00002.jpg'
    assert (tmp_path / '1' / name).read_bytes() == (tmp_path / '2' / name).read_bytes()


def test_seed_and_split_change_the_video():
    images = [next(render_video(entropy, 1, SIZE)).image for entropy in ((0, 1, 0), (1, 1, 0), (0, 2, 0))]
    assert (images[0] != images[1]).any()
    assert (images[0] != images[2]).any()


def test_bars_hide_the_scene_that_is_there_without_them():
    plain = list(render_video((0, 1, 0), 30, SIZE))
    barred = list(render_video((0, 1, 0), 30, SIZE, 1))
    shown = [np.mean(a.image == b.image) for a, b in zip(plain, barred)]
    assert max(shown) > 0.2 and min(shown) < 0.9
    for before, behind in zip(plain, barred):
        assert not (behind.instances & ~before.instances).any()
    counts = [len(np.unique(frame.instances)) for frame in barred]
    assert min(counts) < max(counts)


def test_bars_are_another_split(tmp_path):
    plain = SplitSettings('a', 1, 2, 7, SIZE)
    barred = SplitSettings('a', 1, 2, 7, SIZE, occluders=1)
    assert 'occluders' not in plain.manifest()
    assert barred.manifest()['occluders'] == 1
    assert generate_split(tmp_path, plain) and generate_split(tmp_path, barred)


def test_a_complete_split_is_not_written_again(tmp_path):
    settings = SplitSettings('a', 1, 2, 7, SIZE)
    done = []
    assert generate_split(tmp_path, settings, report=done.append)
    assert done == [1]
    assert not generate_split(tmp_path, settings)
    other = SplitSettings('a', 1, 2, 8, SIZE)
    assert generate_split(tmp_path, other)


def test_unwritable_folder_is_named(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(OSError, match='Cannot write Moving Shapes to .*file'):
        generate_split(tmp_path / 'file', SplitSettings('a', 1, 1, 0, SIZE))


def test_tiny_frames_are_refused():
    with pytest.raises(ValueError, match='too small'):
        next(render_video((0,), 1, (20, 20)))


def test_every_video_has_things_that_only_motion_tells_apart():
    for seed in range(20):
        scene = plan_scene(np.random.default_rng(seed), 30, (96, 160))
        looks = [thing.look for thing in scene.things]
        assert 3 <= len(looks) <= 6
        assert len(set(looks)) < len(looks)
        assert len(set(scene.stuff)) >= 4


def test_frames_show_many_classes_of_both_kinds():
    seen = set()
    for video in range(6):
        for frame in list(render_video((0, video), 12, (96, 160)))[::11]:
            stuff = set(np.unique(frame.labels)) - set(range(6)) - {255}
            assert len(stuff) >= 3
            seen |= stuff | set(np.unique(frame.labels[frame.instances > 0]))
    assert len(seen & set(range(6))) >= 5
    assert len(seen - set(range(6))) == len(STUFF_CLASSES) == 5
    assert len(THING_CLASSES) == 6


def test_command_line(tmp_path, monkeypatch, capsys):
    tool = Path(__file__).parents[2] / 'tools/dataset_converters'
    command = [
        'moving_shapes.py',
        '--out',
        str(tmp_path),
        '--split',
        'x',
        '--videos',
        '2',
        '--frames',
        '2',
        '--size',
        '48x64',
    ]
    monkeypatch.setattr(sys, 'argv', command)
    for state in ('written to', 'already complete'):
        with pytest.raises(SystemExit, match='^0$'):
            runpy.run_path(str(tool / 'moving_shapes.py'), run_name='__main__')
        assert state in capsys.readouterr().out
    assert (tmp_path / 'x/vspw/x.txt').read_text().split() == ['x_0_00000', 'x_0_00001']
    monkeypatch.setattr(sys, 'argv', command[:-1] + ['96'])
    with pytest.raises(SystemExit):
        runpy.run_path(str(tool / 'moving_shapes.py'), run_name='__main__')
    assert 'height x width' in capsys.readouterr().err


def label_maps(split: Path, video: str, frame: int) -> tuple:
    """Labels by VSPW and by VIPSeg (H, W), void -1; VIPSeg ids (H, W)."""
    png = f'{video}/{{}}{frame:05d}.png'
    vspw = np.array(Image.open(split / 'vspw/data' / png.format('mask/')))
    rgb = np.array(Image.open(split / 'vipseg/panomasksRGB' / png.format(''))).astype(int)
    ids = rgb @ (1, 256, 65536)
    content = json.loads((split / 'vipseg/panoptic_gt.json').read_text())
    names = {c['id']: c['name'] for c in content['categories']}
    entry = next(a for a in content['annotations'] if a['video_id'] == video)
    vipseg = np.full(ids.shape, -1)
    for segment in entry['annotations'][frame]['segments_info']:
        inside = ids == segment['id']
        assert inside.sum() == segment['area']
        vipseg[inside] = CLASSES.index(names[segment['category_id']])
    assert (vipseg[ids == 0] == -1).all() and (vipseg[ids > 0] >= 0).all()
    return vspw.astype(int) - 1, vipseg, ids


def test_formats_agree(split):
    videos = json.loads((split / 'ytvis/instances.json').read_text())
    meta = json.loads((split / 'ytvos/meta.json').read_text())['videos']
    names = (split / 'vspw/val.txt').read_text().split()
    assert len(names) == VIDEOS and list(meta) == names
    for number, video in enumerate(names, 1):
        tubes = [a for a in videos['annotations'] if a['video_id'] == number]
        assert len(tubes) == len(meta[video]['objects'])
        for frame in range(FRAMES):
            semantic, panoptic, ids = label_maps(split, video, frame)
            assert (semantic == panoptic).all()
            objects = np.array(Image.open(split / f'ytvos/Annotations/{video}/{frame:05d}.png'))
            listed = {int(k) for k, v in meta[video]['objects'].items() if f'{frame:05d}' in v['frames']}
            assert set(np.unique(objects)) - {0} == listed
            check_tubes(tubes, frame, panoptic, ids, objects)


def check_tubes(tubes, frame, panoptic, ids, objects) -> None:
    """Every VIS mask is one VIPSeg segment and one YouTube-VOS object."""
    covered = np.zeros(SIZE, bool)
    for tube in tubes:
        if tube['segmentations'][frame] is None:
            continue
        mask = decode_mask(tube['segmentations'][frame], *SIZE) > 0
        assert mask.sum() == tube['areas'][frame]
        assert set(panoptic[mask]) == {tube['category_id'] - 1}
        for other in (ids, objects):
            (value,) = set(other[mask])
            assert (mask == (other == value)).all()
        covered |= mask
    assert (covered == (objects > 0)).all()


def test_objects_may_enter_late_and_leave(tmp_path):
    generate_split(tmp_path, SplitSettings('a', 8, 30, 3, SIZE))
    meta = json.loads((tmp_path / 'a/ytvos/meta.json').read_text())
    frames = [
        [int(f) for f in thing['frames']] for video in meta['videos'].values() for thing in video['objects'].values()
    ]
    assert any(f[0] > 0 for f in frames)
    assert any(np.diff(f).max() > 3 for f in frames if len(f) > 1)
