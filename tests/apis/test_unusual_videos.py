"""Videos as people have them: real files of every kind, written here."""

import re
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from gvseg.apis import DrawnVideo, VideoFrame, VideoSource
from gvseg.visualization import VideoFile
from tests.damaged_video import damage, write_h264

from .conftest import content

QUARTER_TURN = struct.pack('>9i', 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
NO_TURN = struct.pack('>9i', 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)


def write_lossless(path: Path, frames: Sequence[np.ndarray], layout: str, times: Sequence[int] = ()) -> Path:
    """Frames in FFV1, which takes any size and keeps grey and alpha; times in milliseconds."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('ffv1', rate=10)
        stream.pix_fmt, stream.height, stream.width = layout, *frames[0].shape[:2]
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format=layout)
            frame.pts, frame.time_base = times[index] if times else 100 * index, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def pictures(height: int, width: int, channels: int = 3, count: int = 3) -> list[np.ndarray]:
    """Blocks of colour that differ between frames and corners."""
    images = []
    for index in range(count):
        image = np.full((height, width, channels), 40 + 20 * index, np.uint8)
        image[: height // 2, : width // 2] = np.arange(200, 200 + 10 * channels, 10)[:channels]
        images.append(image)
    return images


@pytest.mark.parametrize('height, width', [(33, 47), (48, 31), (160, 90), (2, 2)])
def test_odd_and_portrait_sizes(tmp_path: Path, height: int, width: int) -> None:
    images = pictures(height, width)
    path = write_lossless(tmp_path / 'a.mkv', [np.dstack([image, image[..., :1]]) for image in images], 'bgra')
    np.testing.assert_array_equal(np.stack(list(VideoSource(path))), np.stack(images))  # alpha is dropped


@pytest.mark.parametrize('height, width', [(33, 47), (48, 31), (2, 2)])
def test_odd_and_portrait_pictures(tmp_path: Path, height: int, width: int) -> None:
    images = pictures(height, width)
    for index, image in enumerate(images):
        (tmp_path / f'{index}.png').write_bytes(cv2.imencode('.png', image)[1].tobytes())
    np.testing.assert_array_equal(np.stack(list(VideoSource(tmp_path))), np.stack(images))


@pytest.mark.parametrize('height, width', [(33, 47), (90, 16), (1, 1)])
def test_any_size_is_segmented_and_drawn(segmenters: dict, tmp_path: Path, height: int, width: int) -> None:
    images = pictures(height, width)
    for task, segmenter in segmenters.items():
        if segmenter.takes_objects:
            segmenter.add_object(0, box=(0, 0, width, height))
        with DrawnVideo(tmp_path / f'{task}.mp4', 10, segmenter.class_names, min_score=0.0) as file:
            for number, result in enumerate(segmenter.stream(images)):
                assert content(result, task).shape[-2:] == (height, width)
                file.add(VideoFrame(images[number], str(number), str(number)), result)
        factor = -(-270 // height)
        shape = next(iter(VideoSource(tmp_path / f'{task}.mp4'))).shape
        assert shape == (2 * -(-factor * height // 2), 2 * -(-factor * width // 2), 3)  # even, as H.264 wants it


def test_a_video_of_4k_is_shrunk_for_the_network_only(segmenters: dict, tmp_path: Path) -> None:
    image = pictures(2160, 3840, count=1)[0]
    with VideoFile(tmp_path / 'a.mp4') as file:
        file.write(image)
        file.write(image)
    source = VideoSource(tmp_path / 'a.mp4')
    with DrawnVideo(tmp_path / 'drawn.mp4', 10, ('thing',) * 9, columns=1) as file:
        for frame, result in segmenters['vps'].segment_with_frames(source):
            assert result.img_shape[0] <= 240 and result.pred_panoptic_seg.sem_seg.shape == (1, 2160, 3840)
            file.add(frame, result)
    assert [frame.shape for frame in VideoSource(tmp_path / 'drawn.mp4')] == [(2160, 3840, 3)] * 2


def test_a_grey_video(tmp_path: Path) -> None:
    grey = [image[..., 0] for image in pictures(32, 48)]
    read = list(VideoSource(write_lossless(tmp_path / 'a.mkv', grey, 'gray')))
    assert read[0].shape == (32, 48, 3)
    assert np.abs(read[1].astype(int) - grey[1][..., None]).max() <= 2


def test_a_variable_frame_rate_keeps_every_frame_and_its_time(tmp_path: Path) -> None:
    times = [0, 100, 500, 600, 1600]
    grey = [image[..., 0] for image in pictures(16, 16, count=5)]
    source = VideoSource(write_lossless(tmp_path / 'a.mkv', grey, 'gray', times))
    assert [round(1000 * frame.time) for frame in source.frames()] == times


def test_a_video_of_a_phone_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / 'a.mp4'
    image = pictures(32, 48)[0]
    with VideoFile(path) as file:
        for _ in range(3):
            file.write(image)
    content = path.read_bytes()
    assert NO_TURN in content
    places = [match.start() for match in re.finditer(b'tkhd', content)]
    for place in places:  # the matrix of the track header
        content = content[: place + 44] + content[place + 44 :].replace(NO_TURN, QUARTER_TURN, 1)
    path.write_bytes(content)
    read = next(iter(VideoSource(path)))
    assert read.shape == (48, 32, 3)
    bright = read.mean(-1) > 130  # the upper left quarter turns clockwise, to the upper right
    assert bright[:20, 18:].all() and not bright[28:].any() and not bright[:, :14].any()


def test_pictures_of_a_phone_are_turned_upright(tmp_path: Path) -> None:
    image = Image.fromarray(pictures(32, 48)[0])
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = 6  # to be turned clockwise by a quarter
    image.save(tmp_path / '0.jpg', exif=tags, quality=95)
    (read,) = VideoSource(tmp_path)
    bright = read.mean(-1) > 130
    assert read.shape == (48, 32, 3) and bright[:22, 18:].all() and not bright[26:].any() and not bright[:, :14].any()


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    assert len(list(VideoSource(write_h264(tmp_path / 'a.mp4', 1)))) == 1


@pytest.mark.parametrize('mode', ['grey', 'grey 16', 'alpha', 'palette'])
def test_folders_of_other_pictures(tmp_path: Path, mode: str) -> None:
    image = pictures(20, 30)[0]
    grey, expected = image[..., 0], np.repeat(image[..., :1], 3, 2)
    values = {
        'grey': grey,
        'grey 16': grey.astype(np.uint16) * 257,
        'palette': grey,
        'alpha': np.dstack([image, np.zeros((20, 30), np.uint8)]),
    }[mode]
    (tmp_path / '0.png').write_bytes(cv2.imencode('.png', values)[1].tobytes())
    (read,) = VideoSource(tmp_path)
    np.testing.assert_array_equal(read, image if mode == 'alpha' else expected)


def test_a_damaged_frame_in_the_middle_is_left_out(tmp_path: Path) -> None:
    path = write_h264(tmp_path / 'a.mp4')
    damage(path, 20)
    source = VideoSource(path)
    with pytest.warns(UserWarning, match=r'Skipped a part of .*a.mp4, 21 frames from its start, which is damaged'):
        assert len(list(source)) == 39
    assert source.damaged == 1


def test_frames_that_need_a_damaged_one_are_counted(tmp_path: Path) -> None:
    path = write_h264(tmp_path / 'a.mp4')
    damage(path, 24)  # a key frame: the next one is number 36
    source = VideoSource(path)
    with pytest.warns(UserWarning, match='Skipped'):
        count = len(list(source))
    assert 28 <= count < 40 and source.damaged == 40 - count
    with pytest.warns(UserWarning, match='Skipped'):  # and may be read again
        assert len(list(source)) == count


@pytest.mark.filterwarnings('ignore:Skipped')
@pytest.mark.parametrize('suffix', ['.mp4', '.avi', '.jpg', ''])
def test_what_is_no_video_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f'no video{suffix}'
    path.write_bytes(b'plain text, not frames\n' * 100)
    with pytest.raises(ValueError, match=f'no video{suffix}'):
        list(VideoSource(path))
