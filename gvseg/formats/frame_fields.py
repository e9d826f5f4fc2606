"""Frame sizes, boxes and names in annotation files.

``where`` is the file and the entry, the prefix of messages: ``instances.json: annotation 7``.
"""

from typing import Any

from .errors import InputError, one_line
from .json_files import first_repeated, list_field, whole_field

MAX_SIDE = 2**16  # pixels, of a frame
MAX_PIXELS = 2**28  # of a frame
MAX_FRAMES = 2**20  # of a video
MAX_NAME = 4096  # characters, of a path


def is_frame_size(height: int, width: int) -> bool:
    """Whether this is a valid size of an image."""
    return 0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE and height * width <= MAX_PIXELS


def frame_size(entry: Any, where: str) -> tuple[int, int]:
    """(height, width) of the frames of an entry.

    Raises:
        InputError: missing, not an integer, less than 1, or too large.
    """
    height, width = (whole_field(entry, key, where, 1, MAX_SIDE) for key in ('height', 'width'))
    if not is_frame_size(height, width):
        raise InputError(f'{where}: height {height} and width {width} make more than {MAX_PIXELS:,} pixels')
    return height, width


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e300 < value < 1e300


def is_box(value: Any) -> bool:
    """Whether a JSON value is a box: four finite numbers x, y, width, height."""
    return isinstance(value, list) and len(value) == 4 and all(map(is_number, value))


def check_box(value: Any, where: str) -> list[float]:
    """Check a box x, y, width, height.

    Raises:
        InputError: not a box.
    """
    if not is_box(value):
        raise InputError(f'{where}: the box is {one_line(repr(value))}; it must be four numbers x, y, width, height')
    return value


def corners(box: list[float]) -> list[float]:
    """x1, y1, x2, y2 of a box x, y, width, height."""
    x, y, width, height = box
    return [x, y, x + width, y + height]


def frame_names(entry: Any, key: str, where: str) -> list[str]:
    """Read a list of unique frame names.

    Raises:
        InputError: not a list of names, or a duplicate frame.
    """
    names = list_field(entry, key, where)
    for name in names:
        if not isinstance(name, str) or not name or '\0' in name or len(name) > MAX_NAME:
            raise InputError(f'{where}: "{key}" has {one_line(repr(name), 60)}, which is not a file name')
    repeated = first_repeated(names)
    if repeated is not None:
        raise InputError(f'{where}: "{key}" lists the frame {one_line(repeated)} twice; names must be unique')
    return names


def parse_categories(content: Any, where: str) -> dict[int, str]:
    """Id -> name of a file's list ``categories``, in file order.

    Raises:
        InputError: no such list, an empty list, a missing or duplicate id or name.
    """
    entries = list_field(content, 'categories', where)
    if not entries:
        raise InputError(f'{where}: the list "categories" is empty')
    found: dict[int, str] = {}
    for place, entry in enumerate(entries):
        here = f'{where}: category number {place}'
        number = whole_field(entry, 'id', here)
        name = entry.get('name')
        if not isinstance(name, str) or not name:
            raise InputError(f'{here}: its name is {one_line(repr(name), 60)}; it must be a string')
        if number in found:
            raise InputError(f'{where}: duplicate category id {number}; ids must be unique')
        if name in found.values():
            raise InputError(f'{where}: duplicate category name {one_line(name)!r}; names must be unique')
        found[number] = name
    return found
