"""What is mutated: for every reader a good file, the ways to damage it, and the call that reads it.

A reader is added by one more ``Target`` in :data:`TARGETS`; ``files`` are made once, in an own folder.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

from gvseg.formats import (
    burst,
    coco,
    images,
    kitti_step,
    masks,
    object_maps,
    panoptic_json,
    png_maps,
    tube_masks,
    vos,
    vspw,
    yolo,
    youtube_vis,
)
from gvseg.formats.files import read_names
from tests.fuzz import mutations
from tests.fuzz.mutations import Mutation

HEIGHT, WIDTH = 10, 12
# 6 x 6 pixels at (2, 2).
RUNS = [22] + [6, 4] * 5 + [6, 42]
TEXT = coco_mask.frPyObjects({'size': [HEIGHT, WIDTH], 'counts': RUNS}, HEIGHT, WIDTH)['counts'].decode()
POLYGON = [[2, 2, 8, 2, 8, 8, 2, 8]]


class Target(NamedTuple):
    """One reader.

    Attributes:
        files: name -> content; made in the target's folder, the first one is damaged.
        damage: the mutations to draw from.
        read: called with the path of the damaged file; an error of bad input is a clear answer, and so is a result.
    """

    files: Callable[[], Mapping[str, bytes]]
    damage: Sequence[Mutation]
    read: Callable[[Path], Any]


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _png(values: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    Image.fromarray(values.astype(np.uint8), mode).save(file, 'PNG')
    return file.getvalue()


def _square(value: int = 1) -> np.ndarray:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[2:8, 2:8] = value
    return values


def _categories() -> list[dict]:
    return [dict(id=1, name='cat'), dict(id=2, name='dog')]


def _tubes() -> dict[str, Any]:
    """YouTube-VIS and OVIS: masks as text, list and polygons."""
    videos = [
        dict(id=number, height=HEIGHT, width=WIDTH, length=2, file_names=[f'{number}/0.jpg', f'{number}/1.jpg'])
        for number in (1, 2)
    ]
    kinds = [dict(size=[HEIGHT, WIDTH], counts=TEXT), dict(size=[HEIGHT, WIDTH], counts=RUNS), POLYGON, None]
    tubes = [
        dict(
            id=number,
            video_id=1 + number % 2,
            category_id=1 + number // 2,
            iscrowd=0,
            areas=[36, 36],
            occlusion=['no_occlusion', 'slight_occlusion'],
            bboxes=[[2, 2, 6, 6], [2, 2, 6, 6]],
            segmentations=[kinds[number], kinds[(number + 1) % 4]],
        )
        for number in range(4)
    ]
    return dict(videos=videos, categories=_categories() + [dict(id=3, name='cow')], annotations=tubes)


def _tube_results() -> list[dict]:
    return [
        dict(video_id=1, category_id=1, score=0.5, segmentations=[dict(size=[HEIGHT, WIDTH], counts=TEXT), None]),
        dict(video_id=2, category_id=2, score=0.25, segmentations=[None, None]),
    ]


def _burst() -> dict[str, Any]:
    entry = dict(
        id=1,
        dataset='X',
        seq_name='s',
        width=WIDTH,
        height=HEIGHT,
        all_image_paths=['0.jpg', '1.jpg'],
        annotated_image_paths=['0.jpg', '1.jpg'],
        neg_category_ids=[2],
        not_exhaustive_category_ids=[1],
        track_category_ids={'1': 1, '2': 2},
        segmentations=[{'1': dict(rle=TEXT, bbox=[2, 2, 6, 6], point=[3, 3], score=0.5)}, {'2': dict(rle=TEXT)}],
    )
    return dict(split='val', categories=_categories(), sequences=[entry])


def _coco() -> dict[str, Any]:
    images = [dict(id=number, file_name=f'{number}.jpg', height=HEIGHT, width=WIDTH) for number in (1, 2)]
    return dict(
        images=images,
        categories=_categories(),
        annotations=[
            dict(id=1, image_id=1, category_id=1, bbox=[2, 2, 6, 6], area=36, iscrowd=0, segmentation=POLYGON),
            dict(
                id=2,
                image_id=2,
                category_id=2,
                bbox=[2, 2, 6, 6],
                area=36,
                iscrowd=1,
                segmentation=dict(size=[HEIGHT, WIDTH], counts=RUNS),
            ),
        ],
    )


def _vos_meta() -> dict[str, Any]:
    return dict(
        videos=dict(
            a=dict(objects={'1': dict(category='cat', frames=['0', '1']), '2': dict(category='dog', frames=['1'])})
        )
    )


def _panoptic() -> dict[str, Any]:
    """VIPSeg: two videos, a crowd."""
    names = ('a', 'b')
    segments = [dict(id=5, category_id=0, area=36, iscrowd=0), dict(id=6, category_id=1, area=4, iscrowd=1)]
    return dict(
        categories=[dict(id=0, name='sky', isthing=0, color=[1, 2, 3]), dict(id=1, name='cat', isthing=1)],
        videos=[
            dict(
                video_id=name, images=[dict(file_name=f'{frame}.jpg', height=HEIGHT, width=WIDTH) for frame in range(2)]
            )
            for name in names
        ],
        annotations=[
            dict(
                video_id=name,
                annotations=[dict(file_name=f'{frame}.png', segments_info=segments) for frame in range(2)],
            )
            for name in names
        ],
    )


def _jpeg() -> bytes:
    """A frame with an EXIF orientation."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[images.EXIF_ORIENTATION] = 6
    Image.fromarray(_square(200)).save(file, 'JPEG', exif=exif)
    return file.getvalue()


