"""Load the frames and annotations of a clip.

Shapes: T frames of the item, H W frame size, n segments of a frame.
"""

from collections import OrderedDict

import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS
from mmdet.structures.mask import BitmapMasks

from gvseg.formats.errors import InputError
from gvseg.utils.pipeline_roles import PipelineRole

from ..reading import ORIENTATIONS, read_image
from ..segments import Segments, load_segments


class _Memory:
    """Cache of the last ``capacity`` values by name; 0 disables it."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.values: OrderedDict = OrderedDict()

    def get(self, name: str, make):
        """Return the cached value, or make it."""
        if name in self.values:
            return self.values[name]
        value = make()
        if self.capacity:
            self.values[name] = value
            if len(self.values) > self.capacity:
                self.values.popitem(last=False)
        return value


@TRANSFORMS.register_module()
class LoadClipFrames(BaseTransform):
    """Read the images of a clip.

    Adds ``img`` (T arrays of (H, W, 3) BGR), ``img_shape``, ``ori_shape``,
    ``scale_factor`` and ``flip``.

    Args:
        memory: Decoded frames cached by each worker, for small datasets.
        orientation: For frames with an EXIF orientation: 'annotated' chooses
            by the size in the annotations and raises if it does not decide;
            'stored' and 'upright' are for masks drawn on pixels as stored, or
            with the orientation applied.
    """

    pipeline_role = PipelineRole.LOAD_FRAMES

    def __init__(self, memory: int = 0, orientation: str = 'annotated') -> None:
        if orientation not in ORIENTATIONS:
            raise ValueError(f'orientation must be one of {ORIENTATIONS}, not {orientation!r}')
        self.memory = _Memory(memory)
        self.orientation = orientation

    def transform(self, results: dict) -> dict:
        """Read the frames; later transforms must not modify the arrays in place."""
        sizes = list(zip(results.get('height', ()), results.get('width', ()))) or [None] * len(results['img_path'])
        images = [
            self.memory.get(path, lambda p=path, s=size: read_image(p, self.orientation, s if s and all(s) else None))
            for path, size in zip(results['img_path'], sizes)
        ]
        shapes = [image.shape[:2] for image in images]
        for path, shape in zip(results['img_path'], shapes):
            if shape != shapes[0]:
                raise InputError(
                    f'Frame {path} is {shape[0]}x{shape[1]} but '
                    f'{results["img_path"][0]} of the same video is '
                    f'{shapes[0][0]}x{shapes[0][1]}.'
                )
        results['img'] = images
        results['img_shape'] = list(shapes)
        results['ori_shape'] = list(shapes)
        results['scale_factor'] = [(1.0, 1.0)] * len(images)
        results['flip'] = [False] * len(images)
        return results


@TRANSFORMS.register_module()
class LoadClipAnnotations(BaseTransform):
    """Read the segments of a clip at the size of its files.

    Adds ``gt_masks`` (T BitmapMasks of n), ``gt_bboxes_labels``,
    ``gt_instances_ids``, ``gt_ignore_flags``, ``gt_bboxes``; with
    ``with_sem_seg`` also ``gt_seg_map`` (T arrays (H, W) uint8, 255 = void).
    Only segments with a pixel in a frame are listed there. If the dataset gives
    prompts (``exemplar_ids``), also ``exemplar_masks``: for every frame
    dict(id -> (H, W) mask); later transforms keep them at the size of the
    original frame.

    Args:
        with_sem_seg: Also make class maps.
        class_agnostic: Give every segment label 0.
        memory: Frames whose segments are cached by each worker.
    """

    pipeline_role = PipelineRole.LOAD_ANNOTATIONS

    def __init__(self, with_sem_seg: bool = False, class_agnostic: bool = False, memory: int = 0) -> None:
        self.with_sem_seg = with_sem_seg
        self.class_agnostic = class_agnostic
        self.memory = _Memory(memory)

    def transform(self, results: dict) -> dict:
        """Read the segments."""
        segments = [self._load(results, i) for i in range(len(results['img_path']))]
        set_segments(results, segments)
        if 'exemplar_ids' in results:
            results['exemplar_masks'] = [
                {
                    identity: mask
                    for identity, mask in zip(s.ids.tolist(), s.masks)
                    if wanted is None or identity in wanted
                }
                for s, wanted in zip(segments, results['exemplar_ids'])
            ]
        if self.with_sem_seg:
            results['gt_seg_map'] = [s.semantic_map() for s in segments]
        if self.class_agnostic:
            results['gt_bboxes_labels'] = [np.zeros_like(labels) for labels in results['gt_bboxes_labels']]
        return results

    def _load(self, results: dict, index: int) -> Segments:
        keys = (
            'img_path',
            'video_id',
            'instances',
            'seg_map_path',
            'map_format',
            'segments',
            'num_classes',
            'num_things',
            'class_labels',
        )
        frame = {key: results[key][index] for key in keys if key in results}
        return self.memory.get(frame['img_path'], lambda: load_segments(frame, results['ori_shape'][index]))


def set_segments(results: dict, segments: list) -> None:
    """Write the segments of every frame to mmdet's keys.

    Args:
        results: Changed in place.
        segments: T ``Segments``.
    """
    results['gt_masks'] = [BitmapMasks(s.masks, *s.masks.shape[1:]) for s in segments]
    results['gt_bboxes_labels'] = [s.labels for s in segments]
    results['gt_instances_ids'] = [s.ids for s in segments]
    results['gt_ignore_flags'] = [s.ignored for s in segments]
    results['gt_bboxes'] = [mask_boxes(s.masks) for s in segments]


def mask_boxes(masks: np.ndarray) -> np.ndarray:
    """Tight boxes of masks.

    Args:
        masks: (n, H, W), none of them empty.

    Returns:
        np.ndarray: (n, 4) float32 x1, y1, x2, y2, upper ends exclusive.
    """
    if not len(masks):
        return np.zeros((0, 4), np.float32)
    # Booleans are searched several times as fast as bytes.
    masks = masks.view(bool) if masks.dtype.itemsize == 1 else masks.astype(bool)
    columns, rows = masks.any(1), masks.any(2)
    return np.stack(
        [
            columns.argmax(1),
            rows.argmax(1),
            columns.shape[1] - columns[:, ::-1].argmax(1),
            rows.shape[1] - rows[:, ::-1].argmax(1),
        ],
        1,
    ).astype(np.float32)
