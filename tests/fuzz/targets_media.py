"""Targets of videos of several kinds, with their sound, and of requests to the web page."""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

from gvseg.apis import VideoSource
from gvseg.utils.errors import InputError
from gvseg.visualization import VideoFile
from gvseg.visualization.sound import SoundTrack
from tests.fuzz.mutations import Mutation
from tests.fuzz.targets import Target

ROOT = Path(__file__).resolve().parents[2]
SIZE, FRAMES, SAMPLE_RATE = (48, 64), 12, 8000
KINDS = {
    '.mp4': ('libx264', 'aac'),
    '.mkv': ('libx264', 'aac'),
    '.avi': ('mpeg4', 'mp2'),
    '.webm': ('libvpx', None),
    '.mov': ('mjpeg', 'pcm_s16le'),
}
"""Suffix -> video codec and audio codec."""
HEAD = 2000  # bytes at either end of a file in which containers keep their tables
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
ODD_JSON = (
    'null',
    'true',
    '-1',
    '1e999',
    'NaN',
    '9' * 5000,
    '""',
    '"x"',
    '[]',
    '{}',
    '[[]]',
    '[[1, 2, 3]]',
    '[' * 3000,
    '"\\ud800"',
    '1.5',
    '[["a", 1]]',
    '"' + 'x' * 3000 + '"',
)


