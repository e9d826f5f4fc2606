"""Frames: size and orientation from the header, before anything is decoded.

Shapes: H W size of an image as stored.
"""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image

from .errors import InputError
from .files import PathLike, read_bytes
from .png_maps import check_pixels

EXIF_ORIENTATION = 0x0112
UPRIGHT = 1
ORIENTATIONS = {
    2: 'mirrored left to right',
    3: 'rotated by 180 degrees',
    4: 'mirrored top to bottom',
    5: 'rotated by 90 degrees and mirrored',
    6: 'rotated by 90 degrees',
    7: 'rotated by 270 degrees and mirrored',
    8: 'rotated by 270 degrees',
}
"""Transform that a viewer applies to the stored pixels, by the value of the EXIF tag."""
SWAPPED = (5, 6, 7, 8)
"""Orientations that swap height and width."""


class ImageHeader(NamedTuple):
    """Size in pixels as stored, and the EXIF orientation 1..8 (1: as stored)."""

    height: int
    width: int
    orientation: int

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) as stored."""
        return self.height, self.width

    @property
    def upright_size(self) -> tuple[int, int]:
        """(H, W) as a viewer shows it."""
        return self.size[::-1] if self.orientation in SWAPPED else self.size


def read_header(path: PathLike, data: bytes | None = None) -> ImageHeader:
    """Size and orientation of an image file.

    Args:
        path: the file.
        data: its bytes, if already read.

    Raises:
        InputError: missing, not an image, or too many pixels to decode.
    """
    data = read_bytes(path, 'Frame') if data is None else data
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if image.format in ('JPEG', 'MPO'):  # not the whole file, which takes as long as decoding a tenth of it
                tagged = 'exif' in image.info or b'exif' in image.info.get('xmp', b'').lower()
            else:
                tagged = b'Exif' in data or b'eXIf' in data or b'exif' in data
            orientation = image.getexif().get(EXIF_ORIENTATION, UPRIGHT) if tagged else UPRIGHT
    except Image.DecompressionBombError as error:
        raise InputError(f'Frame {path} is too large to be decoded: {error}. Save it smaller.') from None
    except Exception as error:  # Pillow's readers raise various errors, such as struct.error
        raise InputError(
            f'Frame {path} is not a readable image ({len(data)} bytes). Fetch it again, or take the '
            'video out of the list.'
        ) from error
    check_pixels(width, height, path)
    return ImageHeader(height, width, orientation if orientation in ORIENTATIONS else UPRIGHT)


def turn_upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply the EXIF orientation to pixels (H, W, ...)."""
    if orientation in (5, 7):  # along the main and the other diagonal
        pixels = pixels[::-1, ::-1] if orientation == 7 else pixels
        pixels = pixels.swapaxes(0, 1)
    elif orientation in (2, 4):
        pixels = pixels[:, ::-1] if orientation == 2 else pixels[::-1]
    else:
        pixels = np.rot90(pixels, {3: 2, 6: -1, 8: 1}.get(orientation, 0))
    return np.ascontiguousarray(pixels)


def wrong_size(path: PathLike, found: tuple[int, int], listed: tuple[int, int]) -> InputError:
    """Error for a frame whose size (H, W) differs from the one in its annotation file."""
    turned = (
        ' It is rotated by 90 degrees: check the EXIF orientation of the image.'
        if tuple(found) == tuple(listed)[::-1]
        else ''
    )
    return InputError(
        f'Frame {path} is {found[0]}x{found[1]} but its annotation file lists {listed[0]}x{listed[1]} '
        f'(height x width).{turned} Frames must be the ones that were annotated.'
    )


def annotated_orientation(header: ImageHeader, path: PathLike, size: tuple[int, int] | None = None) -> bool:
    """Whether masks of a frame match its pixels after (True) or before (False) the EXIF orientation is applied.

    The size in the annotations decides if the orientation swaps height and width.

    Args:
        header: of the frame.
        path: the frame, for messages.
        size: (H, W) in the annotations, if given.

    Raises:
        InputError: the size fits neither, or the orientation is ambiguous.
    """
    if size is not None and tuple(size) not in (header.size, header.upright_size):
        raise wrong_size(path, header.size, size)
    if header.orientation == UPRIGHT:
        return False
    if size is not None and header.size != header.upright_size:
        return tuple(size) == header.upright_size
    raise InputError(
        f'{path} has the EXIF orientation {header.orientation} ({ORIENTATIONS[header.orientation]}): whether its masks '
        'were drawn before or after the rotation is unknown. Save the frames without the tag, or set orientation of '
        'LoadClipFrames to "stored" or "upright".'
    )
