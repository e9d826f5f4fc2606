"""The web demo's parts without a server: drawings, clips, results, sessions."""

import json
import threading
import zipfile
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

import gvseg  # noqa: F401
from gvseg.visualization import FrameSegments, VideoFile
from projects.web_demo.app import limits_of, parse_arguments
from projects.web_demo.clips import EXAMPLES, check_content, check_name, open_clip, write_example
from projects.web_demo.drawn_objects import DrawnObjects
from projects.web_demo.limits import Limits
from projects.web_demo.results import ResultFiles
from projects.web_demo.sessions import BusyError, Session, SessionStore, UnknownSessionError

HEIGHT, WIDTH = 20, 30


@pytest.fixture
def drawn() -> DrawnObjects:
    return DrawnObjects(5, (HEIGHT, WIDTH), 4)


def write_clip(path: Path, length: int = 3, size: tuple[int, int] = (32, 48)) -> Path:
    with VideoFile(path, 8) as file:
        for _ in range(length):
            file.write(np.full((*size, 3), 90, np.uint8))
    return path


def test_drawings_become_objects(drawn: DrawnObjects) -> None:
    drawn.add(0, 'point', [[3.5, 4]])
    drawn.add(2, 'box', [[20, 15], [10, 5]])
    drawn.add(4, 'brush', [[10, 10]], radius=2)
    point, box, brush = drawn.shown()
    assert (point.identity, point.frame, point.point) == (1, 0, (3.5, 4))
    assert (box.identity, box.frame, box.box) == (2, 2, (10, 5, 21, 16))
    rows, columns = np.nonzero(brush.mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 12, 8, 12)
    assert brush.mask.shape == (HEIGHT, WIDTH) and brush.mask[10, 10]
    for shown in (point, box, brush):
        shown.check((HEIGHT, WIDTH))


def test_strokes_add_to_the_last_object_of_their_frame(drawn: DrawnObjects) -> None:
    ways = [(1, False), (1, False), (1, True), (2, False)]
    for row, (frame, new_object) in enumerate(ways):
        drawn.add(frame, 'brush', [[2, 4 * row + 2], [20, 4 * row + 2]], radius=1, new_object=new_object)
    assert [drawing.identity for drawing in drawn.drawings] == [1, 1, 2, 3]
    both = drawn.shown()[0].mask
    assert both[2, 10] and both[6, 10] and not both[10, 10]


def test_undo_takes_back_one_gesture(drawn: DrawnObjects) -> None:
    drawn.add(0, 'brush', [[5, 5]], radius=1)
    drawn.add(0, 'brush', [[9, 9]], radius=1)
    drawn.undo()
    assert len(drawn.shown()) == 1 and not drawn.shown()[0].mask[9, 9]
    drawn.clear()
    drawn.undo()
    assert drawn.shown() == []


def test_places_outside_are_moved_to_the_border(drawn: DrawnObjects) -> None:
    assert drawn.add(0, 'point', [[-3, 99]]).places == ((0, HEIGHT - 1),)