def read_step_map(path: Path) -> None:
    """A map of KITTI-STEP and its classes."""
    kitti_step.split_codes(png_maps.unique_labels(kitti_step.read_codes(path)), path)


def read_tubes(path: Path) -> None:
    """Everything of an annotation file, decoded."""
    for video in youtube_vis.read_tubes(path).videos:
        for found, _ in tube_masks.tube_masks(video.annotations, video, lambda entry: f'{path}: {entry["id"]}'):
            for mask in filter(None, found):
                masks.decode_mask(mask, video.height, video.width)


def read_coco(path: Path) -> None:
    """Everything of an annotation file, decoded."""
    for image in coco.read_coco(path).images:
        for entry in image.annotations:
            if entry.get('segmentation'):
                coco.check_annotation_mask(entry, image, path)
                masks.decode_mask(entry['segmentation'], image.height, image.width)


def read_meta(path: Path) -> None:
    """Objects and where they start."""
    for video, objects in vos.read_vos_meta(path).items():
        vos.first_frames(objects, ['0', '1'], f'{path}, {video}')


def score(benchmark: str, truth: str, result: str) -> Callable[[Path], None]:
    """A scorer on the files of the folder, one of which is damaged."""

    def run(path: Path) -> None:
        from gvseg.evaluation.functional.benchmarks.registry import BENCHMARKS

        BENCHMARKS[benchmark](str(path.parent / truth), str(path.parent / result), 1, None)

    return run


def one(name: str, content: Callable[[], Any]) -> Callable[[], dict[str, bytes]]:
    """A single file; what is not bytes becomes JSON."""

    def make() -> dict[str, bytes]:
        found = content()
        return {name: found if isinstance(found, bytes) else _json(found)}

    return make


def _pair(first: str, second: str, contents: Mapping[str, Callable[[], Any]]) -> Callable[[], dict[str, bytes]]:
    return lambda: {name: _json(contents[name]()) for name in (first, second)}


TUBE_FILES = {'gt.json': _tubes, 'pred.json': _tube_results}
BURST_FILES = {'all_classes.json': _burst, 'pred.json': _burst}
TARGETS: dict[str, Target] = {
    'youtube_vis': Target(one('instances.json', _tubes), mutations.JSON, read_tubes),
    'burst': Target(one('all.json', _burst), mutations.JSON, lambda path: burst.check_masks(burst.read_burst(path))),
    'coco': Target(one('instances.json', _coco), mutations.JSON, read_coco),
    'vos_meta': Target(one('meta.json', _vos_meta), mutations.JSON, read_meta),
    'yolo': Target(
        one('a.txt', lambda: b'0 0.1 0.1 0.9 0.1 0.9 0.9\n1 0 0 1 0 1 1 0 1\n'),
        mutations.TEXT,
        lambda path: [
            masks.decode_mask([polygon], HEIGHT, WIDTH) for _, polygon in yolo.read_yolo(path, HEIGHT, WIDTH)
        ],
    ),
    'davis_list': Target(
        one('val.txt', lambda: b'bear\ndog agility\n/J/480p/cat/0.jpg /A/480p/cat/0.png\n'),
        mutations.TEXT,
        vos.read_davis_list,
    ),
    'names': Target(one('val.txt', lambda: b'bear\ndog\n'), mutations.TEXT, read_names),
    'label_map': Target(one('a.png', lambda: _png(_square())), mutations.PNG, png_maps.read_label_map),
    'object_ids': Target(one('a.png', lambda: _png(_square(3), 'P')), mutations.PNG, object_maps.read_object_ids),
    'shown_objects': Target(one('a.png', lambda: _png(_square(255))), mutations.PNG, object_maps.read_objects),
    'panoptic_map': Target(
        one('a.png', lambda: _png(np.stack([_square(5)] * 3, -1))), mutations.PNG, png_maps.read_panoptic_ids
    ),
    'panoptic_json': Target(one('a.json', _panoptic), mutations.JSON, panoptic_json.read_panoptic_file),
    'kitti_step_map': Target(one('a.png', lambda: _png(np.stack([_square(13)] * 3, -1))), mutations.PNG, read_step_map),
    'image_header': Target(one('a.jpg', _jpeg), mutations.TEXT, images.read_header),
    'vspw_map': Target(one('a.png', lambda: _png(_square(7))), mutations.PNG, vspw.read_labels),
    'score_ytvis_gt': Target(
        _pair('gt.json', 'pred.json', TUBE_FILES), mutations.JSON, score('ytvis', 'gt.json', 'pred.json')
    ),
    'score_ovis_gt': Target(
        _pair('gt.json', 'pred.json', TUBE_FILES), mutations.JSON, score('ovis', 'gt.json', 'pred.json')
    ),
    'score_ytvis_pred': Target(
        _pair('pred.json', 'gt.json', TUBE_FILES), mutations.JSON, score('ytvis', 'gt.json', 'pred.json')
    ),
    'score_burst_gt': Target(
        _pair('all_classes.json', 'pred.json', BURST_FILES),
        mutations.JSON,
        score('burst', 'all_classes.json', 'pred.json'),
    ),
    'score_burst_pred': Target(
        _pair('pred.json', 'all_classes.json', BURST_FILES),
        mutations.JSON,
        score('burst', 'all_classes.json', 'pred.json'),
    ),
}
