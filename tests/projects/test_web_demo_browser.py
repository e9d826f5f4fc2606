"""The web demo in a real browser: prompts, masks, files, clips."""

import io
import json
import re
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from gvseg.visualization import VideoFile
from tests.damaged_video import damage, write_h264

from .web_demo_browser import LENGTH, MARKS, OPEN, Visitor, browser, clip, expect, server, thing_of, user, visit  # noqa: F401
from .web_demo_server import wait_for

pytestmark = MARKS


def test_preview_track_and_download(user: Visitor, clip: tuple) -> None:
    expect(user['#run']).to_be_disabled()  # there is no prompt yet
    x, y = thing_of(clip)
    beside = [x + 2, y]
    before = user.colour(beside)
    user.click([x, y])
    expect(user['#preview']).to_contain_text('Preview: ')
    wait_for(lambda: np.abs(np.subtract(user.colour(beside), before)).max() > 40)
    user.run()
    expect(user['#frame-number']).to_have_text(f'{LENGTH - 1} / {LENGTH - 1}')
    user['#play'].click()
    expect(user['#frame-number']).to_have_text(f'2 / {LENGTH - 1}')
    user['#play'].click()
    saved = {}
    for kind in ('video', 'masks', 'coco'):
        with user.page.expect_download() as waiting:
            user[f'#download-{kind}'].click()
        saved[waiting.value.suggested_filename] = Path(waiting.value.path()).read_bytes()
    assert sorted(saved) == ['gvseg-evs-coco.json', 'gvseg-evs-masks.zip', 'gvseg-evs-result.mp4']
    assert saved['gvseg-evs-result.mp4'][4:8] == b'ftyp'
    assert json.loads(saved['gvseg-evs-coco.json'])['annotations'][0]['track_id'] == 1
    with zipfile.ZipFile(io.BytesIO(saved['gvseg-evs-masks.zip'])) as file:
        assert len(file.namelist()) == LENGTH + 1
        assert np.asarray(Image.open(file.open('00000.png')))[int(y), int(x)] == 1


def test_refine_in_a_later_frame_and_go_on_from_there(user: Visitor, clip: tuple, server: tuple) -> None:
    user.click(thing_of(clip))
    user.run()
    expect(user['#outdated']).to_be_hidden()
    user.show(3)
    user.click([4, 4], button='right')
    expect(user['#objects .where']).to_have_text('2 prompts')
    expect(user['#outdated']).to_have_text('3 frames from frame 3 on are not up to date.')
    expect(user['#run']).to_have_text('Update the masks')
    user.run()
    expect(user['#progress-text']).to_contain_text(re.compile('^[1-3] frames? in'))  # the preview is one of them
    expect(user['#outdated']).to_be_hidden()
    user['#objects .where'].click()
    expect(user['#frame-number']).to_have_text(f'0 / {LENGTH - 1}')


def test_objects_are_named_and_deleted_and_everything_is_undone(user: Visitor, clip: tuple) -> None:
    entries, keys = user['#objects li'], user.page.keyboard
    user.click(thing_of(clip))
    expect(entries).to_have_count(1)
    user.pick('Negative')
    user.click([3, 3])
    expect(user['#objects .where']).to_have_text('2 prompts')
    user.pick('Positive')
    keys.press('n')
    user.click(thing_of(clip, 2))
    expect(entries).to_have_count(2)
    user['#name-2'].fill('wheel')
    user['#name-2'].press('Enter')
    expect(user['#redo']).to_be_disabled()
    user['#delete-2'].click()
    expect(entries).to_have_count(1)
    expect(user['#announcer']).to_contain_text('Object 2 is deleted')
    keys.press('Control+z')
    expect(user['#name-2']).to_have_value('wheel')
    keys.press('Control+z')
    expect(user['#name-2']).to_have_value('')
    keys.press('Control+z')
    expect(entries).to_have_count(1)
    keys.press('Control+z')
    expect(user['#objects .where']).to_have_text('1 prompt')
    keys.press('Control+z')
    expect(entries).to_have_count(0)
    expect(user['#undo']).to_be_disabled()
    for _ in range(4):
        keys.press('Control+Shift+z')
    expect(user['#name-2']).to_have_value('wheel')
    user['#clear'].click()
    expect(entries).to_have_count(0)


def test_boxes_and_strokes_on_any_frame(user: Visitor, server: tuple) -> None:
    user.show(3)
    user.pick('Box')
    user.drag([20, 30], [60, 70])
    expect(user['#objects li']).to_have_count(1)
    user['#new'].click()
    user.show(1)
    user.pick('Brush')
    user['#radius'].fill('5')
    user.drag([100, 20], [120, 20])
    expect(user['#objects li']).to_have_count(2)
    user.drag([100, 28], [120, 28])  # adds to the same object
    expect(user['#objects .where']).to_have_text(['1 prompt', '2 prompts'])
    [session] = [one for one in server[1].store.all() if one.work and len(one.work.history.current.prompts) == 3]
    box, first, second = session.work.history.current.prompts
    assert (box.frame, first.frame, second.object_id, first.radius) == (3, 1, 2, 5)
    np.testing.assert_allclose(box.points, [(20, 30), (60, 70)], atol=1)
    user.page.select_option('#task', 'vss')
    expect(user['#toolbar']).to_be_hidden()
    user.run()
    expect(user['#legend li']).not_to_have_count(0)