@pytest.mark.parametrize(
    'values, message',
    [
        (dict(frame=5), 'frames 0 to 4'),
        (dict(frame='0'), 'no frame 0'),
        (dict(kind='lasso'), "kind 'lasso'"),
        (dict(places=[]), '1 to 1 points'),
        (dict(places=[[1, 2], [3, 4]]), '1 to 1 points'),
        (dict(places=[[float('nan'), 2]]), 'finite'),
        (dict(radius=-1), 'radius'),
        (dict(kind='box', places=[[4, 4], [4, 9]]), 'box is empty'),
    ],
)
def test_bad_drawings_are_refused(drawn: DrawnObjects, values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        drawn.add(**(dict(frame=0, kind='point', places=[[1, 2]]) | values))
    assert drawn.drawings == []


def test_objects_are_limited(drawn: DrawnObjects) -> None:
    for _ in range(4):
        drawn.add(0, 'point', [[1, 1]])
    with pytest.raises(ValueError, match='up to 4 objects'):
        drawn.add(0, 'point', [[1, 1]])


def test_a_clip_is_taken_apart(tmp_path: Path) -> None:
    clip = open_clip(write_clip(tmp_path / 'a.mp4'), 'my clip.mp4', tmp_path / 'pictures', Limits())
    assert (clip.length, clip.size, clip.fps) == (3, (32, 48), 8)
    assert sorted(path.name for path in clip.pictures.iterdir()) == ['0.jpg', '1.jpg', '2.jpg']
    assert [frame.shape for frame in clip.frames()] == [(32, 48, 3)] * 3


@pytest.mark.parametrize(
    'limits, message',
    [
        (Limits(frames=2), 'my clip.mp4 has more than 2 frames'),
        (Limits(side=40), 'my clip.mp4 has frames of 48x32 pixels; the limit is 40'),
    ],
)
def test_clips_are_limited(tmp_path: Path, limits: Limits, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        open_clip(write_clip(tmp_path / 'a.mp4'), 'my clip.mp4', tmp_path / 'pictures', limits)


def test_messages_do_not_tell_where_files_are(tmp_path: Path) -> None:
    path = tmp_path / 'a.mp4'
    path.write_bytes(b'\0\0\0\x18ftypisom' + b'\0' * 100)
    with pytest.raises(ValueError, match='my clip.mp4') as caught:
        open_clip(path, 'my clip.mp4', tmp_path / 'pictures', Limits())
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize('name', ['a.txt', 'mp4', 'a.mp4.exe', 'list.m3u8', ''])
def test_other_types_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match='Send one of .mp4'):
        check_name(name)


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'hello',
        b'#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n',
        b'ffconcat version 1.0\nfile a.mp4\n',
        b'RIFF\0\0\0\0WAVE',
        b'\x89PNG\r\n\x1a\n',
    ],
)
def test_other_types_are_refused_by_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'a.mp4'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='a.mp4 has the suffix of a video but other content'):
        check_content(path, 'a.mp4')


@pytest.mark.parametrize(
    'suffix, codec',
    [('.mp4', 'libx264'), ('.mov', 'libx264'), ('.webm', 'libvpx'), ('.mkv', 'libx264'), ('.avi', 'mpeg4')],
)
def test_every_type_named_is_taken(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f'a{suffix}'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, 'yuv420p'
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 48, 3), np.uint8), format='rgb24')
        container.mux(stream.encode(frame) + stream.encode())
    check_name(path.name)
    check_content(path, path.name)
    assert open_clip(path, path.name, tmp_path / 'pictures', Limits()).length == 1


def test_examples_are_generated_once(tmp_path: Path) -> None:
    name = next(iter(EXAMPLES))
    folder = write_example(tmp_path, name)
    first = next(folder.iterdir())
    stamp = first.stat().st_mtime_ns
    assert write_example(tmp_path, name) == folder and first.stat().st_mtime_ns == stamp
    assert open_clip(folder, name, tmp_path / 'pictures', Limits()).length == 30
    with pytest.raises(ValueError, match="no example '../x'"):
        write_example(tmp_path, '../x')


def segments(ids: list[int], masks: np.ndarray) -> FrameSegments:
    count = len(ids)
    return FrameSegments(masks, np.zeros(count, int), np.array(ids), np.ones(count, bool), ('cat',))


def test_result_files(tmp_path: Path) -> None:
    masks = np.zeros((2, 32, 48), bool)
    masks[0, :8], masks[1, 4:12] = True, True  # they overlap: the later one is on top
    with ResultFiles(tmp_path / 'r', 8) as files:
        files.add(np.zeros((32, 48, 3), np.uint8), segments([7, 3], masks))
        files.add(np.zeros((32, 48, 3), np.uint8), segments([3], masks[1:]))
        files.finish()
    with zipfile.ZipFile(tmp_path / 'r' / 'masks.zip') as file:
        assert sorted(file.namelist()) == ['00000.png', '00001.png', 'segments.json']
        table = json.loads(file.read('segments.json'))['segments']
        first, second = (Image.open(file.open(f'0000{index}.png')) for index in (0, 1))
        first.load(), second.load()
    assert [(entry['value'], entry['id'], entry['name'], entry['first_frame']) for entry in table] == [
        (1, 7, 'cat', 0),
        (2, 3, 'cat', 0),
    ]
    assert np.asarray(first)[[0, 5, 20], 0].tolist() == [1, 2, 0]
    assert np.asarray(second)[[0, 5, 20], 0].tolist() == [0, 2, 0]
    assert '#{:02x}{:02x}{:02x}'.format(*first.convert('RGB').getpixel((0, 5))) == table[1]['colour']
    with av.open(str(tmp_path / 'r' / 'result.mp4')) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.frames) == ('h264', 'yuv420p', 2)
    assert cv2.imread(str(tmp_path / 'r' / '1.jpg')) is not None


