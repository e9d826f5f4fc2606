"""Pixels of PNG files of the common kinds; :mod:`~gvseg.formats.png_maps` reads the others with Pillow.

Shapes: H W size of a map.
"""

import struct
import zlib
from functools import lru_cache
from types import ModuleType
from typing import NamedTuple

import numpy as np

PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
_PLAIN_CHUNKS = {b'IHDR', b'IDAT', b'IEND', b'pHYs', b'tEXt', b'tIME'}
"""Chunks that change no pixel, whatever the version of the decoder."""


class PNGHeader(NamedTuple):
    """Width and height in pixels, bits per channel, and colour type (``GREY`` ... ``RGB_ALPHA``)."""

    width: int
    height: int
    depth: int
    kind: int


def decode_common(data: bytes, header: PNGHeader, packed: bool = False) -> np.ndarray | None:
    """Pixels of an 8-bit PNG of the kinds that maps are usually stored in, faster than Pillow reads them.

    None for any other PNG, and for one that is damaged, which Pillow then describes.

    Args:
        data: a file with verified chunks.
        header: its header.
        packed: RGB pixels may get a fourth channel, as :func:`pixel_codes` needs them.

    Returns:
        (H, W) or (H, W, channels) uint8.
    """
    if header.depth != 8 or header.kind not in CHANNELS or any(data[26:29]):  # compression, filter, interlace
        return None
    position, parts, kinds = len(PNG_SIGNATURE), [], set()
    while position < len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        kinds.add(kind)
        if kind == b'IDAT':
            parts.append(data[position + 8 : position + 8 + length])
        elif kind == b'IEND':
            break
        position += 12 + length
    plain = _decode_plain(b''.join(parts), header)
    if plain is None and header.kind in (GREY, RGB) and kinds <= _PLAIN_CHUNKS:
        return _decode_filtered(data, header, packed)
    return plain


def _decode_filtered(data: bytes, header: PNGHeader, packed: bool) -> np.ndarray | None:
    """Pixels of a grey or RGB file by pyspng or OpenCV; None if their decoder refuses it."""
    decoder = optional_decoder()
    pixels = _by_opencv(data, header, packed) if decoder is None else _by_pyspng(decoder, data, header, packed)
    shape: tuple[int, ...] = (header.height, header.width)
    if header.kind == RGB:
        shape += (4 if packed else 3,)
    return pixels if pixels is not None and pixels.dtype == np.uint8 and pixels.shape == shape else None


@lru_cache(maxsize=1)
def optional_decoder() -> ModuleType | None:
    """The package pyspng, which takes three quarters of OpenCV's time; None: it is not installed."""
    try:
        import pyspng
    except ImportError:
        return None
    return pyspng


def _by_pyspng(decoder: ModuleType, data: bytes, header: PNGHeader, packed: bool) -> np.ndarray | None:
    try:
        return decoder.load(data, format='RGBA' if packed and header.kind == RGB else None)
    except RuntimeError:
        return None


def _by_opencv(data: bytes, header: PNGHeader, packed: bool) -> np.ndarray | None:
    import cv2  # late: it takes a tenth of a second

    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or header.kind == GREY or pixels.ndim != 3 or pixels.shape[2] != 3:
        return pixels
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA if packed else cv2.COLOR_BGR2RGB)


def pixel_codes(pixels: np.ndarray) -> np.ndarray:
    """(H, W) uint32 R + 256 G + 65536 B of (H, W, 3 or 4) uint8 pixels; the highest byte may be anything."""
    import cv2

    pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA) if pixels.shape[-1] == 3 else np.ascontiguousarray(pixels)
    return pixels.view('<u4')[..., 0].astype(np.uint32, copy=False)


def _decode_plain(stream: bytes, header: PNGHeader) -> np.ndarray | None:
    """Pixels whose rows are stored as they are, as Pillow writes maps with a palette; None for any other stream.

    Args:
        stream: the compressed data, whose redundant checksum is not verified.
        header: the file's header.
    """
    row = header.width * CHANNELS[header.kind] + 1  # the number of the filter, 0 for none, and the pixels
    pixels = _inflate(stream, header.height * row, row)
    if pixels is None:
        return None
    rows = np.frombuffer(pixels, np.uint8).reshape(header.height, row)
    shape = (header.height, header.width, CHANNELS[header.kind])
    return rows[:, 1:].copy().reshape(shape[: 2 if shape[-1] == 1 else 3])


def _inflate(stream: bytes, size: int, row: int) -> bytes | None:
    """The ``size`` bytes of a zlib stream, None where it holds more or fewer, is damaged, or a row does not begin with
    0.
    """
    if len(stream) < 6 or stream[0] & 15 != 8 or stream[1] & 32 or int.from_bytes(stream[:2], 'big') % 31:
        return None
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)  # without the stream's header and checksum
    try:
        # Most files with filtered rows have one among the first.
        if any(zlib.decompressobj(-zlib.MAX_WBITS).decompress(memoryview(stream)[2:], 4 * row)[::row]):
            return None
        found = inflater.decompress(memoryview(stream)[2:], size)
        more = inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error:
        return None
    whole = len(found) == size and not more and inflater.eof and len(inflater.unused_data) == 4
    return found if whole and not any(found[::row]) else None