def test_a_task_begins_with_the_model_for_this_kind_of_clip(user: Visitor) -> None:
    user.page.get_by_role('button', name='Chair').click()
    expect(user['#clip-hint']).to_contain_text('Chair: ')
    for task, model in (('evs', 'evs-real'), ('vss', 'vss-real'), ('vis', 'vis-general'), ('vss', 'vss-real')):
        user.page.select_option('#task', task)
        expect(user['#model']).to_have_value(model)
    user.page.get_by_role('button', name='Shapes 1').click()
    expect(user['#model']).to_have_value('vss-general')


def test_the_model_stays_when_it_does_the_other_task_too(user: Visitor, server: tuple) -> None:
    user.page.select_option('#model', 'evs-general')
    user.page.select_option('#task', 'vps')
    expect(user['#model']).to_have_value('vps-general')
    user.run()
    expect(user['#legend li']).not_to_have_count(0)
    user.page.select_option('#task', 'vss')
    expect(user['#model']).to_have_value('vss-general')
    expect(user['#legend li']).to_have_count(0)  # the other recipe's results are its own
    user.run()
    [session] = [
        one for one in server[1].store.all() if one.work and {'vps-general', 'vss-general'} <= {*one.work.results}
    ]
    assert all(session.work.results[f'{task}-general'].valid for task in ('vps', 'vss'))
    user.page.select_option('#model', 'vss-shapes')
    user.page.select_option('#task', 'vis')
    expect(user['#model']).to_have_value('vis-shapes')


def test_the_example_has_a_preview_within_a_second(visit: OPEN, server: tuple) -> None:
    user = visit()
    user['#try'].click()
    expect(user['#clip-hint']).to_have_text('Chair: 60 frames, 720 × 480')
    expect(user['#credit']).to_contain_text('PUMaVOS')
    expect(user['#model']).to_have_value('evs-real')
    session = next(one for one in server[1].store.all() if one.work and one.work.clip.name == 'Chair')
    session.work.prepare(server[1].models['evs-real'], server[1].jobs.pool)  # the page has asked for it: wait
    times, computed = [], []
    for count, point in enumerate(([100, 110], [150, 150], [60, 60]), 1):
        begin, cpu = time.perf_counter(), time.process_time()
        user.click(point)
        expect(user['#objects .where']).to_have_text(f'{count} prompt{"s" * (count > 1)}')
        wait_for(lambda: 0 in session.work.results['evs-real'].previews)
        times.append(1000 * (time.perf_counter() - begin))
        computed.append(1000 * (time.process_time() - cpu))
        expect(user['#preview']).to_contain_text('Preview: ')
    print('ms from click to mask at 720x480:', *map(round, times), '; of them computing:', *map(round, computed))
    assert min(computed) < 1000  # on an idle computer the time itself; here other programs may run


def test_a_part_of_the_clip(user: Visitor, clip: tuple) -> None:
    user.click(thing_of(clip))
    expect(user['#objects li']).to_have_count(1)
    user['#last'].fill('3')
    user['#last'].dispatch_event('change')
    expect(user['#part']).to_contain_text('0–3')
    user['#first'].fill('2')
    user['#first'].dispatch_event('change')
    expect(user['#message']).to_contain_text('outside the part 2 to 3')
    expect(user['#first']).to_have_value('0')
    user.run()
    expect(user['#marks .valid']).to_have_count(1)
    expect(user['#frame-number']).to_have_text('3 / 5')


def test_gif_4k_and_damage_are_taken_with_a_note(visit: OPEN, clip: tuple, tmp_path: Path) -> None:
    user = visit()
    Image.new('RGB', (40, 30)).save(
        tmp_path / 'a.gif', save_all=True, append_images=[Image.new('RGB', (40, 30), 'red')]
    )
    user.upload(tmp_path / 'a.gif')
    expect(user['#clip-hint']).to_have_text('a.gif: 2 frames, 40 × 30')
    expect(user['#notes']).to_be_hidden()
    with VideoFile(tmp_path / 'large.mp4') as file:
        file.write(np.zeros((2160, 3840, 3), np.uint8))
    user.upload(tmp_path / 'large.mp4')
    expect(user['#notes']).to_have_text('Frames of 3840x2160 were shrunk to 1280x720.')
    path = write_h264(tmp_path / 'scratched.mp4', 40)
    damage(path, 20)
    user.upload(path)
    expect(user['#notes']).to_have_text('1 damaged frame is left out.')
