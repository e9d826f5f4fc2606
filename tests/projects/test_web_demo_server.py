"""The web demo over HTTP, without a browser."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip('uvicorn', reason='the web demo needs projects/web_demo/requirements.txt')
pytest.importorskip('starlette', reason='the web demo needs projects/web_demo/requirements.txt')

from projects.web_demo.limits import Limits
from tests.damaged_video import damage, write_h264

from .web_demo_server import PATIENCE, ROOT, Page, place_in, running, wait_for, write_shapes

LENGTH = 6


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list]:
    """An mp4 and its frames with the truth."""
    path = tmp_path_factory.mktemp('clip') / 'shapes.mp4'
    frames = write_shapes(path, LENGTH)
    return path.read_bytes(), frames


@pytest.fixture(scope='module')
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    root = tmp_path_factory.mktemp('server')
    with running(root, Limits(megabytes=1, frames=40, sessions=30)) as (address, demo):
        yield address, demo
    assert list((root / 'sessions').iterdir()) == []  # stopping the server leaves nothing


@pytest.fixture
def page(server: tuple) -> Page:
    return Page(server[0])


def test_from_upload_to_masks(page: Page, clip: tuple) -> None:
    status, state = page.post('clip?name=my%20clip.mp4', clip[0])
    assert status == 200, state
    opened = state['work']['clip']
    assert (opened['name'], opened['length'], opened['width']) == ('my clip.mp4', LENGTH, 160)
    thing = clip[1][0].instances == clip[1][0].instances.max()
    x, y = place_in(thing)
    status, state = page.prompt(0, [[x, y]])
    assert status == 200 and state['work']['objects'][0]['object_id'] == 1
    assert page.masks(0)[int(y), int(x), 3] > 0  # the preview
    page.post('objects/1/name', dict(name='wheel'))
    assert page.post('run/evs-shapes')[0] == 200
    job = page.finished()
    assert (job['state'], job['done']) == ('done', job['total']), job
    assert page.get()[1]['work']['results']['evs-shapes']['valid'] == [[0, LENGTH - 1]]
    with zipfile.ZipFile(io.BytesIO(page.file('evs-shapes', 'masks'))) as file:
        masks = [np.asarray(Image.open(file.open(f'{index:05d}.png'))) for index in range(LENGTH)]
        [entry] = json.loads(file.read('segments.json'))['segments']
    assert (entry['value'], entry['id'], entry['name']) == (1, 1, 'wheel')
    assert all(mask.shape == (96, 160) for mask in masks) and masks[0][int(y), int(x)] == 1
    assert page.file('evs-shapes', 'video')[4:8] == b'ftyp'
    found = page.file('evs-shapes', 'coco')
    assert found['categories'] == [dict(id=1, name='wheel')]
    assert found['annotations'][0]['segmentation']['size'] == [96, 160]
    assert page.get('frames/5.jpg')[1].startswith(b'\xff\xd8')
    assert page.get('frames/6.jpg')[0] == page.get('files/vss-shapes/masks')[0] == 404
    assert 'no result yet' in page.post('files/vss-shapes/masks')[1]['error']


@pytest.mark.filterwarnings('ignore:Skipped')
def test_damaged_frames_are_left_out_and_counted(page: Page, clip: tuple, tmp_path: Path) -> None:
    path = write_h264(tmp_path / 'a.mp4', 30)
    damage(path, 20)
    status, state = page.post('clip?name=a.mp4', path.read_bytes())
    opened = state['work']['clip']
    assert (status, opened['length'], opened['notes']) == (200, 29, ['1 damaged frame is left out.'])
    page.post('run/vss-shapes')
    job = page.finished()
    assert (job['state'], job['done'], job['total']) == ('done', 29, 29)
    assert page.post('clip?name=b.mp4', clip[0])[1]['work']['clip']['notes'] == []


def test_a_part_of_the_video_may_be_asked_for(page: Page, clip: tuple) -> None:
    page.post('clip?name=a.mp4', clip[0])
    page.post('run/vss-shapes')
    page.finished()
    page.file('vss-shapes', 'video')
    status, part = page.request('GET', f'{page.base}/files/vss-shapes/video', headers={'Range': 'bytes=0-9'})
    assert (status, len(part)) == (206, 10)


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps'])
def test_tasks_that_find_by_themselves(page: Page, task: str) -> None:
    assert page.post('examples/Shapes%201')[1]['work']['clip']['length'] == 30
    assert page.post(f'run/{task}-shapes')[0] == 200
    wait_for(lambda: page.get()[1]['job']['done'] >= 3)
    page.post('stop')
    job = page.finished()
    assert job['state'] == 'stopped' and 3 <= job['done'] < 30 and job['segments']
    assert page.file(f'{task}-shapes', 'masks')  # what is done can be had


def test_the_model_of_real_video(page: Page, clip: tuple) -> None:
    page.post('clip?name=a.mp4', clip[0])
    assert page.post('prepare/evs-real')[0] == 200
    page.prompt(1, [[20, 20], [80, 70]], 'box', model='evs-real')
    page.post('run/evs-real')
    assert page.finished()['state'] == 'done'


@pytest.mark.parametrize(
    'name, content, status, message',
    [
        ('a.txt', b'hello', 400, 'a.txt is not a supported video'),
        ('a.mp4', b'hello', 400, 'a.mp4 has the suffix of a video but other content'),
        ('a.mp4', b'#EXTM3U\nfile:///etc/hostname', 400, 'other content'),
        ('a.mp4', b'\0\0\0\x18ftypisom' + b'\0' * 99, 400, 'a.mp4 is not a video that can be read'),
        ('../../a.mp4', b'', 400, 'a.mp4 has the suffix'),
    ],
)
def test_uploads_that_are_refused(
    page: Page, server: tuple, name: str, content: bytes, status: int, message: str
) -> None:
    answer = page.post(f'clip?name={name}', content)
    assert answer[0] == status and message in answer[1]['error'], answer
    assert page.get()[1]['work'] is None
    assert list(server[1].store.get(page.offer['token']).folder.iterdir()) == []


def test_a_large_upload_is_refused_before_it_is_sent(page: Page) -> None:
    connection = http.client.HTTPConnection(page.address, timeout=20)
    connection.putrequest('POST', f'{page.base}/clip?name=a.mp4')
    connection.putheader('Content-Length', '2000000')
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert 'a.mp4 is larger than the limit of 1 MB' in json.loads(response.read())['error']
    connection.close()


def test_a_large_upload_of_unknown_size_is_cut_off(page: Page, server: tuple) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(11):
            yield b'\0\0\0\x18ftypisom' + bytes(100_000)

    status, answer = page.request('POST', f'{page.base}/clip?name=a.mp4', chunks())
    assert status == 413 and '1 MB' in answer['error']
    assert list(server[1].store.get(page.offer['token']).folder.iterdir()) == []


@pytest.mark.parametrize(
    'path, body, message',
    [
        ('run/evs-shapes', None, 'Choose a clip first'),
        ('prompts', dict(frame=0, kind='point', points=[[1, 1]], model='evs-shapes'), 'Choose a clip first'),
        ('prompts/undo', None, 'Choose a clip first'),
        ('objects/1/delete', None, 'Choose a clip first'),
        ('run/nothing', None, "no model 'nothing'"),
        ('prompts', '{', 'cannot be read'),
        ('examples/nothing', None, "no example 'nothing'"),
    ],
)
def test_requests_out_of_order_are_answered(page: Page, path: str, body: object, message: str) -> None:
    status, answer = page.post(path, body)
    assert status == 400 and message in answer['error']


def test_bad_requests_change_nothing(page: Page, clip: tuple) -> None:
    page.post('clip?name=a.mp4', clip[0])
    assert 'draw a point' in page.post('run/evs-shapes')[1]['error']
    point = dict(frame=0, kind='point', points=[[1, 1]], model='evs-shapes')
    for path, body in (
        ('prompts', dict(point, frame=99)),
        ('prompts', dict(point, nothing=1)),
        ('prompts', dict(point, kind='box', points='x')),
        ('prompts', dict(point, kind=[])),
        ('prompts', dict(point, model=[])),
        ('prompts', dict(point, object_id=7)),
        ('prompts', dict(point, positive=False)),
        ('prompts/nothing', None),
        ('objects/1/name', dict(name='x')),
        ('files/evs-shapes/nothing', None),
        ('run/evs-shapes?direction=sideways', None),
    ):
        status, answer = page.post(path, body)
        assert status == 400 and '\n' not in answer['error'], path
    state = page.get()[1]['work']
    assert (state['prompts'], state['objects'], state['undo']) == ([], [], 0)


def test_two_pages_do_not_see_each_other(server: tuple, clip: tuple) -> None:
    first, second = Page(server[0]), Page(server[0])
    first.post('clip?name=a.mp4', clip[0])
    second.post('clip?name=b.mp4', clip[0])
    first.prompt(0, [[30, 30]])
    second.prompt(2, [[60, 40], [90, 70]], 'box')
    assert second.get()[1]['work']['clip']['name'] == 'b.mp4'
    assert [one['frame'] for one in second.get()[1]['work']['prompts']] == [2]
    first.post('run/evs-shapes'), second.post('run/evs-shapes')  # one runs, one waits
    assert first.finished()['state'] == second.finished()['state'] == 'done'
    assert first.file('evs-shapes', 'masks') != second.file('evs-shapes', 'masks')
    first.post('close')
    assert first.get()[0] == first.get('files/evs-shapes/masks')[0] == 410
    assert second.get('files/evs-shapes/masks')[0] == 200


def test_closing_a_page_stops_its_run_and_removes_its_files(server: tuple) -> None:
    address, demo = server
    page = Page(address)
    page.post('examples/Shapes%202')
    session = demo.store.get(page.offer['token'])
    page.post('run/vps-shapes')
    wait_for(lambda: page.get()[1]['job']['done'])
    page.post('close')
    wait_for(lambda: not session.folder.exists())
    wait_for(lambda: not session.job.active)
    assert session.job.state == 'stopped' and session.job.done < 30


def test_runs_are_limited(tmp_path: Path) -> None:
    with running(tmp_path, Limits(jobs=1, waiting=1)) as (address, _):
        pages = [Page(address) for _ in range(3)]
        for page in pages:
            page.post('examples/Shapes%201')
        assert [page.post('run/vss-shapes')[0] for page in pages[:2]] == [200, 200]
        assert pages[1].get()[1]['job']['ahead'] == 1
        status, answer = pages[2].post('run/vss-shapes')
        assert status == 503 and 'Try again' in answer['error']
        assert pages[0].post('run/vss-shapes')[0] == 400  # its run is not over
        assert pages[0].post('examples/Shapes%201')[0] == 400
        wait_for(lambda: pages[0].get()[1]['job']['done'])
        assert pages[1].get()[1]['job']['state'] == 'waiting'
        sessions = tmp_path / 'sessions'
    assert list(sessions.iterdir()) == []


def test_foreign_names_and_pages_are_kept_out(page: Page) -> None:
    assert page.request('GET', '/', headers={'Host': 'example.org'})[0] == 400
    connection = http.client.HTTPConnection(page.address, timeout=20)
    connection.request('GET', '/')
    response = connection.getresponse()
    assert "default-src 'self'" in response.headers['Content-Security-Policy']
    assert response.headers['Cache-Control'] == 'no-store'
    connection.close()


def test_a_server_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    command = [sys.executable, '-m', 'projects.web_demo.app', '--port', str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ, TMPDIR=str(tmp_path))) as process:
        try:
            wait_for(lambda: process.poll() is not None or answers(port))
            page = Page(f'127.0.0.1:{port}')
            page.post('examples/Shapes%201')
            assert len(list(tmp_path.glob('gvseg-web-*/sessions/*/clip-1'))) == 1
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        finally:
            process.kill()
    assert list(tmp_path.glob('gvseg-web-*')) == []


def answers(port: int) -> bool:
    """Whether something listens at a port of this computer."""
    with socket.socket() as client:
        return client.connect_ex(('127.0.0.1', port)) == 0
