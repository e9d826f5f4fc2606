"""The web demo in a real browser: headless Chromium, driven by Playwright."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REASON = 'the web demo in a browser needs projects/web_demo/requirements-tests.txt'
for library in ('uvicorn', 'starlette', 'playwright'):
    pytest.importorskip(library, reason=REASON)

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from gvseg.formats.png_maps import read_label_map  # noqa: E402
from gvseg.visualization import VideoFile, read_rgb  # noqa: E402
from projects.web_demo.limits import Limits  # noqa: E402
from tests.apis.test_video_decoding import write_clip  # noqa: E402
from tests.damaged_video import damage, write_h264  # noqa: E402

from .web_demo_server import place_in, running, wait_for, write_shapes  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
pytestmark = [
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
LENGTH, HEIGHT, WIDTH = 6, 96, 160
DAVIS = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'davis'
RUN_MS = 120_000
expect.set_options(timeout=30_000)


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
def open_page(server: tuple, browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens the page as one more user; nothing may be asked of other hosts, nothing may go wrong in its script."""
    contexts, foreign, errors = [], [], []

    def watched() -> Page:
        contexts.append(browser.new_context(viewport=dict(width=1280, height=800)))
        page = contexts[-1].new_page()
        page.on('request', lambda request: request.url.startswith((server[0], 'blob:')) or foreign.append(request.url))
        page.on('pageerror', lambda error: errors.append(str(error)))
        page.goto(server[0])
        expect(page.locator('body[data-ready]')).to_be_attached()
        return page

    yield watched
    for context in contexts:
        context.close()
    assert (foreign, errors) == ([], [])


def upload(page: Page, path: Path) -> None:
    page.locator('#upload').set_input_files(path)
    expect(page.locator('#clip-hint')).to_contain_text(f'{path.name}: {LENGTH} frames')


def at(page: Page, place: list[float]) -> tuple[float, float]:
    """Where a place (x, y) of the frame is on the screen."""
    box = page.locator('#canvas').bounding_box()
    scale = min(box['width'] / WIDTH, box['height'] / HEIGHT)
    return (
        box['x'] + (box['width'] - scale * WIDTH) / 2 + scale * place[0],
        box['y'] + (box['height'] - scale * HEIGHT) / 2 + scale * place[1],
    )


def drag(page: Page, start: list[float], end: list[float]) -> None:
    page.mouse.move(*at(page, start))
    page.mouse.down()
    page.mouse.move(*at(page, end), steps=3)
    page.mouse.up()


def show_frame(page: Page, slider: str, index: int) -> None:
    page.locator(slider).fill(str(index))
    number = page.locator(slider).locator('xpath=following-sibling::output')
    expect(number).to_have_text(f'{index} / {LENGTH - 1}')


def pixels(page: Page, address: str) -> np.ndarray:
    """A picture of the server as (H, W, 3), as the page gets it."""
    return np.asarray(Image.open(io.BytesIO(page.request.get(address).body())).convert('RGB')).astype(int)


def picture(page: Page, index: int, base: str) -> np.ndarray:
    """The frame of the result that is on the screen, once it is loaded."""
    show_frame(page, '#result-index', index)
    image = page.locator('#result-frame')
    wait_for(lambda: image.evaluate('image => image.complete && image.naturalWidth > 0'))
    return pixels(page, f'{base}/{image.get_attribute("src")}')


