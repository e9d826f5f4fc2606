"""COCO JSON with instance masks: {images, categories, annotations}.

Shapes:
    H W: size of an image.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InputError, one_line
from .files import PathLike
from .frame_fields import MAX_NAME, check_box, frame_size, parse_categories
from .json_files import field, flag_field, read_json, refuse_repeats, whole, whole_field
from .masks import mask_fault

ImageId = int | str


@dataclass(frozen=True)
class CocoImage:
    """One image: its id, path, H W, and its annotations in COCO format."""

    id: ImageId
    file_name: str
    height: int
    width: int
    annotations: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class CocoFile:
    """Contents of an annotation file: images and categories (id -> name) in file order, and the parsed JSON."""

    path: str
    images: tuple[CocoImage, ...]
    categories: Mapping[int, str]
    content: Mapping[str, Any]


def read_coco(path: PathLike) -> CocoFile:
    """Read an annotation file; masks are checked by :func:`check_annotation_mask` or where they are decoded.

    Raises:
        InputError: invalid layout; a duplicate id, name or image; an annotation of an unknown image or category; a
            malformed box.
    """
    content, where = read_json(path), str(path)
    lists = ('images', 'annotations')
    if not isinstance(content, dict) or not all(isinstance(content.get(key), list) for key in lists):
        raise InputError(
            f'{where} is not in COCO layout: it has no lists "images" and "annotations" beside "categories"'
        )
    categories = parse_categories(content, where)
    images = [_parse_image(entry, where, place) for place, entry in enumerate(content['images'])]
    refuse_repeats([image.id for image in images], 'image id', where)
    refuse_repeats([image.file_name for image in images], 'image', where)
    found: dict[ImageId, list[Mapping[str, Any]]] = {image.id: [] for image in images}
    for place, entry in enumerate(content['annotations']):
        found[_check_annotation(entry, found, categories, where, place)].append(entry)
    refuse_repeats([entry['id'] for entry in content['annotations']], 'annotation id', where)
    rows = tuple(
        CocoImage(image.id, image.file_name, image.height, image.width, tuple(found[image.id])) for image in images
    )
    return CocoFile(where, rows, categories, content)


def _image_id(entry: Any, key: str, where: str) -> ImageId:
    """Image id: an integer or a string."""
    value = field(entry, key, where)
    return value if isinstance(value, str) and value else whole(value, f'{where}: "{key}"')


def _parse_image(entry: Any, path: str, place: int) -> CocoImage:
    """Parse an entry of ``images``."""
    identity = _image_id(entry, 'id', f'{path}: image number {place}')
    where = f'{path}: image {one_line(identity)}'
    name = field(entry, 'file_name', where)
    if not isinstance(name, str) or not name or '\0' in name or len(name) > MAX_NAME:
        raise InputError(f'{where}: "file_name" is {one_line(repr(name), 60)}, which is not a file name')
    return CocoImage(identity, name, *frame_size(entry, where))


def _check_annotation(
    entry: Any, images: Mapping[ImageId, Any], categories: Mapping[int, str], path: str, place: int
) -> ImageId:
    """Check an entry of ``annotations`` and return the id of its image."""
    where = f'{path}: annotation {whole_field(entry, "id", f"{path}: annotation number {place}")}'
    category, image = whole_field(entry, 'category_id', where), _image_id(entry, 'image_id', where)
    if category not in categories:
        raise InputError(f'{where} has the category {category}, which is not in the list "categories"')
    if image not in images:
        raise InputError(f'{where} belongs to image {one_line(image, 40)}, which is not in the list "images"')
    flag_field(entry, 'iscrowd', where)
    if entry.get('bbox'):
        check_box(entry['bbox'], where)
    return image


def check_annotation_mask(entry: Mapping[str, Any], image: CocoImage, path: PathLike) -> None:
    """Check that the mask of an annotation fits its image.

    Raises:
        InputError: the mask is damaged, has the wrong size, or a corner far outside the image.
    """
    fault = mask_fault(entry['segmentation'], image.height, image.width)
    if fault:
        raise InputError(f'{path}: annotation {entry["id"]} of image {image.file_name}: {fault}')
