"""Headers of frames, and the orientation of masks for frames with an EXIF orientation."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from gvseg.datasets.reading import read_image
from gvseg.formats.errors import InputError
from gvseg.formats.images import ORIENTATIONS, read_header, turn_upright

HEIGHT, WIDTH = 4, 6


def save(path: Path, orientation: int = 1) -> np.ndarray:
    """Write a frame with an orientation; returns its stored pixels (H, W, 3) RGB."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[0, :2] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif)
    return pixels


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
@pytest.mark.parametrize('orientation', [1, *ORIENTATIONS])
def test_headers_tell_size_and_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    save(tmp_path / f'a.{suffix}', orientation)
    header = read_header(tmp_path / f'a.{suffix}')
    assert (header.size, header.orientation) == ((HEIGHT, WIDTH), orientation)
    assert header.upright_size == ((WIDTH, HEIGHT) if orientation >= 5 else (HEIGHT, WIDTH))


@pytest.mark.parametrize('orientation', [1, *ORIENTATIONS])
def test_turning_is_what_viewers_do(tmp_path: Path, orientation: int) -> None:
    pixels = save(tmp_path / 'a.png', orientation)
    with Image.open(tmp_path / 'a.png') as image:
        expected = np.array(ImageOps.exif_transpose(image))
    assert np.array_equal(turn_upright(pixels, orientation), expected)
    assert np.array_equal(read_image(tmp_path / 'a.png')[..., ::-1], expected)
    assert np.array_equal(read_image(tmp_path / 'a.png', 'stored')[..., ::-1], pixels)


@pytest.mark.parametrize('orientation', [5, 6, 7, 8])
def test_the_annotated_size_decides_where_sides_are_swapped(tmp_path: Path, orientation: int) -> None:
    save(tmp_path / 'a.png', orientation)
    assert read_image(tmp_path / 'a.png', 'annotated', (HEIGHT, WIDTH)).shape[:2] == (HEIGHT, WIDTH)
    assert read_image(tmp_path / 'a.png', 'annotated', (WIDTH, HEIGHT)).shape[:2] == (WIDTH, HEIGHT)
    with pytest.raises(InputError, match=r'a.png is 4x6 but its annotation file lists 3x6 \(height x width\)'):
        read_image(tmp_path / 'a.png', 'annotated', (3, 6))
    with pytest.raises(InputError, match=f'a.png has the EXIF orientation {orientation} .*is unknown'):
        read_image(tmp_path / 'a.png', 'annotated')


@pytest.mark.parametrize('orientation', [2, 3, 4])
def test_an_orientation_that_leaves_it_open_is_named(tmp_path: Path, orientation: int) -> None:
    save(tmp_path / 'a.jpg', orientation)
    for size in (None, (HEIGHT, WIDTH)):
        with pytest.raises(InputError, match=f'a.jpg has the EXIF orientation {orientation} .*LoadClipFrames'):
            read_image(tmp_path / 'a.jpg', 'annotated', size)


def test_frames_without_a_tag_are_read(tmp_path: Path) -> None:
    pixels = save(tmp_path / 'a.png')
    assert np.array_equal(read_image(tmp_path / 'a.png', 'annotated', (HEIGHT, WIDTH))[..., ::-1], pixels)
    with pytest.raises(InputError, match='a.png is 4x6 but its annotation file lists 6x4.*90 degrees.*EXIF'):
        read_image(tmp_path / 'a.png', 'annotated', (6, 4))


def test_a_tag_that_means_nothing_is_no_orientation(tmp_path: Path) -> None:
    save(tmp_path / 'a.jpg', 9)
    assert read_header(tmp_path / 'a.jpg').orientation == 1


def test_images_that_cannot_be_decoded(tmp_path: Path) -> None:
    save(tmp_path / 'a.bmp')
    data = bytearray((tmp_path / 'a.bmp').read_bytes())
    data[18:26] = struct.pack('<ii', 30_000, 30_000)
    (tmp_path / 'a.bmp').write_bytes(data)
    with pytest.raises(InputError, match='a.bmp.* (is 30000x30000 pixels|is too large)'):
        read_header(tmp_path / 'a.bmp')
    (tmp_path / 'b.jpg').write_bytes(b'nothing')
    with pytest.raises(InputError, match=r'Frame .*b.jpg is not a readable image \(7 bytes\)'):
        read_header(tmp_path / 'b.jpg')