def test_upload_click_run_scrub_download(open_page: Callable[[], Page], server: tuple, clip: tuple) -> None:
    page, (path, frames) = open_page(), clip
    upload(page, path)
    page.select_option('#model', 'evs-shapes')
    expect(page.locator('#run')).to_be_disabled()  # nothing has been shown yet
    thing = frames[0].instances == frames[0].instances.max()
    x, y = place_in(thing)
    before = page.locator('#canvas').screenshot()
    page.mouse.click(*at(page, [x, y]))
    expect(page.locator('#objects')).to_have_text('1: point, frame 0')
    assert page.locator('#canvas').screenshot() != before
    page.locator('#run').click()
    expect(page.locator('#progress-text')).to_contain_text(f'{LENGTH} frames in', timeout=RUN_MS)
    expect(page.locator('#legend')).to_contain_text('1 object')

    first, last = picture(page, 0, server[0]), picture(page, LENGTH - 1, server[0])
    assert np.abs(first - last).mean() > 1
    scale = first.shape[0] // HEIGHT
    row, column = (int(scale * (value + 0.5)) for value in (y, x))
    plain = frames[0].image[int(y), int(x), ::-1].astype(int)
    assert np.abs(first[row, column] - plain).max() > 40  # the thing's pixels got the colour of object 1
    void = np.argwhere(frames[0].instances == 0)[0]
    assert np.abs(first[void[0] * scale, void[1] * scale] - frames[0].image[tuple(void)][::-1]).max() < 40

    video = page.locator('#video')
    wait_for(lambda: video.evaluate('video => video.readyState >= 2 && video.videoWidth > 0'))
    assert video.evaluate('video => video.error') is None
    check_downloads(page, (int(y), int(x)))


def check_downloads(page: Page, place: tuple[int, int]) -> None:
    """Both buttons save a file; the object's pixel is in the first mask."""
    saved = {}
    for name in ('video', 'masks'):
        with page.expect_download() as waiting:
            page.locator(f'#download-{name}').click()
        saved[waiting.value.suggested_filename] = Path(waiting.value.path()).read_bytes()
    assert sorted(saved) == ['gvseg-evs-masks.zip', 'gvseg-evs-result.mp4']
    assert saved['gvseg-evs-result.mp4'][4:8] == b'ftyp'
    with zipfile.ZipFile(io.BytesIO(saved['gvseg-evs-masks.zip'])) as file:
        assert len(file.namelist()) == LENGTH + 1
        assert np.asarray(Image.open(file.open('00000.png')))[place] == 1
        assert json.loads(file.read('segments.json'))['segments'][0]['id'] == 1


@pytest.mark.skipif(not DAVIS.is_dir(), reason='needs DAVIS beside the repository')
def test_a_real_clip(open_page: Callable[[], Page], tmp_path: Path) -> None:
    with VideoFile(tmp_path / 'camel.mp4', 12) as file:
        for index in range(LENGTH):
            file.write(read_rgb(DAVIS / f'JPEGImages/480p/camel/{index:05d}.jpg'))
    truth = read_label_map(DAVIS / f'Annotations/480p/camel/{LENGTH - 1:05d}.png') > 0
    page = open_page()
    upload(page, tmp_path / 'camel.mp4')
    expect(page.locator('#model')).to_have_value('evs-real')
    box = page.locator('#canvas').bounding_box()
    page.mouse.click(box['x'] + 0.52 * box['width'], box['y'] + 0.5 * box['height'])
    expect(page.locator('#objects')).to_have_text('1: point, frame 0')
    page.locator('#run').click()
    expect(page.locator('#progress-text')).to_contain_text(f'{LENGTH} frames in', timeout=RUN_MS)
    with page.expect_download() as waiting:
        page.locator('#download-masks').click()
    with zipfile.ZipFile(waiting.value.path()) as masks:
        found = np.asarray(Image.open(masks.open(f'{LENGTH - 1:05d}.png'))) == 1
    assert (found & truth).sum() / (found | truth).sum() > 0.6


def test_box_and_brush_on_any_frame(open_page: Callable[[], Page], server: tuple, clip: tuple) -> None:
    wait_for(lambda: len(server[1].store) == 0)  # pages of the tests before said good-bye
    page = open_page()
    upload(page, clip[0])
    expect(page.locator('#model')).to_have_value('evs-real')  # an upload is rather a real video
    show_frame(page, '#frame', 3)
    page.locator('#tools label', has_text='Box').click()
    drag(page, [20, 30], [60, 70])
    expect(page.locator('#objects li')).to_have_count(1)
    show_frame(page, '#frame', 1)
    page.locator('#tools label', has_text='Brush').click()
    page.locator('#radius').fill('5')
    drag(page, [100, 20], [120, 20])
    expect(page.locator('#objects li')).to_have_count(2)
    drag(page, [100, 28], [120, 28])  # adds to the same object
    page.locator('#next').click()
    drag(page, [30, 80], [50, 80])
    expect(page.locator('#objects li')).to_have_text(['1: box, frame 3', '2: brush, frame 1', '3: brush, frame 1'])
    page.locator('#undo').click()
    expect(page.locator('#objects li')).to_have_count(2)
    [session] = server[1].store.all()
    box, brush = session.drawn.shown()
    np.testing.assert_allclose(box.box, (20, 30, 61, 71), atol=0.5)
    assert box.frame == 3 and brush.frame == 1
    assert brush.mask[[20, 28, 20], [100, 120, 110]].all() and not brush.mask[[45, 80], [110, 40]].any()
    page.locator('#objects button').first.click()
    expect(page.locator('#frame-number')).to_have_text(f'3 / {LENGTH - 1}')
    page.select_option('#task', 'vss')
    expect(page.locator('#radius')).to_be_disabled()
    expect(page.locator('#run')).to_be_enabled()


