"""The web demo in headless Chromium, driven by Playwright, for its tests."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

REASON = 'the web demo in a browser needs projects/web_demo/requirements-tests.txt'
for library in ('uvicorn', 'starlette', 'playwright'):
    pytest.importorskip(library, reason=REASON)

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright  # noqa: E402

from projects.web_demo.limits import Limits  # noqa: E402

from .web_demo_server import place_in, running, write_shapes  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason='no Chromium is installed (apt-get install chromium)'),
]
FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]
DESKTOP = dict(viewport=dict(width=1440, height=900))
PHONE = dict(viewport=dict(width=390, height=844), has_touch=True, is_mobile=True, color_scheme='dark')
RUN_MS, LENGTH = 120_000, 6
expect.set_options(timeout=30_000)


class Visitor:
    """A user with the page open. Nothing may be asked of other hosts, nothing may go wrong in the page's scripts.

    Args:
        browser: Chromium.
        address: of the server.
        device: options of the browser's context.
    """

    def __init__(self, browser: Browser, address: str, device: dict) -> None:
        self.context: BrowserContext = browser.new_context(**device)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.dialogs: list[str] = []
        self.page.on('request', self._check_request)
        self.page.on('pageerror', lambda error: self.faults.append(str(error)))
        self.page.on('dialog', self._accept)
        self.address = address
        self.page.goto(address)
        expect(self['body[data-ready]']).to_be_attached()

    def _check_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, 'blob:')):
            self.faults.append(request.url)

    def _accept(self, dialog: Any) -> None:
        self.dialogs.append(dialog.type)
        dialog.accept()

    def __getitem__(self, selector: str) -> Locator:
        """An element."""
        return self.page.locator(selector)

    def upload(self, path: Path, model: str | None = 'evs-shapes') -> None:
        """Open a clip, and select a model."""
        self['#upload'].set_input_files(path)
        expect(self['#clip-hint']).to_contain_text(f'{path.name}: ')
        if model:
            self.page.select_option('#model', model)
        expect(self['#canvas:not([aria-busy])']).to_be_visible()

    def at(self, point: list[float]) -> tuple[float, float]:
        """Where a point (x, y) of the frame is on the screen."""
        width, height = map(int, re.search(r'(\d+) × (\d+)', self['#clip-hint'].text_content()).groups())
        box = self['#canvas'].bounding_box()
        scale = min(box['width'] / width, box['height'] / height)
        left, top = box['x'] + (box['width'] - scale * width) / 2, box['y'] + (box['height'] - scale * height) / 2
        return left + scale * (point[0] + 0.5), top + scale * (point[1] + 0.5)

    def click(self, point: list[float], **options: Any) -> None:
        """Click a point of the frame."""
        self.page.mouse.click(*self.at(point), **options)

    def drag(self, start: list[float], end: list[float]) -> None:
        """Press, move and release the mouse."""
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end), steps=3)
        self.page.mouse.up()

    def pick(self, choice: str) -> None:
        """Select a tool or a sign."""
        self['.choice label'].filter(has_text=choice).click()

    def show(self, frame: int) -> None:
        """Go to a frame."""
        self['#frame'].fill(str(frame))
        expect(self['#frame-number']).to_have_text(re.compile(f'^{frame} / '))

    def run(self) -> None:
        """Start a run and wait for its end."""
        self['#run'].click()
        expect(self['#progress-text']).to_contain_text(re.compile(r'in \d+\.\d s'), timeout=RUN_MS)

    def colour(self, point: list[float]) -> list[int]:
        """Red, green and blue of the canvas at a point of the frame."""
        x, y = self.at(point)
        box = self['#canvas'].bounding_box()
        return self['#canvas'].evaluate(
            '(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)]',
            [round(x - box['x']), round(y - box['y'])],
        )

    def leave(self) -> list[str]:
        """Close the page as a user does; kinds of dialogs that were shown."""
        self.dialogs.clear()
        with self.page.expect_event('close'):
            self.page.close(run_before_unload=True)
        return self.dialogs


OPEN = Callable[..., Visitor]


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    path = tmp_path_factory.mktemp('clip') / 'my clip.mp4'
    return path, write_shapes(path, LENGTH)


@pytest.fixture(scope='module')
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    with running(tmp_path_factory.mktemp('server'), Limits(megabytes=1)) as (address, demo):
        yield f'http://{address}', demo


@pytest.fixture(scope='module')
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(server: tuple, browser: Browser) -> Iterator[OPEN]:
    """Opens the page as one more user."""
    visitors: list[Visitor] = []

    def opened(device: dict = DESKTOP) -> Visitor:
        visitors.append(Visitor(browser, server[0], device))
        return visitors[-1]

    yield opened
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture
def user(visit: OPEN, clip: tuple) -> Visitor:
    """A desktop user with the clip of shapes open."""
    user = visit()
    user.upload(clip[0])
    return user


def thing_of(clip: tuple, number: int = 1) -> list[float]:
    """A point inside a thing of the first frame."""
    return place_in(clip[1][0].instances == number)
