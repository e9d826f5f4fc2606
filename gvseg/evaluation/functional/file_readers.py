"""The readers of label maps, JSON and lists under the names that the evaluators use."""
from pathlib import Path
from typing import List

from gvseg.formats.files import PathLike, list_files, read_bytes, read_names
from gvseg.formats.json_files import read_json
from gvseg.formats.png_maps import check_png_chunks, check_same_size, read_label_map

__all__ = ['PathLike', 'check_png_chunks', 'check_same_size', 'list_maps', 'read_bytes', 'read_json', 'read_label_map',
           'read_names']


def list_maps(folder: PathLike) -> List[Path]:
    """The PNG files of a video's folder, in natural order.

    Raises:
        MissingInputError: no such folder or no PNG in it.
    """
    return [Path(folder) / name for name in list_files(folder, ('.png', ), 'map')]