def test_what_is_refused_is_said(open_page: Callable[[], Page], tmp_path: Path) -> None:
    page = open_page()
    for name, content, message in (
        ('notes.txt', b'hello', 'notes.txt is not a supported video'),
        ('fake.mp4', b'hello', 'fake.mp4 has the suffix of a video but other content'),
        ('big.mp4', bytes(1_100_000), 'big.mp4 has 1.1 MB; the limit is 1 MB'),
    ):
        (tmp_path / name).write_bytes(content)
        page.locator('#upload').set_input_files(tmp_path / name)
        expect(page.locator('#message')).to_contain_text(message)
    expect(page.locator('#empty')).to_be_visible()


@pytest.mark.filterwarnings('ignore:Skipped')
def test_damaged_frames_are_said(open_page: Callable[[], Page], clip: tuple, tmp_path: Path) -> None:
    page, path = open_page(), write_h264(tmp_path / 'scratched.mp4', 40)
    damage(path, 20)
    page.locator('#upload').set_input_files(path)
    expect(page.locator('#clip-hint')).to_contain_text('scratched.mp4: 39 frames')
    expect(page.locator('#damaged')).to_have_text('1 damaged frame is left out.')
    damage(path, 24)  # a key frame, without which the frames after it are lost too
    page.locator('#upload').set_input_files(path)
    expect(page.locator('#damaged')).to_contain_text('damaged frames are left out.')
    upload(page, clip[0])
    expect(page.locator('#damaged')).to_be_hidden()


@pytest.mark.filterwarnings('ignore:.*the file ends after')
def test_a_file_that_was_cut_off_is_said(open_page: Callable[[], Page], tmp_path: Path) -> None:
    page, path = open_page(), write_clip(tmp_path / 'cut.mp4', movflags='faststart')
    path.write_bytes(path.read_bytes()[:-300])
    page.locator('#upload').set_input_files(path)
    expect(page.locator('#damaged')).to_contain_text('cut.mp4: the file ends after')


def test_two_users_do_not_see_each_other_and_leave_nothing(
    open_page: Callable[[], Page], server: tuple, clip: tuple
) -> None:
    store = server[1].store
    wait_for(lambda: len(store) == 0)  # pages of the tests before said good-bye
    first, second = open_page(), open_page()
    upload(first, clip[0])
    first.mouse.click(*at(first, [80, 50]))
    expect(first.locator('#objects li')).to_have_count(1)
    expect(second.locator('#empty')).to_be_visible()
    second.get_by_role('button', name='Shapes 1').click()
    expect(second.locator('#clip-hint')).to_contain_text('Shapes 1: 30 frames')
    expect(second.locator('#objects li')).to_have_count(0)
    expect(first.locator('#clip-hint')).to_contain_text('my clip.mp4')
    folders = list(store.root.iterdir())
    assert len(folders) == 2
    first.close(run_before_unload=True)
    wait_for(lambda: len(list(store.root.iterdir())) == 1)
    second.get_by_role('button', name='Shapes 2').click()  # goes on as if nothing had been
    expect(second.locator('#clip-hint')).to_contain_text('Shapes 2: 30 frames')
    second.goto('about:blank')
    wait_for(lambda: list(store.root.iterdir()) == [])
