"""Small valid files of the instance formats, which tests edit one entry at a time."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pycocotools import mask as coco_mask

SIZE = (10, 12)
# 6 x 6 pixels at (2, 2).
RUNS = [22] + [6, 4] * 5 + [6, 42]


def mask() -> dict[str, Any]:
    """A square of 6 x 6 pixels in a frame of 10 x 12."""
    return {'size': list(SIZE), 'counts': list(RUNS)}


def tubes() -> dict[str, Any]:
    """YouTube-VIS: two videos of two frames, an object in each, in the second from its second frame on."""
    videos = [
        dict(id=number, height=10, width=12, length=2, file_names=[f'v{number}/0.jpg', f'v{number}/1.jpg'])
        for number in (1, 2)
    ]
    annotations = [
        dict(
            id=1,
            video_id=1,
            category_id=3,
            iscrowd=0,
            segmentations=[mask(), mask()],
            bboxes=[[2, 2, 6, 6], [2, 2, 6, 6]],
            areas=[36, 36],
        ),
        dict(
            id=2,
            video_id=2,
            category_id=4,
            iscrowd=0,
            segmentations=[None, mask()],
            bboxes=[None, [2, 2, 6, 6]],
            areas=[None, 36],
        ),
    ]
    return dict(videos=videos, annotations=annotations, categories=[dict(id=3, name='cat'), dict(id=4, name='dog')])


def burst() -> dict[str, Any]:
    """BURST: one sequence of two annotated frames and one between them."""
    text = coco_mask.frPyObjects(mask(), *SIZE)['counts'].decode()
    entry = dict(
        id=1,
        dataset='X',
        seq_name='s',
        width=12,
        height=10,
        all_image_paths=['0.jpg', '1.jpg', '2.jpg'],
        annotated_image_paths=['0.jpg', '2.jpg'],
        neg_category_ids=[],
        not_exhaustive_category_ids=[],
        track_category_ids={'1': 3, '2': 4},
        segmentations=[{'1': dict(rle=text, bbox=[2, 2, 6, 6], point=[3, 3])}, {'2': dict(rle=text)}],
    )
    return dict(split='val', sequences=[entry], categories=[dict(id=3, name='cat'), dict(id=4, name='dog')])


def coco() -> dict[str, Any]:
    """COCO: two images, a polygon in the first."""
    images = [dict(id=number, file_name=f'{number}.jpg', height=10, width=12) for number in (1, 2)]
    return dict(
        images=images,
        categories=[dict(id=3, name='cat'), dict(id=4, name='dog')],
        annotations=[
            dict(
                id=7,
                image_id=1,
                category_id=3,
                bbox=[2, 2, 6, 6],
                area=36,
                iscrowd=0,
                segmentation=[[2, 2, 8, 2, 8, 8, 2, 8]],
            )
        ],
    )


def vos_meta() -> dict[str, Any]:
    """YouTube-VOS: object 1 from frame 2 on, object 2 from frame 10 on."""
    return dict(
        videos=dict(
            a=dict(objects={'1': dict(category='cat', frames=['2', '10']), '2': dict(category='dog', frames=['10'])})
        )
    )


def write(path: Path, content: Any, edit: Callable[[Any], Any] = lambda content: None) -> Path:
    """Apply an edit to the content and write it."""
    content = copy.deepcopy(content)
    edit(content)
    path.write_text(json.dumps(content))
    return path
