"""Convert object maps (one PNG per frame, value = object id, 0 background, 255 void) to VIS JSON.

    python tools/dataset_converters/object_maps.py data/mine                    # JPEGImages/VIDEO, Annotations/VIDEO
    python tools/dataset_converters/object_maps.py data/mine --classes classes.json --videos train.txt --out train.json

classes.json gives the class of each object, {"VIDEO": {"1": "dog"}}; by default all have the class "object".
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pycocotools import mask as mask_tools

from gvseg.entry import entry_point
from gvseg.formats.constants import VOID_VALUE
from gvseg.formats.errors import InputError
from gvseg.formats.files import list_files, list_folders, write_text
from gvseg.formats.json_files import read_json


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Convert object maps to VIS JSON')
    parser.add_argument('data', type=Path, help='folder with frames and maps')
    parser.add_argument('--images', default='JPEGImages', help='frames, below DATA (default: %(default)s)')
    parser.add_argument('--maps', default='Annotations', help='maps, below DATA (default: %(default)s)')
    parser.add_argument('--classes', type=Path, help='JSON of the classes of objects; default: all are "object"')
    parser.add_argument('--videos', type=Path, help='text file that lists the videos to take; default: all')
    parser.add_argument('--out', default='instances.json', help='file to write, below DATA (default: %(default)s)')
    return parser.parse_args(arguments)


def read_video(images: Path, maps: Path) -> tuple[list[str], tuple[int, int], dict[int, list[Any]]]:
    """Frames, (height, width), and for each object its encoded mask in every frame or None.

    Raises:
        InputError: A frame has no map.
    """
    names = list_files(images, ('.jpg', '.jpeg', '.png'), 'frame')
    objects: dict[int, list[Any]] = {}
    size = (0, 0)
    for number, name in enumerate(names):
        path = maps / f'{Path(name).stem}.png'
        if not path.is_file():
            raise InputError(f'there is no map for the frame {name}', path)
        values = np.asarray(Image.open(path))
        size = values.shape[:2]
        for value in np.unique(values).tolist():
            if value not in (0, VOID_VALUE):
                encoded = mask_tools.encode(np.asfortranarray(values == value, np.uint8))
                tube = objects.setdefault(value, [None] * len(names))
                tube[number] = dict(encoded, counts=encoded['counts'].decode())
    return names, size, objects


def convert(arguments: argparse.Namespace) -> dict[str, list[dict]]:
    """Convert all videos; returns the JSON content.

    Raises:
        InputError: Files are missing, or classes.json lacks an object.
    """
    known = read_json(arguments.classes) if arguments.classes else {}
    names = sorted({name for video in known.values() for name in video.values()}) or ['object']
    folder = arguments.data / arguments.images
    chosen = arguments.videos.read_text(encoding='utf-8').split() if arguments.videos else list_folders(folder)
    content: dict[str, list[dict]] = dict(
        videos=[], annotations=[], categories=[dict(id=number, name=name) for number, name in enumerate(names, 1)]
    )
    for number, video in enumerate(chosen, 1):
        frames, size, objects = read_video(folder / video, arguments.data / arguments.maps / video)
        content['videos'].append(
            dict(id=number, file_names=[f'{video}/{name}' for name in frames], height=size[0], width=size[1])
        )
        for value, masks in objects.items():
            name = known.get(video, {}).get(str(value)) if known else 'object'
            if name is None:
                raise InputError(f'has no class for object {value} of video {video}', arguments.classes)
            content['annotations'].append(
                dict(
                    id=len(content['annotations']) + 1,
                    video_id=number,
                    category_id=names.index(name) + 1,
                    iscrowd=0,
                    segmentations=masks,
                    bboxes=[mask and mask_tools.toBbox(mask).tolist() for mask in masks],
                    areas=[mask and int(mask_tools.area(mask)) for mask in masks],
                )
            )
    return content


@entry_point(parse_arguments, openmmlab=False)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    content = convert(arguments)
    path = arguments.data / arguments.out
    write_text(path, json.dumps(content))
    print(f'written: {path}, {len(content["videos"])} videos, {len(content["annotations"])} objects')


if __name__ == '__main__':
    sys.exit(main())
