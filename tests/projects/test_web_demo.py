"""The web demo's parts without a server: clips, examples, results and their files, sessions."""

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
from gvseg.apis import FrameResult, VideoSource
from gvseg.visualization import FrameSegments, VideoFile
from projects.web_demo.clips import check_content, check_name, open_clip
from projects.web_demo.examples import EXAMPLES, FOLDER, example_path, find_example
from projects.web_demo.exports import EXPORTS, ResultVideo
from projects.web_demo.limits import Limits
from projects.web_demo.results import ClipResults, mask_picture, of_objects, ranges
from projects.web_demo.sessions import BusyError, Session, SessionStore, UnknownSessionError


def write_clip(path: Path, length: int = 3, size: tuple[int, int] = (32, 48)) -> Path:
    with VideoFile(path, 8) as file:
        for _ in range(length):
            file.write(np.full((*size, 3), 90, np.uint8))
    return path


def test_a_clip_is_taken_apart(tmp_path: Path) -> None:
    clip = open_clip(write_clip(tmp_path / 'a.mp4'), 'my clip.mp4', tmp_path / 'pictures', Limits())
    assert (clip.length, clip.size, clip.fps, clip.notes) == (3, (32, 48), 8, ())
    assert sorted(path.name for path in clip.pictures.iterdir()) == ['0.jpg', '1.jpg', '2.jpg']
    assert [frame.image.shape for frame in clip.source().frames()] == [(32, 48, 3)] * 3
    part = list(clip.source(1, 2).frames())
    assert [round(frame.time, 3) for frame in part] == [0, 0.125] and part[0].name.endswith('1.jpg')


def test_large_and_long_clips_are_shrunk_and_cut_with_a_note(tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mp4', 3, (2160, 3840))
    clip = open_clip(path, 'my clip.mp4', tmp_path / 'pictures', Limits(frames=2))
    assert (clip.length, clip.size) == (2, (720, 1280))
    assert cv2.imread(str(clip.pictures / '1.jpg')).shape == (720, 1280, 3)
    shrunk, cut = clip.notes
    assert shrunk == 'Frames of 3840x2160 were shrunk to 1280x720.'
    assert cut == 'Only the first 2 of 3 frames were read; cut the file to use another part.'


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
        b'GIF99a',
    ],
)
def test_other_types_are_refused_by_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'a.mp4'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='a.mp4 has the suffix of a video but other content'):
        check_content(path, 'a.mp4')


@pytest.mark.parametrize(
    'suffix, codec',
    [
        ('.mp4', 'libx264'),
        ('.mov', 'libx264'),
        ('.webm', 'libvpx'),
        ('.mkv', 'libx264'),
        ('.avi', 'mpeg4'),
        ('.gif', 'gif'),
    ],
)
def test_every_type_named_is_taken(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f'a{suffix}'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, 'rgb8' if codec == 'gif' else 'yuv420p'
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 48, 3), np.uint8), format='rgb24')
        container.mux(stream.encode(frame) + stream.encode())
    check_name(path.name)
    check_content(path, path.name)
    assert open_clip(path, path.name, tmp_path / 'pictures', Limits()).length == 1


def test_examples_are_generated_once(tmp_path: Path) -> None:
    example = find_example('Shapes 1')
    folder = example_path(example, tmp_path)
    first = next(folder.iterdir())
    stamp = first.stat().st_mtime_ns
    assert example_path(example, tmp_path) == folder and first.stat().st_mtime_ns == stamp
    assert open_clip(folder, example.name, tmp_path / 'pictures', Limits()).length == 30
    with pytest.raises(ValueError, match="no example '../x'"):
        find_example('../x')


def test_the_real_example_is_small_and_credited(tmp_path: Path) -> None:
    [example] = [one for one in EXAMPLES.values() if one.real]
    path = example_path(example, tmp_path)
    assert path.stat().st_size < 600_000 and 'CC BY 4.0' in example.credit
    assert path.name in (FOLDER / 'LICENSE.md').read_text(encoding='utf-8')
    clip = open_clip(path, example.name, tmp_path / 'pictures', Limits(), example.credit)
    assert (clip.length, clip.size, clip.fps, clip.notes) == (60, (480, 720), 15, ())


def result(index: int, ids: list[int], masks: np.ndarray, name: str = 'cat') -> FrameResult:
    count = len(ids)
    segments = FrameSegments(masks, np.zeros(count, int), np.array(ids), np.ones(count, bool), (name,))
    return FrameResult.from_segments(segments, index)


