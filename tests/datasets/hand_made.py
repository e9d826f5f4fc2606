"""Hand-made clips whose transformed values a reader can count."""

import numpy as np
from mmdet.registry import TRANSFORMS

from gvseg.datasets.segments import Segments
from gvseg.datasets.transforms.loading import set_segments

HEIGHT, WIDTH = 20, 40


def clip(*frames: dict) -> dict:
    """A loaded item. Each frame: {id: (x1, y1, x2, y2)}, all of label 3."""
    size = (HEIGHT, WIDTH)
    images, segments = [], []
    for number, boxes in enumerate(frames):
        masks = np.zeros((len(boxes),) + size, np.uint8)
        for mask, (x1, y1, x2, y2) in zip(masks, boxes.values()):
            mask[y1:y2, x1:x2] = 1
        count = len(boxes)
        segments.append(Segments(np.full(count, 3), np.array(list(boxes), int), masks, np.zeros(count, bool)))
        ramp = np.arange(WIDTH, dtype=np.uint8) + number
        images.append(np.repeat(np.tile(ramp, (HEIGHT, 1))[..., None], 3, 2))
    numbers = list(range(len(frames)))
    results = dict(
        img=images,
        img_path=[f'{i}.jpg' for i in numbers],
        img_id=numbers,
        frame_id=list(numbers),
        img_shape=[size] * len(frames),
        ori_shape=[size] * len(frames),
        scale_factor=[(1.0, 1.0)] * len(frames),
        flip=[False] * len(frames),
        clip_length=len(frames),
        gt_seg_map=[s.semantic_map() for s in segments],
        rng=np.random.default_rng(0),
    )
    set_segments(results, segments)
    return results


def step(name: str, **options):
    """Build a transform."""
    return TRANSFORMS.build(dict(type=name, **options))
