"""Label maps: reading of every PNG type that an image editor may write, with a clear error for those refused.

How a map is read as labels or ids (:func:`read_label_map`):

| stored as | read as |
|-|-|
| grey 8 bit (L), palette (P) | values, palette indices |
| grey or palette of 1, 2, 4 bits | the stored numbers 0..1, 0..3, 0..15 (not stretched to 255) |
| grey 16 bit (I;16) | values 0..65535 |
| grey saved as RGB, RGBA or LA | the grey value, also for void (white); alpha must be opaque where a label is |
| colours (RGB) | refused, except as panoptic ids (:func:`read_panoptic_ids`) |
| floats, 16-bit colours, other file types | refused |

Shapes: H W size of a map.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from .constants import PANOPTIC_ID_LIMIT
from .errors import InputError
from .files import PathLike, read_bytes
from .png_decoding import GREY, GREY_ALPHA, PNG_SIGNATURE, RGB, RGB_ALPHA, PNGHeader, decode_common, pixel_codes

MAX_PIXELS = 2**26
"""Larger images are refused before decoding: a file of a few KB can exhaust memory."""
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    zlib.error,
    struct.error,
    MemoryError,
    Image.DecompressionBombError,
)


def check_pixels(width: int, height: int, path: PathLike) -> None:
    """Refuse an image that is too large to decode.

    Raises:
        InputError: empty, or more than ``MAX_PIXELS``.
    """
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise InputError(
            f'is {width}x{height} pixels; up to {MAX_PIXELS:,} pixels are read',
            path,
            cure='save it smaller or write it again',
        )


def check_png_chunks(data: bytes, path: PathLike) -> PNGHeader:
    """Verify the checksums of all chunks of a PNG.

    Decoders silently accept some truncated or damaged files, which would give wrong results.

    Returns:
        PNGHeader: of the first chunk.

    Raises:
        InputError: not a PNG, truncated, a wrong checksum, or too many pixels.
    """
    if not data.startswith(PNG_SIGNATURE):
        raise InputError('not a PNG file', path, cure='save label maps as PNG')
    position, header = len(PNG_SIGNATURE), None
    while position + 12 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(data[position + 4 : end]) != struct.unpack_from('>I', data, end)[0]:
            raise InputError(f'damaged PNG (checksum of chunk {kind!r} differs)', path, cure='write it again')
        if header is None:
            header = _read_header(data, kind, length, path)
        if kind == b'IEND':
            return header
        position = end + 4
    raise InputError('truncated PNG', path, cure='write it again')


def _read_header(data: bytes, kind: bytes, length: int, path: PathLike) -> PNGHeader:
    if kind != b'IHDR' or length != 13:
        raise InputError('damaged PNG (its header does not come first)', path, cure='write it again')
    header = PNGHeader(*struct.unpack_from('>IIBB', data, 16))
    check_pixels(header.width, header.height, path)
    return header


def decode_png(path: PathLike, data: bytes | None = None, packed: bool = False) -> tuple[PNGHeader, np.ndarray]:
    """Decode a PNG without changing its values.

    Args:
        path: the file.
        data: its bytes, if already read.
        packed: as in :func:`~gvseg.formats.png_decoding.decode_common`.

    Returns:
        header, and (H, W) or (H, W, channels): uint8, or uint16 for 16-bit grey.

    Raises:
        InputError: missing, truncated, damaged, too large, or 16-bit colours (which would lose precision).
    """
    data = read_bytes(path, 'Map') if data is None else data
    header = check_png_chunks(data, path)
    if header.depth == 16 and header.kind != GREY:
        raise InputError('has colours of 16 bits a channel', path, cure='save maps with 8 bits a channel')
    values = decode_common(data, header, packed)
    if values is not None:
        return header, values
    try:
        with Image.open(io.BytesIO(data), formats=('PNG',)) as image:
            image = image.convert('RGBA') if header.kind == RGB_ALPHA else image
            values = np.array(image)
    except _DECODING_ERRORS as error:
        raise InputError(f'cannot be decoded ({error})', path, cure='write it again') from None
    if values.shape[:2] != (header.height, header.width):
        raise InputError('cannot be decoded', path, cure='write it again')
    if header.depth == 16:
        return header, values.astype(np.uint16)
    values = values.astype(np.uint8, copy=False)
    # Pillow stretches grey of 2 and 4 bits to 0..255.
    stretch = {2: 85, 4: 17}.get(header.depth, 1) if header.kind == GREY else 1
    return header, values // stretch if stretch > 1 else values


def read_label_map(path: PathLike, limit: int = 255) -> np.ndarray:
    """Read a map of labels or object ids.

    Args:
        path: PNG file, see the module's table.
        limit: largest value that is accepted; 65535 takes 16-bit maps.

    Returns:
        np.ndarray: (H, W) uint8, or uint16 where a value is above 255.

    Raises:
        InputError: as :func:`decode_png`; a coloured or partly transparent map; a value above the limit.
    """
    header, values = decode_png(path)
    if values.ndim == 3:
        values = _grey_of(values, header.kind, path)
    highest = int(values.max(initial=0))
    if highest > limit:
        raise InputError(
            f'has the value {highest}, out of range 0..{limit}',
            path,
            cure='save label maps as a single-channel 8-bit PNG (L or P)',
        )
    return values.astype(np.uint8 if highest <= 255 else np.uint16, copy=False)


def _grey_of(values: np.ndarray, kind: int, path: PathLike) -> np.ndarray:
    """(H, W) grey values of (H, W, 2..4) pixels; refuses colours."""
    colours = values[..., :3] if kind in (RGB, RGB_ALPHA) else values[..., :1]
    grey = colours[..., 0]
    coloured = (colours != grey[..., None]).any(-1)
    if coloured.any():
        shown = tuple(colours[coloured][0].tolist())
        raise InputError(
            f'has colour mode {"RGBA" if kind == RGB_ALPHA else "RGB"} and colours, such as {shown}',
            path,
            cure='a label map is a single-channel 8-bit PNG (L or P), one value an object or class',
        )
    if kind in (GREY_ALPHA, RGB_ALPHA) and ((values[..., -1] < 255) & (grey > 0)).any():
        raise InputError(
            'is transparent on pixels that have a label, so what they mean is unclear',
            path,
            cure='save label maps as a single-channel 8-bit PNG (L or P) without transparency',
        )
    return np.ascontiguousarray(grey)


def read_panoptic_ids(path: PathLike, red_is_high: bool = False) -> np.ndarray:
    """Read an 8-bit RGB PNG as one number per pixel.

    Args:
        path: the file; alpha is ignored.
        red_is_high: False: R + 256 G + 65536 B (VIPSeg, COCO panoptic); True: 65536 R + 256 G + B (KITTI-STEP).

    Returns:
        np.ndarray: (H, W) uint32.

    Raises:
        InputError: as :func:`decode_png`, or not an 8-bit RGB PNG.
    """
    data = read_bytes(path, 'Map')
    header = check_png_chunks(data, path)
    if header.depth != 8 or header.kind not in (RGB, RGB_ALPHA):
        raise InputError(
            f'PNG with bit depth {header.depth} and colour type {header.kind}',
            path,
            cure='ids are stored in 8-bit RGB (colour type 2)',
        )
    _, pixels = decode_png(path, data, packed=True)
    codes = pixel_codes(pixels)
    if red_is_high:
        return codes.byteswap() >> 8
    return np.bitwise_and(codes, PANOPTIC_ID_LIMIT - 1, out=codes)


def unique_labels(values: np.ndarray) -> np.ndarray:
    """Distinct values of a map (H, W), sorted; only the starts of its runs are sorted, far fewer than the pixels."""
    flat = values.ravel()
    return np.unique(flat[np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))] if flat.size else flat)


def check_same_size(reference: np.ndarray, other: np.ndarray, where: PathLike) -> None:
    """Check that both maps (H, W) have the same size.

    Raises:
        InputError: naming ``where`` (the file of ``other``).
    """
    if reference.shape != other.shape:
        raise InputError(
            f'size {other.shape[1]}x{other.shape[0]}, but the ground truth is '
            f'{reference.shape[1]}x{reference.shape[0]} (width x height)',
            where,
        )


def panoptic_colours(ids: np.ndarray, red_is_high: bool = False) -> np.ndarray:
    """(H, W, 3) uint8 colours of (H, W) ids below 2**24, the inverse of :func:`read_panoptic_ids`.

    Raises:
        ValueError: an id does not fit 24 bits.
    """
    if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) < PANOPTIC_ID_LIMIT:
        raise ValueError('ids must be in [0, 2^24) to be written as colours')
    shifts = (16, 8, 0) if red_is_high else (0, 8, 16)
    return np.stack([ids >> shift & 255 for shift in shifts], -1).astype(np.uint8)
