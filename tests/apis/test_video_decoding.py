"""Video files that are cut off, damaged, or coded in an unknown way."""

from pathlib import Path

import av
import numpy as np
import pytest

from gvseg.apis import VideoSource, video_decoding
from gvseg.utils.errors import InputError
from gvseg.visualization import VideoFile

LENGTH = 40


def write_clip(path: Path, codec: str = 'libx264', length: int = LENGTH, first: int = 0, **options: str) -> Path:
    """A clip of 10 frames a second, each of one grey; ``first``: time of the first frame in frames."""
    with av.open(str(path), 'w', options=options) as container:
        stream = container.add_stream(codec, rate=10, options=dict(g='1'))
        stream.height, stream.width, stream.pix_fmt = 32, 48, 'yuv420p'
        for index in range(length):
            frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), 5 * index, np.uint8), format='rgb24')
            frame.pts = first + index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def replace(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content and len(old) == len(new)
    path.write_bytes(content.replace(old, new))
    return path


@pytest.mark.parametrize(
    'suffix, codec, tag', [('.mp4', 'libx264', b'avc1'), ('.mkv', 'libx264', b'/ISO/AVC'), ('.avi', 'mpeg4', b'FMP4')]
)
def test_an_unknown_codec_is_refused(tmp_path: Path, suffix: str, codec: str, tag: bytes) -> None:
    path = replace(write_clip(tmp_path / f'a{suffix}', codec, 3), tag, b'x' * len(tag))
    with pytest.raises(InputError, match=f'a{suffix} uses a codec that .* cannot decode.* Convert it'):
        VideoSource(path)  # decoding it would end the process


def test_metadata_need_not_be_utf8(tmp_path: Path) -> None:
    path = replace(write_clip(tmp_path / 'a.mp4', length=3), b'Lavf', b'\xde\xff\xc0\x80')
    with pytest.raises(UnicodeDecodeError):
        av.open(str(path))
    assert len(list(VideoSource(path))) == 3


def test_a_name_with_a_colon_is_no_address(tmp_path: Path) -> None:
    assert len(list(VideoSource(write_clip(tmp_path / 'a.mp4', length=3).rename(tmp_path / '12:30.mp4')))) == 3


def test_a_file_that_was_cut_off_says_where(tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mp4', movflags='faststart')
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][13]
    path.write_bytes(path.read_bytes()[: packet.pos + packet.size // 2])
    source = VideoSource(path)
    with pytest.warns(UserWarning, match='a.mp4: the file ends after 13 of 40 frames') as warned:
        images = list(source)
    assert source.cut in str(warned[0].message) and len(warned) == 1
    assert (len(images), source.damaged, source.length) == (13, 0, 40)
    assert [round(float(image.mean()) / 5) for image in images] == list(range(13))


def test_a_cut_between_two_frames_is_told(tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mp4', movflags='faststart')
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][13]
    path.write_bytes(path.read_bytes()[: packet.pos])
    source = VideoSource(path)
    with pytest.warns(UserWarning, match='ends after 13 of 40 frames'):
        list(source)


def test_a_container_that_counts_no_frames_tells_seconds(tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mkv')
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    source = VideoSource(path)
    with pytest.warns(UserWarning, match=r'ends after [12]\.\d of 4\.0 seconds \(\d+ frames\)'):
        assert 10 <= len(list(source)) < 30


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('suffix', ['.mp4', '.mkv', '.avi', '.mov'])
def test_a_whole_file_is_not_called_cut(tmp_path: Path, suffix: str) -> None:
    source = VideoSource(write_clip(tmp_path / f'a{suffix}', 'mpeg4' if suffix == '.avi' else 'libx264'))
    assert len(list(source)) == LENGTH and not source.cut and not source.damaged


@pytest.mark.filterwarnings('error')
def test_a_clip_trimmed_by_its_edit_list_is_not_called_cut(tmp_path: Path) -> None:
    path = write_clip(tmp_path / 'a.mp4', first=-15)  # frames before 0 are in the file but not shown
    source = VideoSource(path)
    images = list(source)
    assert 25 <= len(images) < LENGTH and not source.cut
    assert round(float(images[-1].mean()) / 5) == LENGTH - 1


@pytest.mark.filterwarnings('error')
def test_sound_that_is_longer_than_the_pictures_is_no_cut(tmp_path: Path) -> None:
    with av.open(str(tmp_path / 'a.mkv'), 'w') as container:
        video, sound = container.add_stream('libx264', rate=10), container.add_stream('aac', rate=8000)
        video.height, video.width, video.pix_fmt = 32, 48, 'yuv420p'
        container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 48, 3), np.uint8), format='rgb24')))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 40_000), np.int16), format='s16', layout='mono')
        frame.sample_rate = 8000
        container.mux(sound.encode(frame) + sound.encode() + video.encode())
    source = VideoSource(tmp_path / 'a.mkv')
    assert len(list(source)) == 1 and not source.cut


def test_frames_too_large_to_decode_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / 'a.mp4', length=1)
    monkeypatch.setattr(video_decoding, 'MAX_PIXELS', 1000)
    with pytest.raises(InputError, match='a.mp4 has frames of 48x32; at most 1000 pixels'):
        VideoSource(path)


def test_time_stamps_that_jump_become_a_frame_interval() -> None:
    decoder = object.__new__(video_decoding.VideoDecoder)
    decoder.fps, decoder.start = 10.0, None
    before, times = None, []
    for time in (2.0, 2.1, 1e9, 2.3, 2.5, float('nan'), None, 2.8, 2.8, 2.9):
        before = decoder._seconds(time, before)
        times.append(round(before, 6))
    assert times == [0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.81, 0.9]


@pytest.mark.parametrize('name', ['a\0b.mp4', 'a' * 400 + '.mp4'])
def test_names_that_no_file_can_have(name: str) -> None:
    with pytest.raises(InputError, match='does not exist'):
        VideoSource(name)


def test_a_written_video_is_read_with_its_colours(tmp_path: Path) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:32], image[32:] = (200, 30, 60), (20, 220, 90)
    with VideoFile(tmp_path / 'a.mp4') as file:
        file.write(image)
    (read,) = VideoSource(tmp_path / 'a.mp4')
    assert np.abs(read[[10, 50], 30, ::-1].astype(int) - image[[10, 50], 30]).max() <= 4
    with av.open(str(tmp_path / 'a.mp4')) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
