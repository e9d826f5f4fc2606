"""The web demo on a free port, for its tests."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import uvicorn

import gvseg  # noqa: F401
from gvseg.moving_shapes import render_video
from gvseg.visualization import VideoFile
from projects.web_demo.demo import Demo
from projects.web_demo.jobs import JobQueue
from projects.web_demo.limits import Limits
from projects.web_demo.models import SegmenterPool, offered_models
from projects.web_demo.routes import create_app
from projects.web_demo.sessions import SessionStore

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
POOL = SegmenterPool()  # models are loaded once for all servers


@contextmanager
def running(root: Path, limits: Limits = Limits()) -> Iterator[tuple[str, Demo]]:
    """A server; gives its host:port and its parts."""
    demo = Demo(
        root / 'examples',
        SessionStore(root / 'sessions', limits),
        JobQueue(POOL, limits.jobs, limits.waiting),
        offered_models(ROOT),
        limits,
    )
    server = uvicorn.Server(uvicorn.Config(create_app(demo), port=0, log_level='warning', access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield f'127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}', demo
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


class Page:
    """What a browser's page does, without a browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        status, self.offer = self.request('POST', '/api/sessions')
        assert status == 200, self.offer
        self.base = f'/api/sessions/{self.offer["token"]}'

    def request(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple:
        """Status and content: JSON decoded, anything else as bytes."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
            is_json = response.headers.get('content-type', '').startswith('application/json')
            return response.status, json.loads(content) if is_json else content
        finally:
            connection.close()

    def post(self, path: str, body: object = None) -> tuple:
        """To this session; a dict is sent as JSON."""
        return self.request('POST', f'{self.base}/{path}', json.dumps(body) if isinstance(body, dict) else body)

    def get(self, path: str = '') -> tuple:
        """Of this session."""
        return self.request('GET', f'{self.base}/{path}'.rstrip('/'))

    def prompt(self, frame: int, points: list, kind: str = 'point', model: str = 'evs-shapes', **more: object) -> tuple:
        """Add a prompt; as :meth:`post`."""
        return self.post('prompts', dict(frame=frame, kind=kind, points=points, model=model, **more))

    def masks(self, frame: int, model: str = 'evs-shapes') -> np.ndarray:
        """Masks of a frame as the page draws them, (H, W, 4) BGRA; a frame with new prompts is segmented."""
        status, content = self.get(f'masks/{model}/{frame}.png')
        assert status == 200, content
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)

    def file(self, model: str, kind: str) -> object:
        """A file of the result: bytes, or what its JSON says."""
        status, answer = self.post(f'files/{model}/{kind}')
        assert status == 200, answer
        return self.get(f'files/{model}/{kind}')[1]

    def finished(self) -> dict:
        """Wait for the run; its state."""
        return wait_for(lambda: (job := self.get()[1]['job'])['state'] not in ('waiting', 'running') and job)


def wait_for(condition):
    """The first true value of a condition that is asked again and again."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, 'waited too long'
        time.sleep(0.02)
    return value


def write_shapes(path: Path, length: int = 6, seed: int = 3, size: tuple[int, int] = (96, 160)) -> list:
    """An mp4 of Moving Shapes; returns its frames with the truth."""
    frames = list(render_video((seed,), length, size))
    with VideoFile(path, 8) as file:
        for frame in frames:
            file.write(frame.image[..., ::-1])
    return frames


def place_in(mask: np.ndarray) -> list[float]:
    """(x, y) well inside a mask (H, W)."""
    depth = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return [float(column), float(row)]