def test_many_segments_make_16_bit_masks(tmp_path: Path) -> None:
    masks = np.zeros((300, 32, 48), bool)
    masks.reshape(300, -1)[np.arange(300), np.arange(300)] = True
    with ResultFiles(tmp_path / 'r', 8) as files:
        files.add(np.zeros((32, 48, 3), np.uint8), segments(list(range(1, 301)), masks))
    values = cv2.imread(str(tmp_path / 'r' / 'masks' / '00000.png'), cv2.IMREAD_UNCHANGED)
    assert values.dtype == np.uint16 and values.ravel()[299] == 300


def test_sessions_are_apart_and_leave_nothing(tmp_path: Path) -> None:
    store = SessionStore(tmp_path, Limits())
    first, second = store.create(), store.create()
    assert first != second and store.get(first).folder != store.get(second).folder
    assert first not in str(store.get(first).folder)
    (store.get(first).folder / 'file').write_text('x')
    store.close(first)
    store.close('never there')
    assert [path.name for path in tmp_path.iterdir()] == [store.get(second).folder.name]
    with pytest.raises(UnknownSessionError, match='Reload'):
        store.get(first)
    store.close_all()
    assert list(tmp_path.iterdir()) == [] and len(store) == 0


def test_idle_sessions_end(tmp_path: Path) -> None:
    now = [0.0]
    store = SessionStore(tmp_path, Limits(idle_minutes=1), lambda: now[0])
    idle, alive = store.create(), store.create()
    now[0] = 50
    store.get(alive)
    now[0] = 70
    store.sweep()
    assert len(store) == 1 and len(list(tmp_path.iterdir())) == 1
    store.get(alive)
    with pytest.raises(UnknownSessionError):
        store.get(idle)


def test_sessions_are_limited(tmp_path: Path) -> None:
    store = SessionStore(tmp_path, Limits(sessions=2))
    token = store.create()
    store.create()
    with pytest.raises(BusyError, match='All 2 sessions'):
        store.create()
    store.close(token)
    store.create()


def test_files_stay_until_the_last_writer_is_through(tmp_path: Path) -> None:
    session = Session(tmp_path / 's', Limits())
    entered, leave = threading.Event(), threading.Event()

    def write() -> None:
        with session.working():
            entered.set()
            leave.wait(10)
            (session.folder / 'late').write_text('x')

    writer = threading.Thread(target=write)
    writer.start()
    entered.wait(10)
    session.close()
    assert session.folder.is_dir()
    leave.set()
    writer.join(10)
    assert not session.folder.exists()
    with pytest.raises(UnknownSessionError):
        with session.working():
            pass
    with pytest.raises(UnknownSessionError):
        session.new_folder('clip')


def test_only_this_computer_is_served_unless_asked() -> None:
    assert parse_arguments([]).host == '127.0.0.1'
    assert parse_arguments(['--host', '0.0.0.0']).host == '0.0.0.0'


def test_every_limit_is_an_argument() -> None:
    assert limits_of(parse_arguments([])) == Limits()
    given = (
        '--max-megabytes 1 --max-frames 2 --max-side 3 --max-objects 4 --max-sessions 5 --max-jobs 6 --max-waiting 7'
    )
    limits = limits_of(parse_arguments(given.split() + ['--idle-minutes', '8']))
    assert limits == Limits(1, 2, 3, 4, 5, 6, 7, 8)
    with pytest.raises(SystemExit):
        parse_arguments(['--max-jobs', '0'])
