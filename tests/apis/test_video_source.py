"""Reading videos and folders of frames; what is wrong with them is said by name."""

from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from gvseg.apis import VideoSource
from gvseg.apis.video_decoding import apply_exif_rotation
from gvseg.utils.errors import InputError
from gvseg.visualization import VideoFile


def test_a_video_file_gives_its_frames(video: Path, frames: list[np.ndarray]) -> None:
    source = VideoSource(video)
    assert (source.length, source.fps) == (7, 10.0)
    for _ in range(2):  # may be iterated again
        read = list(source)
        assert len(read) == 7
        assert np.abs(read[0].astype(int) - frames[0]).mean() < 12  # H.264 is lossy, channels are not swapped


def test_a_folder_gives_its_pictures_in_order(folder: Path, frames: list[np.ndarray]) -> None:
    source = VideoSource(folder, fps=5.0)
    assert (source.length, source.fps) == (7, 5.0)
    np.testing.assert_array_equal(np.stack(list(source)), np.stack(frames))


def test_pictures_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for index, name in enumerate(('a1', 'a2', 'a10', 'b01', 'b1', 'b02')):
        (tmp_path / f'{name}.png').write_bytes(cv2.imencode('.png', np.full((2, 2, 3), index, np.uint8))[1].tobytes())
    assert [int(image[0, 0, 0]) for image in VideoSource(tmp_path)] == [0, 1, 2, 3, 4, 5]


def test_a_frame_is_turned_as_the_file_asks() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    # counterclockwise: the right column comes to the top
    turned = apply_exif_rotation(image, SimpleNamespace(rotation=90))
    np.testing.assert_array_equal(turned[0, :, 0], [2, 5])
    np.testing.assert_array_equal(apply_exif_rotation(image, SimpleNamespace(rotation=-90))[0, :, 0], [3, 0])
    assert apply_exif_rotation(image, SimpleNamespace()) is image


@pytest.mark.parametrize(
    'content, message',
    [(b'', r'is empty \(0 bytes\)'), (b'this is a letter, not a video' * 40, 'is not a video that can be read')],
)
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


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / 'notes.txt').write_text('')
    with pytest.raises(ValueError, match=r'has no file \(.jpg'):
        VideoSource(tmp_path)


@pytest.mark.parametrize('content', [b'', b'no picture'])
def test_a_corrupt_picture_is_left_out(folder: Path, content: bytes) -> None:
    for name in ('003', '004'):
        (folder / f'{name}.png').write_bytes(content)
    source = VideoSource(folder)
    with pytest.warns(UserWarning, match='003.png which is damaged') as warned:
        names = [Path(frame.name).stem for frame in source.frames()]
    assert names == ['000', '001', '002', '005', '006'] and source.damaged == 2
    assert len(warned) == 1  # once a video


@pytest.mark.filterwarnings('ignore:Skipped')
def test_nothing_but_corrupt_pictures(tmp_path: Path) -> None:
    (tmp_path / 'a.png').write_bytes(b'no picture')
    with pytest.raises(ValueError, match='holds no frame that can be decoded'):
        list(VideoSource(tmp_path))


def test_a_picture_of_another_size(folder: Path) -> None:
    (folder / '003.png').write_bytes(cv2.imencode('.png', np.zeros((10, 20, 3), np.uint8))[1].tobytes())
    with pytest.raises(ValueError, match='003.png is 20x10 but the frames before are 64x48'):
        list(VideoSource(folder))


def test_a_list_of_pictures_keeps_its_order(folder: Path, frames: list[np.ndarray]) -> None:
    paths = [folder / '004.png', folder / '001.png']
    source = VideoSource(paths)
    np.testing.assert_array_equal(np.stack(list(source)), np.stack([frames[4], frames[1]]))
    assert source.length == 2 and [frame.stem for frame in source.frames()] == ['004', '001']
    doubled = VideoSource([str(paths[0])] * 2)
    assert [frame.stem for frame in doubled.frames()] == ['000000', '000001']


@pytest.mark.parametrize(
    'names, message', [([], 'list of pictures is empty'), (['gone.png'], 'gone.png does not exist')]
)
def test_a_bad_list_of_pictures(names: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VideoSource(names)


class Camera:
    """Stands in for cv2.VideoCapture: two frames, then unplugged."""

    def __init__(self, number: int) -> None:
        self.opened, self.left = number == 0, 2

    def isOpened(self) -> bool:
        return self.opened

    def read(self) -> tuple:
        self.left -= 1
        return (True, np.full((4, 6, 3), 9, np.uint8)) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.opened = False


def test_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'VideoCapture', Camera)
    frames = list(VideoSource(0).frames())
    assert [frame.image.shape for frame in frames] == [(4, 6, 3)] * 2
    assert frames[1].name == '1 of camera 0' and frames[1].time > 0
    with pytest.raises(ValueError, match='Camera 3 cannot be opened'):
        list(VideoSource(3))


def test_a_number_that_no_camera_can_have() -> None:
    with pytest.raises(ValueError, match='Camera 100000000000000000000 cannot be opened'):
        list(VideoSource(10**20))


def write_ten(path: Path) -> Path:
    """A second at 10 frames a second; frame n has the grey value 20 n."""
    with VideoFile(path, 10) as file:
        for number in range(10):
            file.write(np.full((16, 32, 3), 20 * number, np.uint8))
    return path


@pytest.mark.parametrize('trim, numbers', [((0.3, 0.6), [3, 4, 5]), ((0.75, None), [8, 9]), ((0.0, 0.05), [0])])
def test_a_part_counts_from_its_first_frame(tmp_path: Path, trim: tuple, numbers: list) -> None:
    source = VideoSource(write_ten(tmp_path / 'a.mp4'), trim=trim)
    for _ in range(2):  # may be read again
        frames = list(source.frames())
        assert [round(float(frame.image.mean()) / 20) for frame in frames] == numbers
        assert [frame.stem for frame in frames] == [f'{index:06d}' for index in range(len(numbers))]
        assert [frame.time for frame in frames] == pytest.approx([index / 10 for index in range(len(numbers))])
        assert source.start == pytest.approx(numbers[0] / 10)  # where the sound begins


def test_pictures_are_trimmed_by_the_frame_rate(folder: Path) -> None:
    frames = list(VideoSource(folder, fps=2, trim=(1.0, 2.5)).frames())
    assert [frame.stem for frame in frames] == ['002', '003', '004'] and {frame.time for frame in frames} == {None}


def test_a_part_must_have_frames(tmp_path: Path) -> None:
    path = write_ten(tmp_path / 'a.mp4')
    with pytest.raises(InputError, match=r'a.mp4 has no frame in the part to read, seconds 5 to the end'):
        list(VideoSource(path, trim=(5, None)))
    with pytest.raises(InputError, match='FIRST before LAST'):
        VideoSource(path, trim=(2, 1))