def test_results_become_outdated_and_valid_again() -> None:
    results, nothing = ClipResults(), np.zeros((0, 2, 2), bool)
    found = [result(index, [], nothing) for index in range(4)]
    for index in range(4):
        results.set(index, found[index])
    results.follow({0: found[0], 1: found[1]})
    assert results.as_json() == dict(version=5, valid=[[0, 1]], outdated=[[2, 3]])
    preview = result(2, [], nothing)
    results.set_preview(2, preview)
    assert [results.shown(index) for index in range(5)] == [found[0], found[1], preview, found[3], None]
    results.follow(dict(enumerate(found)))
    assert results.shown(2) is found[2] and results.as_json()['valid'] == [[0, 3]]
    results.keep_only(1, 2)
    assert (results.valid, sorted(results.frames)) == (set(), [1, 2])
    assert ranges([7, 1, 2, 4, 3]) == [[1, 4], [7, 7]]


def test_masks_are_drawn_over_the_frame() -> None:
    masks = np.zeros((2, 9, 9), bool)
    masks[0, :7, :7], masks[1, 4:, 4:] = True, True
    picture = cv2.imdecode(np.frombuffer(mask_picture(result(0, [1, 2], masks)), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture[0, 8, 3] == 0  # no object
    assert picture[2, 2, 3] == 115 and picture[0, 2, 3] == 255  # inside, contour
    assert (picture[4, 4, :3] == picture[8, 8, :3]).all()  # the later one is on top
    kept = of_objects(result(0, [1, 2], masks), {2: 'dog', 3: ''})
    assert (kept.ids.tolist(), kept.names, kept.masks.sum()) == ([2], ('dog',), 25)


@pytest.fixture
def video(tmp_path: Path) -> ResultVideo:
    masks = np.zeros((2, 32, 48), bool)
    masks[0, :8], masks[1, 4:12] = True, True  # they overlap: the later one is on top
    source = VideoSource(write_clip(tmp_path / 'a.mp4', 2))
    return ResultVideo([result(0, [7, 3], masks), result(1, [3], masks[1:])], source)


def test_masks_file(video: ResultVideo, tmp_path: Path) -> None:
    EXPORTS['masks'].write(video, tmp_path / 'masks.zip')
    with zipfile.ZipFile(tmp_path / 'masks.zip') as file:
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


def test_video_files(video: ResultVideo, tmp_path: Path) -> None:
    for kind, width in (('video', 432), ('comparison', 864)):
        EXPORTS[kind].write(video, tmp_path / 'result.mp4')
        with av.open(str(tmp_path / 'result.mp4')) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.pix_fmt, stream.frames) == ('h264', 'yuv420p', 2)
            assert abs(stream.width - width) < 20


def test_coco_and_cutout_files(video: ResultVideo, tmp_path: Path) -> None:
    EXPORTS['coco'].write(video, tmp_path / 'coco.json')
    content = json.loads((tmp_path / 'coco.json').read_text())
    assert [one['file_name'] for one in content['images']] == ['00000.png', '00001.png']
    assert content['categories'] == [dict(id=1, name='cat')]
    found = [(one['id'], one['image_id'], one['track_id'], one['area']) for one in content['annotations']]
    assert found == [(1, 0, 7, 8 * 48), (2, 0, 3, 8 * 48), (3, 1, 3, 8 * 48)]
    EXPORTS['cutouts'].write(video, tmp_path / 'cutouts.zip')
    with zipfile.ZipFile(tmp_path / 'cutouts.zip') as file:
        assert sorted(file.namelist()) == ['cat_3/00000.png', 'cat_3/00001.png', 'cat_7/00000.png']
        alpha = np.asarray(Image.open(file.open('cat_3/00001.png')))[..., 3]
    assert alpha[[0, 4, 11, 12], 0].tolist() == [0, 255, 255, 0]


def test_many_segments_make_16_bit_masks(tmp_path: Path) -> None:
    masks = np.zeros((300, 32, 48), bool)
    masks.reshape(300, -1)[np.arange(300), np.arange(300)] = True
    video = ResultVideo([result(0, list(range(1, 301)), masks)], VideoSource(write_clip(tmp_path / 'a.mp4')))
    EXPORTS['masks'].write(video, tmp_path / 'masks.zip')
    with zipfile.ZipFile(tmp_path / 'masks.zip') as file:
        values = cv2.imdecode(np.frombuffer(file.read('00000.png'), np.uint8), cv2.IMREAD_UNCHANGED)
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
