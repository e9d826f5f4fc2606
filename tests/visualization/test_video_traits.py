"""Colours and bit rate of a written video are near those of the video that it shows."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from gvseg.apis import VideoSource
from gvseg.visualization import VideoFile
from gvseg.visualization.video_file import VideoTraits

RED = (200, 60, 30)  # RGB
TAGS = {
    'BT.709': (1, 1, 1, 1),
    'BT.601 NTSC': (6, 6, 6, 1),
    'BT.601 PAL': (5, 5, 6, 1),
    'BT.601, full range': (5, 5, 6, 2),
    'BT.709, full range': (1, 1, 1, 2),
}
"""Matrix, primaries, transfer and range, in the numbers of ITU-T H.273."""


def write_red(path: Path, tags: tuple[int, int, int, int] | None, size: tuple[int, int] = (64, 64), **options) -> Path:
    """Two frames of one colour; without tags, in the matrix of BT.709."""
    matrix, _, _, colour_range = tags or (1, 1, 1, 1)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=10, options=dict(crf='1', **options))
        stream.height, stream.width, stream.pix_fmt = *size, 'yuv420p'
        if tags:
            context = stream.codec_context
            context.colorspace, context.color_primaries, context.color_trc, context.color_range = tags
        picture = av.VideoFrame.from_ndarray(np.full((*size, 3), RED, np.uint8), format='rgb24')
        for _ in range(2):
            container.mux(
                stream.encode(
                    picture.reformat(
                        format='yuv420p',
                        dst_colorspace='ITU709' if matrix == 1 else 'ITU601',
                        dst_color_range='MPEG' if colour_range == 1 else 'JPEG',
                    )
                )
            )
        container.mux(stream.encode())
    return path


def tags_and_colour(path: Path) -> tuple[tuple, np.ndarray]:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_primaries, context.color_trc, context.color_range
        return tags, next(container.decode(video=0)).to_ndarray(format='rgb24')[5, 5].astype(int)


def rewritten(path: Path, source: VideoSource) -> Path:
    with VideoFile(path, source.fps, source.traits) as file:
        for frame in source.frames():
            file.write(np.ascontiguousarray(frame.image[..., ::-1]), frame.time)
    return path


@pytest.mark.parametrize('name', TAGS)
def test_colour_tags_are_those_of_the_source(tmp_path: Path, name: str) -> None:
    source = VideoSource(write_red(tmp_path / 'a.mp4', TAGS[name]))
    tags, colour = tags_and_colour(rewritten(tmp_path / 'b.mp4', source))
    assert tags == TAGS[name] and np.abs(colour - RED).max() <= 4


def test_what_has_no_tags_is_written_as_bt709(tmp_path: Path) -> None:
    with VideoFile(tmp_path / 'a.mp4') as file:
        file.write(np.full((64, 64, 3), RED, np.uint8))
    tags, colour = tags_and_colour(tmp_path / 'a.mp4')
    assert tags == (1, 1, 1, 1) and np.abs(colour - RED).max() <= 4


def test_a_matrix_that_cannot_be_written_becomes_bt709_with_the_sources_primaries(tmp_path: Path) -> None:
    source = VideoSource(write_red(tmp_path / 'a.mp4', (9, 9, 16, 1)))  # BT.2020, PQ
    tags, _ = tags_and_colour(rewritten(tmp_path / 'b.mp4', source))
    assert tags == (1, 9, 16, 1)


def test_untagged_colours_are_read_as_players_read_them(tmp_path: Path) -> None:
    hd = next(iter(VideoSource(write_red(tmp_path / 'hd.mp4', None, (720, 64)))))
    assert np.abs(hd[5, 5, ::-1].astype(int) - RED).max() <= 4
    sd = next(iter(VideoSource(write_red(tmp_path / 'sd.mp4', None, (64, 64)))))
    assert np.abs(sd[5, 5, ::-1].astype(int) - RED).max() > 8  # BT.601 is assumed below 720 lines


def test_the_highest_bit_rate_follows_the_source() -> None:
    traits = VideoTraits(bit_rate=1e6, size=(100, 200))
    assert traits.max_rate((100, 200), 25) == 2_000_000
    assert traits.max_rate((50, 100), 25) == 500_000  # a quarter of the pixels
    assert VideoTraits(bit_rate=1000, size=(100, 200)).max_rate((100, 200), 25) == 0.05 * 20_000 * 25
    assert VideoTraits().max_rate((100, 200), 25) is None


def test_a_noisy_video_stays_near_the_bit_rate_of_its_source(tmp_path: Path) -> None:
    def bits_per_second(path: Path) -> float:
        return path.stat().st_size * 8 / 2

    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 255, (96, 128, 3)).astype(np.uint8) for _ in range(40)]
    with av.open(str(tmp_path / 'a.mp4'), 'w') as container:
        stream = container.add_stream('libx264', rate=Fraction(20), options=dict(crf='38'))
        stream.height, stream.width, stream.pix_fmt = 96, 128, 'yuv420p'
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format='rgb24')))
        container.mux(stream.encode())
    source = VideoSource(tmp_path / 'a.mp4')
    with VideoFile(tmp_path / 'b.mp4', 20, source.traits) as limited, VideoFile(tmp_path / 'c.mp4', 20) as free:
        for picture in pictures:
            limited.write(picture)
            free.write(picture)
    before, after = bits_per_second(tmp_path / 'a.mp4'), bits_per_second(tmp_path / 'b.mp4')
    assert 0.5 * before < after < 4 * before < 20 * before < bits_per_second(tmp_path / 'c.mp4')