def write_video(path: Path) -> Path:
    """A small video with sound where its kind has any; the suffix chooses the kind."""
    video_codec, audio_codec = KINDS[path.suffix]
    noise = np.random.default_rng(0)
    with av.open(str(path), 'w') as container:
        video = container.add_stream(video_codec, rate=10)
        video.height, video.width = SIZE
        video.pix_fmt = 'yuvj420p' if video_codec == 'mjpeg' else 'yuv420p'
        rate = 16000 if audio_codec == 'mp2' else SAMPLE_RATE
        audio = container.add_stream(audio_codec, rate=rate) if audio_codec else None
        for index in range(FRAMES):
            image = noise.integers(0, 255, (*SIZE, 3), np.uint8) // 4
            image[10:30, 3 * index : 3 * index + 20] = 200
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format='rgb24')))
            if audio:
                samples = noise.integers(-999, 999, (1, rate // 10), np.int16)
                frame = av.AudioFrame.from_ndarray(samples, format='s16', layout='mono')
                frame.sample_rate, frame.pts = rate, index * samples.size
                container.mux(audio.encode(frame))
        for stream in filter(None, (video, audio)):
            container.mux(stream.encode())
    return path


def good_video(suffix: str) -> dict[str, bytes]:
    """A file of a kind, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        return {f'a{suffix}': write_video(Path(folder) / f'a{suffix}').read_bytes()}


def read_video(path: Path) -> None:
    """What the demo does with a video, without a model: its frames and its sound into another file."""
    source = VideoSource(path)
    with tempfile.TemporaryDirectory() as folder, VideoFile(Path(folder) / 'a.mp4', source.fps) as file:
        for frame in source.frames():
            if not file.frames and source.start is not None:
                file.sound = SoundTrack(path, source.start)
            file.write(np.ascontiguousarray(frame.image[..., ::-1]), frame.time)


def _place(rng: random.Random, data: bytes) -> int:
    """An offset, mostly near either end."""
    near = rng.randrange(min(HEAD, len(data)))
    return rng.choice((near, len(data) - 1 - near, rng.randrange(len(data))))


def _replaced(data: bytes, place: int, size: int, new: bytes) -> bytes:
    return data[:place] + new + data[place + size :]


def flip(rng: random.Random, data: bytes) -> bytes:
    """Some bytes changed."""
    for _ in range(rng.choice((1, 4, 32))):
        data = _replaced(data, _place(rng, data), 1, bytes([rng.randrange(256)]))
    return data


def extreme(rng: random.Random, data: bytes) -> bytes:
    """A number of 1 to 8 bytes becomes the least or greatest of its kind."""
    size = rng.choice((1, 2, 4, 8))
    value = (rng.choice(EXTREMES) % (1 << 8 * size)).to_bytes(size, rng.choice(('big', 'little')))
    return _replaced(data, _place(rng, data), size, value)


def tag(rng: random.Random, data: bytes) -> bytes:
    """Another four-letter code: unknown codecs, boxes and chunks."""
    places = [index for index in range(len(data) - 4) if data[index : index + 4].isalnum()]
    code = bytes(rng.choices(b'abcdefghXYZ019 \xff\xde', k=4))
    return _replaced(data, rng.choice(places), 4, code) if places else data


def cut(rng: random.Random, data: bytes) -> bytes:
    """The end is missing."""
    return data[: max(_place(rng, data), 1)]


def remove(rng: random.Random, data: bytes) -> bytes:
    """A part is missing."""
    return _replaced(data, _place(rng, data), rng.choice((1, 4, 100)), b'') or b'\0'


def repeat(rng: random.Random, data: bytes) -> bytes:
    """A part is there twice."""
    place, size = _place(rng, data), rng.choice((1, 8, 400))
    return _replaced(data, place, 0, data[place : place + size])


def blank(rng: random.Random, data: bytes) -> bytes:
    """A part is all zero."""
    place, size = _place(rng, data), rng.choice((4, 64, 1000))
    return _replaced(data, place, size, bytes(len(data[place : place + size])))


def several(mutations: Sequence[Mutation]) -> Mutation:
    """One to three of them."""

    def damage(rng: random.Random, data: bytes) -> bytes:
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(mutations)(rng, data)
        return data

    return damage


BYTES = several((flip, flip, extreme, extreme, tag, tag, cut, remove, repeat, blank))


def odd_value(rng: random.Random, data: bytes) -> bytes:
    """A value of a prompt becomes an odd one, or a key another."""
    text = data.decode('utf-8', 'replace')
    try:
        prompt = json.loads(text)
        key = rng.choice(list(prompt))
    except (ValueError, TypeError, IndexError, RecursionError):
        return data
    if rng.random() < 0.2:
        prompt[rng.choice(('self', 'x', '', key.upper()))] = prompt.pop(key)
        return json.dumps(prompt).encode()
    prompt[key] = '@@'
    return json.dumps(prompt).replace('"@@"', rng.choice(ODD_JSON)).encode()


REQUEST = several((flip, extreme, cut, remove, repeat, odd_value, odd_value, odd_value))


class WebPage:
    """The page's server without a network: an open page with a clip, to which requests go."""

    def __init__(self) -> None:
        sys.path.insert(0, str(ROOT))
        from projects.web_demo.demo import Demo
        from projects.web_demo.jobs import JobQueue
        from projects.web_demo.limits import Limits
        from projects.web_demo.models import SegmenterPool, offered_models
        from projects.web_demo.routes import create_app
        from projects.web_demo.sessions import SessionStore

        self.folder = tempfile.TemporaryDirectory(prefix='gvseg-fuzz-')
        root, limits = Path(self.folder.name), Limits(megabytes=1, frames=60)
        self.demo = Demo(
            root / 'examples',
            SessionStore(root / 'sessions', limits),
            JobQueue(SegmenterPool()),
            offered_models(ROOT),
            limits,
        )
        self.app, self.token = create_app(self.demo), self.demo.store.create()
        self.request('POST', f'/api/sessions/{self.token}/examples/Shapes 1', b'')

    def request(
        self, method: str, path: str, body: bytes, query: bytes = b'', headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        """Send a request.

        Raises:
            InputError: it is answered by what is wrong with it.
            RuntimeError: the answer is an error of the server, or no single line.
        """
        messages = [dict(type='http.request', body=body, more_body=False)]
        answer: list[dict] = []

        async def receive() -> dict:
            return messages.pop() if messages else dict(type='http.disconnect')

        async def send(message: dict) -> None:
            answer.append(message)

        scope = dict(
            type='http',
            method=method,
            path=path,
            raw_path=path.encode(),
            query_string=query,
            root_path='',
            scheme='http',
            http_version='1.1',
            headers=[(b'host', b'127.0.0.1:7860'), *headers],
            server=('127.0.0.1', 7860),
            client=('127.0.0.1', 1),
        )
        asyncio.run(self.app(scope, receive, send))
        status = answer[0]['status']
        if status >= 400:
            text = json.loads(b''.join(message.get('body', b'') for message in answer[1:]))['error']
            if status >= 500 or '\n' in text or self.folder.name in text:
                raise RuntimeError(f'status {status}: {text}')
            raise InputError(text)


_pages: list[WebPage] = []


def page() -> WebPage:
    """The one server of this process."""
    if not _pages:
        _pages.append(WebPage())
    return _pages[0]


def with_page(content: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The same files; the page is made now, so that the process that damages them removes its folder at the end."""
    page()
    return content


def send_prompt(path: Path) -> None:
    """A file as the body of a prompt."""
    from projects.web_demo.prompts import object_prompts

    work = page().demo.store.get(page().token).workspace
    work.history.clear()
    page().request('POST', f'/api/sessions/{page().token}/prompts', path.read_bytes())
    object_prompts(work.history.current.prompts, work.clip.size)  # what a run would follow


def send_clip(path: Path) -> None:
    """A file as an upload."""
    page().request('POST', f'/api/sessions/{page().token}/clip', path.read_bytes(), f'name={path.name}'.encode())


def _targets() -> dict[str, Target]:
    targets = {f'video_{suffix[1:]}': Target(partial(good_video, suffix), (BYTES,), read_video) for suffix in KINDS}
    prompts = dict(
        box=dict(frame=0, kind='box', points=[[3, 4], [60.5, 40]], model='evs-shapes'),
        brush=dict(frame=2, kind='brush', points=[[3, 4], [9, 9]], radius=3, model='evs-shapes', object_id=None),
    )
    if find_spec('starlette') is None:
        return targets  # projects/web_demo/requirements.txt is not installed
    for kind, prompt in prompts.items():
        content = {'prompt.json': json.dumps(prompt).encode()}
        targets[f'web_{kind}'] = Target(partial(with_page, content), (REQUEST,), send_prompt)
    targets['web_upload'] = Target(lambda: with_page(good_video('.mp4')), (BYTES,), send_clip)
    return targets


MEDIA_TARGETS = _targets()
