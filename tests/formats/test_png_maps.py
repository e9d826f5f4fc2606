"""Label maps in every PNG type that an editor may write."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gvseg.formats import png_decoding
from gvseg.formats.errors import InputError
from gvseg.formats.object_maps import read_binary_mask, read_object_ids, read_objects
from gvseg.formats.png_maps import decode_png, panoptic_colours, read_label_map, read_panoptic_ids

IDS = np.zeros((6, 8), np.uint8)
IDS[1:4, 1:4], IDS[2:5, 5:8], IDS[5] = 1, 2, 255


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, kind: int, rows: bytes = b'') -> bytes:
    """A PNG from its rows, each with the filter byte 0 before it."""
    return (
        b'\x89PNG\r\n\x1a\n'
        + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, depth, kind, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(rows))
        + chunk(b'IEND', b'')
    )


def as_mode(values: np.ndarray, mode: str) -> Image.Image:
    """A map saved in another mode of Pillow, opaque if it has alpha."""
    image = Image.fromarray(values)
    if mode == 'P':
        image.putpalette([255 - index // 3 for index in range(768)])
        return image
    if mode == 'I;16':
        return Image.fromarray(values.astype(np.uint16))
    return image.convert(mode)


@pytest.mark.parametrize('mode', ['L', 'P', 'I;16', 'RGB', 'RGBA', 'LA'])
def test_one_map_in_every_mode(tmp_path: Path, mode: str) -> None:
    as_mode(IDS, mode).save(tmp_path / 'a.png')
    found = read_label_map(tmp_path / 'a.png')
    assert found.dtype == np.uint8 and np.array_equal(found, IDS)
    assert np.array_equal(read_object_ids(tmp_path / 'a.png'), IDS)


def test_one_bit_is_zero_and_one(tmp_path: Path) -> None:
    Image.fromarray(IDS == 1).save(tmp_path / 'a.png')
    assert np.array_equal(read_label_map(tmp_path / 'a.png'), IDS == 1)


@pytest.mark.parametrize(
    ('depth', 'row', 'values'),
    [(2, bytes([0b00011011, 0b11000000]), [0, 1, 2, 3, 3]), (4, bytes([0x0F, 0x12, 0x30]), [0, 15, 1, 2, 3])],
)
def test_grey_of_few_bits_is_not_stretched(tmp_path: Path, depth: int, row: bytes, values: list[int]) -> None:
    (tmp_path / 'a.png').write_bytes(png(5, 1, depth, 0, b'\0' + row))
    assert read_label_map(tmp_path / 'a.png').tolist() == [values]


def test_ids_of_16_bits(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 300, 65535]], np.uint16)).save(tmp_path / 'a.png')
    assert read_object_ids(tmp_path / 'a.png').tolist() == [[0, 300, 255]]
    with pytest.raises(InputError, match='a.png: has the value 65535, out of range 0..255'):
        read_label_map(tmp_path / 'a.png')


def test_colours_are_no_labels(tmp_path: Path) -> None:
    Image.fromarray(np.array([[[0, 0, 0], [128, 0, 0]]], np.uint8)).save(tmp_path / 'a.png')
    with pytest.raises(InputError, match=r'a.png: has colour mode RGB and colours, such as \(128, 0, 0\); .*single'):
        read_label_map(tmp_path / 'a.png')


def test_transparent_labels_are_refused(tmp_path: Path) -> None:
    values = np.stack([IDS, np.where(IDS > 0, 255, 0).astype(np.uint8)], -1)
    Image.fromarray(values, 'LA').save(tmp_path / 'a.png')
    assert np.array_equal(read_label_map(tmp_path / 'a.png'), IDS)
    Image.fromarray(np.stack([IDS, np.full_like(IDS, 9)], -1), 'LA').save(tmp_path / 'a.png')
    with pytest.raises(InputError, match='a.png: is transparent on pixels that have a label'):
        read_label_map(tmp_path / 'a.png')


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (png(50_000, 50_000, 8, 0), 'is 50000x50000 pixels'),
        (png(0, 5, 8, 0), 'is 0x5 pixels'),
        (png(4, 4, 16, 2, b'\0' * 100), 'colours of 16 bits'),
        (png(4, 4, 8, 0, b'\0'), 'cannot be decoded'),
        (png(4, 4, 8, 7, b'\0' * 20), 'cannot be decoded'),
        (png(2, 1, 8, 0, b'\0ab')[:-3], 'truncated PNG'),
        (png(2, 1, 8, 0, b'\0ab').replace(b'IDAT', b'IDAX', 1), 'checksum of chunk'),
        (b'\x89PNG\r\n\x1a\n' + chunk(b'IEND', b''), 'header does not come first'),
        (b'GIF89a', 'not a PNG file'),
        (b'', 'not a PNG file'),
    ],
)
def test_damaged_and_huge_files(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / 'a.png').write_bytes(data)
    for read in (read_label_map, read_object_ids, read_binary_mask, read_objects):
        with pytest.raises(InputError, match=f'a.png: .*{message}'):
            read(tmp_path / 'a.png')


def test_float_maps_are_refused(tmp_path: Path) -> None:
    Image.fromarray(IDS.astype(np.float32)).save(tmp_path / 'a.png', 'TIFF')
    with pytest.raises(InputError, match='a.png: not a PNG file; save label maps as PNG'):
        read_label_map(tmp_path / 'a.png')


def test_panoptic_ids_and_their_colours(tmp_path: Path) -> None:
    ids = np.array([[0, 1, 256, 65536, 2**24 - 1]])
    for red_is_high in (False, True):
        Image.fromarray(panoptic_colours(ids, red_is_high)).save(tmp_path / 'a.png')
        assert np.array_equal(read_panoptic_ids(tmp_path / 'a.png', red_is_high), ids)
    Image.fromarray(IDS).save(tmp_path / 'a.png')
    with pytest.raises(InputError, match='bit depth 8 and colour type 0; ids are stored in 8-bit RGB'):
        read_panoptic_ids(tmp_path / 'a.png')
    with pytest.raises(ValueError, match=r'\[0, 2\^24\)'):
        panoptic_colours(np.array([[2**24]]))


def disc(size: int = 64) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size]
    return ((rows - size / 2) ** 2 + (columns - size / 2.3) ** 2 < (size / 3.5) ** 2).astype(np.uint8) * 255


SOFT = {
    'blurred': lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    'blurred wide': lambda image: image.filter(ImageFilter.GaussianBlur(3)),
    'shrunk': lambda image: image.resize((40, 40), Image.LANCZOS),
    'enlarged': lambda image: image.resize((200, 160), Image.BILINEAR),
    'enlarged much': lambda image: image.resize((512, 512), Image.BICUBIC),
}


@pytest.mark.parametrize('kind', SOFT)
@pytest.mark.parametrize('mode', ['L', 'RGB', 'LA'])
def test_a_mask_with_soft_edges_is_one_object_with_its_inside(tmp_path: Path, kind: str, mode: str) -> None:
    image = SOFT[kind](Image.fromarray(disc()))
    image.convert(mode).save(tmp_path / 'a.png')
    expected = np.array(image) >= 128
    assert np.array_equal(read_binary_mask(tmp_path / 'a.png'), expected)
    ((identity, mask),) = read_objects(tmp_path / 'a.png').items()
    assert identity == 1 and np.array_equal(mask, expected)
    with pytest.raises(InputError, match='a.png: is a black-and-white mask with soft edges.*single_object=True'):
        read_object_ids(tmp_path / 'a.png')


def test_a_black_and_white_mask_is_one_object(tmp_path: Path) -> None:
    for values in (disc(), disc().astype(np.uint16) * 257):
        Image.fromarray(values).save(tmp_path / 'a.png')
        assert list(read_objects(tmp_path / 'a.png')) == [1]
        assert np.array_equal(read_binary_mask(tmp_path / 'a.png'), values > 0)
        with pytest.raises(InputError, match='a.png: is a black-and-white mask where.*single_object=True'):
            read_object_ids(tmp_path / 'a.png')


def test_ids_are_not_taken_for_soft_edges(tmp_path: Path) -> None:
    ids = np.zeros((40, 40), np.uint8)
    for index, value in enumerate((38, 75, 113, 200)):
        ids[4 + 8 * index : 10 + 8 * index, 5:30] = value
    ids[:3], ids[30:34, 33] = 255, 120
    Image.fromarray(ids).save(tmp_path / 'a.png')
    assert list(read_objects(tmp_path / 'a.png')) == [38, 75, 113, 120, 200]
    assert np.array_equal(read_object_ids(tmp_path / 'a.png'), ids)


def test_a_map_without_objects_cannot_show_one(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / 'a.png')
    assert not read_object_ids(tmp_path / 'a.png').any() and not read_binary_mask(tmp_path / 'a.png').any()
    with pytest.raises(InputError, match='a.png: contains no object'):
        read_objects(tmp_path / 'a.png')


def test_bytes_of_any_kind_give_one_line(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(IDS).save(buffer, 'PNG')
    good, rng = buffer.getvalue(), np.random.default_rng(0)
    for _ in range(200):
        data = bytearray(good)
        for place in rng.integers(0, len(data), rng.integers(1, 4)):
            data[place] = rng.integers(256)
        (tmp_path / 'a.png').write_bytes(data)
        try:
            assert np.array_equal(read_label_map(tmp_path / 'a.png'), IDS)
        except InputError as error:
            assert 'a.png' in str(error) and '\n' not in str(error)


@pytest.mark.parametrize(('kind', 'channels'), [(0, 1), (2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize('kept', [0, 2])
def test_pixels_are_those_of_pillow_however_the_rows_are_stored(
    tmp_path: Path, kind: int, channels: int, kept: int
) -> None:
    values = np.random.default_rng(0).integers(0, 3, (7, 9 * channels)).astype(np.uint8)
    # Filter 0 stores the row, filter 2 its difference to the row above.
    stored = np.diff(values, axis=0, prepend=np.zeros_like(values[:1])) if kept == 2 else values
    path = tmp_path / 'a.png'
    path.write_bytes(png(9, 7, 8, kind, b''.join(bytes([kept]) + row.tobytes() for row in stored)))
    found = decode_png(path)[1]
    assert (found.reshape(7, -1) == values).all() and (found == np.array(Image.open(path))).all()


@pytest.fixture(params=['pyspng', 'OpenCV'])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Decoders of filtered rows that were called, with the optional package and without."""
    called: list[str] = []
    if request.param == 'pyspng':
        pytest.importorskip('pyspng', reason='needs pyspng (requirements/optional.txt)')
    else:
        monkeypatch.setattr(png_decoding, 'optional_decoder', lambda: None)
    for name, function in (('pyspng', '_by_pyspng'), ('OpenCV', '_by_opencv')):
        decode = getattr(png_decoding, function)
        monkeypatch.setattr(
            png_decoding, function, lambda *given, name=name, decode=decode: called.append(name) or decode(*given)
        )
    yield called
    assert set(called) <= {request.param}


