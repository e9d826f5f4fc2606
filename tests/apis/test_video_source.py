"""Reading videos and folders of frames; what is wrong with them is said by name."""
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from gvseg.apis import VideoSource
from gvseg.apis.video_source import upright
from gvseg.visualization import VideoFile


def test_a_video_file_gives_its_frames(video: Path, frames: list[np.ndarray]) -> None:
    source = VideoSource(video)
    assert (source.length, source.fps) == (7, 10.)
    for _ in range(2):  # may be iterated again
        read = list(source)
        assert len(read) == 7
        assert np.abs(read[0].astype(int) - frames[0]).mean() < 12  # H.264 is lossy, channels are not swapped


def test_a_folder_gives_its_pictures_in_order(folder: Path, frames: list[np.ndarray]) -> None:
    source = VideoSource(folder, fps=5.)
    assert (source.length, source.fps) == (7, 5.)
    np.testing.assert_array_equal(np.stack(list(source)), np.stack(frames))


def test_a_frame_is_turned_as_the_file_asks() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    turned = upright(image, SimpleNamespace(rotation=90))  # counterclockwise: the right column comes to the top
    np.testing.assert_array_equal(turned[0, :, 0], [2, 5])
    np.testing.assert_array_equal(upright(image, SimpleNamespace(rotation=-90))[0, :, 0], [3, 0])
    assert upright(image, SimpleNamespace()) is image


@pytest.mark.parametrize('content, message', [
    (b'', r'is empty \(0 bytes\)'),
    (b'this is a letter, not a video' * 40, 'is not a video that can be read'),
])
def test_a_file_that_is_no_video(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / 'фильм.mp4'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f'фильм.mp4 {message}'):
        VideoSource(path)


def test_a_missing_video(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='nowhere.mp4 does not exist'):
        VideoSource(tmp_path / 'nowhere.mp4')


def test_a_cut_off_video(video: Path) -> None:
    video.write_bytes(video.read_bytes()[:300])
    with pytest.raises(ValueError, match='視頻.mp4'):
        list(VideoSource(video))


def test_a_sound_file(tmp_path: Path) -> None:
    path = tmp_path / 'sound.wav'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('pcm_s16le', rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout='mono')
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ValueError, match='sound.wav holds no video stream'):
        VideoSource(path)


def test_a_video_damaged_in_the_middle_gives_its_first_frames(tmp_path: Path) -> None:
    path = tmp_path / 'damaged.mp4'
    random = np.random.default_rng(0)
    with VideoFile(path) as file:
        for _ in range(40):
            file.write(random.integers(0, 255, (64, 64, 3), np.uint8))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 20000] = bytes(20000)
    path.write_bytes(bytes(content))
    read = []
    with pytest.raises(ValueError, match=r'damaged.mp4 is damaged after frame \d+'):
        for frame in VideoSource(path):
            read.append(frame)
    assert len(read) > 5


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / 'notes.txt').write_text('')
    with pytest.raises(ValueError, match='has no .jpg'):
        VideoSource(tmp_path)


@pytest.mark.parametrize('content', [b'', b'no picture'])
def test_a_corrupt_picture(folder: Path, content: bytes) -> None:
    (folder / '003.png').write_bytes(content)
    read = []
    with pytest.raises(ValueError, match='003.png'):
        for frame in VideoSource(folder):
            read.append(frame)
    assert len(read) == 3


def test_a_picture_of_another_size(folder: Path) -> None:
    (folder / '003.png').write_bytes(cv2.imencode('.png', np.zeros((10, 20, 3), np.uint8))[1].tobytes())
    with pytest.raises(ValueError, match='003.png is 20x10 but the frames before are 64x48'):
        list(VideoSource(folder))
