"""What pages of other sites, broken programs and bad files may not do to the web demo."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip('uvicorn', reason='the web demo needs projects/web_demo/requirements.txt')
pytest.importorskip('starlette', reason='the web demo needs projects/web_demo/requirements.txt')

from projects.web_demo import bodies
from projects.web_demo.limits import Limits
from projects.web_demo.prompts import MAX_POINTS, PromptHistory
from tests.apis.test_video_decoding import replace, write_clip
from tests.visualization.test_sound import samples_of
from tests.visualization.test_sound import write_clip as write_sound

from .web_demo_server import Page, running, wait_for, write_shapes


@pytest.fixture(scope='module')
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    with running(tmp_path_factory.mktemp('server'), Limits(megabytes=1, sessions=40)) as (address, demo):
        yield address, demo


@pytest.fixture
def page(server: tuple) -> Page:
    return Page(server[0])


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp('clip') / 'shapes.mp4'
    write_shapes(path, 4)
    return path.read_bytes()


class Sender:
    """An upload that is sent in parts."""

    def __init__(self, page: Page, path: str, length: int) -> None:
        self.connection = http.client.HTTPConnection(page.address, timeout=30)
        self.connection.putrequest('POST', f'{page.base}/{path}')
        self.connection.putheader('Content-Length', str(length))
        self.connection.endheaders()

    def answer(self, content: bytes = b'') -> tuple[int, dict]:
        """Send the rest; status and content."""
        if content:
            self.connection.send(content)
        response = self.connection.getresponse()
        status, body = response.status, json.loads(response.read())
        self.connection.close()
        return status, body


def test_a_large_prompt_is_refused_before_it_is_sent(page: Page) -> None:
    status, answer = Sender(page, 'prompts', 48_000_000).answer()
    assert status == 413 and 'larger than 200 kB' in answer['error']


def test_a_large_prompt_of_unknown_size_is_cut_off(page: Page) -> None:
    status, answer = page.request('POST', f'{page.base}/prompts', (b'[' * 50_000 for _ in range(5)))
    assert status == 413 and 'larger than 200 kB' in answer['error']


@pytest.mark.parametrize(
    'body, message',
    [
        (b'[' * 100_000, 'cannot be read'),
        (b'{"frame": ' + b'9' * 10_000 + b'}', 'cannot be read'),
        (b'[1, 2]', 'a JSON object is expected, not list'),
        (b'\xff\xfe', 'cannot be read'),
        (b'', 'cannot be read'),
    ],
)
def test_prompts_that_are_none(page: Page, body: bytes, message: str) -> None:
    status, answer = page.post('prompts', body)
    assert status == 400 and message in answer['error'] and '\n' not in answer['error']


def test_strokes_are_limited() -> None:
    history, stroke = PromptHistory(2, (90, 90), 3), [[1, 1]] * 2000
    history.add(0, 'brush', stroke, radius=3)
    for _ in range(MAX_POINTS // 2000 - 1):
        history.add(0, 'brush', stroke, radius=3, object_id=1)
    with pytest.raises(ValueError, match='too many strokes'):
        history.add(0, 'brush', stroke, radius=3, object_id=1)


@pytest.mark.parametrize(
    'headers',
    [
        {'Sec-Fetch-Site': 'cross-site'},
        {'Sec-Fetch-Site': 'same-site'},
        {'Origin': 'http://example.org'},
        {'Origin': 'null'},
        {'Origin': 'http://127.0.0.1:1'},
        {'Origin': 'http://[bad'},
    ],
)
def test_pages_of_other_sites_take_no_places(server: tuple, headers: dict) -> None:
    page, before = Page(server[0]), len(server[1].store)
    status, answer = page.request('POST', '/api/sessions', headers=headers)
    assert status == 403 and 'page of another site' in answer['error']
    assert page.request('POST', f'{page.base}/close', headers=headers)[0] == 403
    assert len(server[1].store) == before


def test_the_own_page_and_programs_pass(page: Page) -> None:
    for headers in (
        {},
        {'Sec-Fetch-Site': 'same-origin'},
        {'Origin': f'http://{page.address}'},
        {'Origin': 'https://proxy.example', 'Sec-Fetch-Site': 'same-origin'},
    ):
        assert page.request('POST', f'{page.base}/stop', headers=headers)[0] == 200


@pytest.mark.parametrize(
    'method, path, headers, status',
    [
        ('GET', '/', {}, 200),
        ('GET', '/static/page.js', {}, 200),
        ('GET', '/static/nothing.js', {}, 404),
        ('GET', '/nothing', {}, 404),
        ('GET', '/api/sessions', {}, 405),
        ('GET', '/', {'Host': 'example.org'}, 400),
        ('GET', '/api/sessions/unknown', {}, 410),
        ('POST', '/api/sessions', {'Sec-Fetch-Site': 'cross-site'}, 403),
        ('POST', '/api/sessions', {}, 500),
    ],
)
def test_every_answer_has_the_headers(
    server: tuple, monkeypatch: pytest.MonkeyPatch, method: str, path: str, headers: dict, status: int
) -> None:
    if status == 500:
        monkeypatch.setattr(server[1], 'models', None)
    connection = http.client.HTTPConnection(server[0], timeout=20)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    assert response.status == status
    assert response.headers['X-Content-Type-Options'] == 'nosniff'
    assert "default-src 'self'" in response.headers['Content-Security-Policy']
    assert response.headers['Cross-Origin-Resource-Policy'] == 'same-origin'
    connection.close()


def test_pages_that_ask_for_one_example_at_once_all_get_it(tmp_path: Path) -> None:
    with running(tmp_path) as (address, _):
        pages, answers = [Page(address) for _ in range(6)], []
        threads = [
            threading.Thread(target=lambda page=page: answers.append(page.post('examples/Shapes%201')))
            for page in pages
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [(status, state['work']['clip']['length']) for status, state in answers] == [(200, 30)] * 6
        assert [path.name for path in (tmp_path / 'examples').iterdir()] == ['Shapes 1']


def test_no_run_begins_while_a_clip_is_sent(page: Page, clip: bytes) -> None:
    page.post('clip?name=first.mp4', clip)
    sender = Sender(page, 'clip?name=second.mp4', len(clip))
    sender.connection.send(clip[:100])
    answer = wait_for(lambda: (found := page.post('examples/Shapes%201'))[0] != 200 and found)
    assert answer[0] == 400 and 'Another clip is being uploaded' in answer[1]['error']
    status, answer = page.post('run/vss-shapes')
    assert status == 400 and 'Another clip is being uploaded' in answer['error']
    status, state = sender.answer(clip[100:])
    assert (status, state['work']['clip']['name'], state['job']) == (200, 'second.mp4', None)
    assert page.post('run/vss-shapes')[0] == 200
    assert page.finished()['state'] == 'done'


def test_an_upload_that_stalls_is_ended(
    server: tuple, page: Page, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, 'STALL_SECONDS', 0.3)
    sender = Sender(page, 'clip?name=a.mp4', len(clip))
    sender.connection.send(clip[:100])
    status, answer = sender.answer()
    assert status == 408 and 'The upload stalled' in answer['error']
    assert list(server[1].store.get(page.offer['token']).folder.iterdir()) == []
    assert page.post('clip?name=a.mp4', clip)[0] == 200  # the place is free again


def test_an_upload_may_not_take_for_ever(page: Page, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, 'UPLOAD_SECONDS', 0.0)
    assert page.post('clip?name=a.mp4', clip)[0] == 408


@pytest.mark.parametrize('suffix, codec, tag', [('.mp4', 'libx264', b'avc1'), ('.avi', 'mpeg4', b'FMP4')])
def test_a_video_without_a_decoder_is_refused_in_a_line(
    page: Page, tmp_path: Path, suffix: str, codec: str, tag: bytes
) -> None:
    path = replace(write_clip(tmp_path / f'a{suffix}', codec, 3), tag, b'x' * len(tag))
    status, answer = page.post(f'clip?name=my{suffix}', path.read_bytes())
    assert status == 400 and answer['error'].startswith(f'my{suffix} uses a codec')
    assert str(tmp_path) not in answer['error'] and '\n' not in answer['error']


@pytest.mark.filterwarnings('ignore:.*the file ends after')
def test_a_video_that_was_cut_off_says_so(page: Page, tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mp4', movflags='faststart')
    status, state = page.post('clip?name=my.mp4', path.read_bytes()[:-300])
    assert status == 200 and state['work']['clip']['notes'][0].startswith('my.mp4: the file ends after ')


def test_the_result_has_the_sound(page: Page, tmp_path: Path) -> None:
    page.post('clip?name=a.mp4', write_sound(tmp_path / 'a.mp4', seconds=0.5).read_bytes())
    page.post('run/vss-shapes')
    assert page.finished()['state'] == 'done'
    (tmp_path / 'result.mp4').write_bytes(page.file('vss-shapes', 'video'))
    assert abs(len(samples_of(tmp_path / 'result.mp4')) / 16000 - 0.5) < 0.15
