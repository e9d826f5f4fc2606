"""Writers of submission files for benchmark servers: palette PNGs and zip files.

Shapes: H W size of a map.
"""

import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from gvseg.formats.constants import voc_palette
from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike, atomic_file, natural_order, write_with


def write_label_png(path: PathLike, values: np.ndarray, palette: bool) -> None:
    """Write a (H,W) map of values 0..255 as an 8-bit PNG, with the VOC palette or grey.

    Raises:
        InputError: a value does not fit 8 bits.
    """
    if values.size and (values.min() < 0 or values.max() > 255):
        raise InputError(
            f'{path}: value {int(values.max() if values.max() > 255 else values.min())} does not fit an 8-bit PNG'
        )
    image = Image.fromarray(values.astype(np.uint8))
    if palette:
        image.putpalette(voc_palette())
    write_with(path, lambda file: image.save(file, 'PNG'))


def zip_folder(folder: PathLike, archive: PathLike) -> Path:
    """Zip the PNGs below `folder` under their paths relative to the folder's parent; names sorted, fixed dates."""
    folder, archive = Path(folder), Path(archive)
    names = natural_order(file.relative_to(folder.parent).as_posix() for file in folder.rglob('*.png'))
    with atomic_file(archive) as part, zipfile.ZipFile(part, 'w', zipfile.ZIP_STORED) as target:
        for name in names:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, (folder.parent / name).read_bytes())
    return archive
