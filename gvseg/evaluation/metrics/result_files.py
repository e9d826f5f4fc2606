"""Writing what benchmark servers take: palette PNGs and zip files.

Letters: H W size of a map.
"""
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Tuple, Union

import numpy as np
from PIL import Image

from ..functional.input_errors import BadInputError

PathLike = Union[str, Path]


@lru_cache(maxsize=1)
def voc_palette() -> Tuple[int, ...]:
    """The 256 PASCAL VOC colours (bits of the index spread over R, G, B) that DAVIS and YouTube-VOS files carry."""
    colours = np.zeros((256, 3), np.uint8)
    for index in range(256):
        for bit in range(8):
            for channel in range(3):
                colours[index, channel] |= (index >> (3 * bit + channel) & 1) << (7 - bit)
    return tuple(colours.ravel().tolist())


def write_label_png(path: PathLike, values: np.ndarray, palette: bool) -> None:
    """Write a (H,W) map of values 0..255 as an 8-bit PNG, with the VOC palette or grey.

    Raises:
        BadInputError: a value does not fit 8 bits.
    """
    if values.size and (values.min() < 0 or values.max() > 255):
        raise BadInputError(f'{path}: value {int(values.max() if values.max() > 255 else values.min())} does not fit '
                            'an 8-bit PNG')
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(values.astype(np.uint8))
    if palette:
        image.putpalette(voc_palette())
    image.save(path)


def zip_folder(folder: PathLike, archive: PathLike) -> Path:
    """Zip the PNGs below `folder` under their paths relative to the folder's parent; names sorted, fixed dates."""
    folder, archive = Path(folder), Path(archive)
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_STORED) as target:
        for file in sorted(folder.rglob('*.png')):
            entry = zipfile.ZipInfo(str(file.relative_to(folder.parent)))
            entry.external_attr = 0o644 << 16
            target.writestr(entry, file.read_bytes())
    return archive