@pytest.mark.parametrize('mode', ['L', 'RGB', 'RGBA'])
def test_panoptic_ids_and_maps_of_noise(tmp_path: Path, mode: str, decoder: list[str]) -> None:
    """Noisy images, whose rows encoders store by all filters."""
    channels = len(mode)
    smooth = np.linspace(0, 250, 40)[:, None, None] + np.random.default_rng(0).integers(0, 5, (40, 50, channels))
    values = smooth.astype(np.uint8)
    path = tmp_path / 'a.png'
    Image.fromarray(values[..., 0] if mode == 'L' else values, mode).save(path)
    assert np.array_equal(decode_png(path)[1].reshape(values.shape), values)
    if mode != 'L':
        red, green, blue = (values[..., index].astype(int) for index in range(3))
        assert np.array_equal(read_panoptic_ids(path), red + 256 * green + 65536 * blue)
        assert np.array_equal(read_panoptic_ids(path, red_is_high=True), 65536 * red + 256 * green + blue)
    assert bool(decoder) == (mode != 'RGBA')


@pytest.mark.usefixtures('decoder')
def test_a_cut_stream_with_right_checksums_is_refused(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 3, (20, 31)).astype(np.uint8)
    values[:, 0] = 2  # every row is stored as the difference to the one above
    stream = zlib.compress(values.tobytes())
    header = chunk(b'IHDR', struct.pack('>IIBBBBB', 30, 20, 8, 0, 0, 0, 0))
    data = b'\x89PNG\r\n\x1a\n' + header + chunk(b'IDAT', stream[:-40]) + chunk(b'IEND', b'')
    (tmp_path / 'a.png').write_bytes(data)
    with pytest.raises(InputError, match='cannot be decoded'):
        read_label_map(tmp_path / 'a.png')
