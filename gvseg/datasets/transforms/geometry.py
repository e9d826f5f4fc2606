"""Resize, flip, crop and colour distortion, identical for all frames of an item.

All transforms draw from ``rng`` of the item (see ``ClipDataset``).
Shapes: T frames of the item, H W frame size, n segments of a frame.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS
from mmdet.structures.mask import BitmapMasks

from gvseg.utils.pipeline_roles import PipelineRole

from .loading import mask_boxes

_PER_SEGMENT = ('gt_bboxes_labels', 'gt_instances_ids', 'gt_ignore_flags')


def get_sample_rng(results: dict) -> np.random.Generator:
    """Generator of the item; by default one seeded from numpy's global state."""
    if 'rng' not in results:
        results['rng'] = np.random.default_rng(np.random.randint(2**31))
    return results['rng']


def set_masks(results: dict, masks: list[np.ndarray], min_area: int = 1) -> None:
    """Replace the masks, drop empty segments, recompute the boxes.

    Args:
        results: Changed in place.
        masks: T arrays (n, H, W), n as before.
        min_area: Segments with fewer pixels are dropped from the frame.
    """
    boxes, bitmaps = [], []
    for frame, stack in enumerate(masks):
        stack = np.ascontiguousarray(stack)
        keep = np.array([cv2.countNonZero(mask) >= min_area for mask in stack], bool)
        if not keep.all():
            stack = stack[keep]
            for key in _PER_SEGMENT:
                results[key][frame] = results[key][frame][keep]
        bitmaps.append(BitmapMasks(stack, *stack.shape[1:]))
        boxes.append(mask_boxes(stack))
    results['gt_masks'], results['gt_bboxes'] = bitmaps, boxes


def resize_stack(masks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(n, H, W) masks to (n, *size), nearest."""
    resized = [cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST) for mask in masks]
    return np.stack(resized) if resized else np.zeros((0,) + size, np.uint8)


def resize_clip(results: dict, size: tuple[int, int]) -> None:
    """Resize images and loaded annotations to (H, W)."""
    height, width = results['img'][0].shape[:2]
    if (height, width) == size:
        return
    results['img'] = [cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR) for image in results['img']]
    results['img_shape'] = [size] * len(results['img'])
    results['scale_factor'] = [(x * size[1] / width, y * size[0] / height) for x, y in results['scale_factor']]
    if 'gt_masks' in results:
        set_masks(results, [resize_stack(m.masks, size) for m in results['gt_masks']])
    if 'gt_seg_map' in results:
        results['gt_seg_map'] = [
            cv2.resize(m, size[::-1], interpolation=cv2.INTER_NEAREST) for m in results['gt_seg_map']
        ]


@TRANSFORMS.register_module()
class ClipResize(BaseTransform):
    """Resize so that the short side is one of ``short_sides``.

    Args:
        short_sides: Lengths to draw from; one entry = fixed.
        long_side: Upper limit of the long side.
        ratio: Instead of lengths: draw a factor from this range.
    """

    pipeline_role = PipelineRole.RESIZE

    def __init__(
        self, short_sides: Sequence[int] = (), long_side: int | None = None, ratio: tuple[float, float] | None = None
    ) -> None:
        if bool(short_sides) == (ratio is not None):
            raise ValueError('ClipResize needs either short_sides or ratio.')
        self.short_sides = tuple(short_sides)
        self.long_side = long_side
        self.ratio = ratio

    def transform(self, results: dict) -> dict:
        """Resize all frames to one size."""
        height, width = results['img'][0].shape[:2]
        if self.ratio is not None:
            factor = get_sample_rng(results).uniform(*self.ratio)
        else:
            side = self.short_sides[0]
            if len(self.short_sides) > 1:
                side = int(get_sample_rng(results).choice(self.short_sides))
            factor = side / min(height, width)
        if self.long_side is not None:
            factor = min(factor, self.long_side / max(height, width))
        resize_clip(results, (max(1, round(height * factor)), max(1, round(width * factor))))
        return results


@TRANSFORMS.register_module()
class ClipRandomFlip(BaseTransform):
    """Mirror all frames of an item left to right, or none.

    Args:
        probability: Of mirroring.
    """

    def __init__(self, probability: float = 0.5) -> None:
        self.probability = probability

    def transform(self, results: dict) -> dict:
        """Mirror."""
        if get_sample_rng(results).random() >= self.probability:
            return results
        results['img'] = [np.ascontiguousarray(image[:, ::-1]) for image in results['img']]
        results['flip'] = [True] * len(results['img'])
        results['flip_direction'] = ['horizontal'] * len(results['img'])
        if 'gt_masks' in results:
            set_masks(results, [m.masks[:, :, ::-1] for m in results['gt_masks']])
        if 'gt_seg_map' in results:
            results['gt_seg_map'] = [np.ascontiguousarray(m[:, ::-1]) for m in results['gt_seg_map']]
        return results


@TRANSFORMS.register_module()
class ClipRandomCrop(BaseTransform):
    """Cut the same window out of all frames; smaller frames stay as they are.

    Args:
        size: (H, W) of the window. Its longer side is along the frame's longer
            side, so it is transposed for portrait frames.
        long_side: Alternative to size: the longer side is cropped to at most this
            length, the shorter one is kept.
        attempts: Windows to try until the key clip keeps a segment;
            after that None is returned (another item is drawn).
        min_area: Segments with fewer pixels left are dropped.
    """

    def __init__(
        self, size: tuple[int, int] | None = None, long_side: int | None = None, attempts: int = 5, min_area: int = 4
    ) -> None:
        if (size is None) == (long_side is None):
            raise ValueError('ClipRandomCrop needs either size or long_side.')
        self.size = None if size is None else tuple(size)
        self.long_side = long_side
        self.attempts = attempts
        self.min_area = min_area

    def transform(self, results: dict) -> dict | None:
        """Crop; None if no window contains a segment."""
        height, width = results['img'][0].shape[:2]
        inner = self._window_size(height, width)
        rng = get_sample_rng(results)
        first_clip = slice(results.get('clip_length'))
        for _ in range(self.attempts):
            top = int(rng.integers(height - inner[0] + 1))
            left = int(rng.integers(width - inner[1] + 1))
            window = (slice(top, top + inner[0]), slice(left, left + inner[1]))
            if 'gt_masks' not in results or any(
                m.masks[:, window[0], window[1]].any() for m in results['gt_masks'][first_clip]
            ):
                self._cut(results, window, inner)
                return results
        return None

    def _window_size(self, height: int, width: int) -> tuple[int, int]:
        """(H, W) of the window in a frame of this size."""
        if self.long_side is not None:
            return min(height, self.long_side), min(width, self.long_side)
        short, long = sorted(self.size)
        size = (short, long) if height <= width else (long, short)
        return min(size[0], height), min(size[1], width)

    def _cut(self, results: dict, window: tuple[slice, slice], size: tuple[int, int]) -> None:
        results['img'] = [image[window] for image in results['img']]
        results['img_shape'] = [size] * len(results['img'])
        if 'gt_masks' in results:
            masks = [m.masks[(slice(None),) + window] for m in results['gt_masks']]
            set_masks(results, masks, self.min_area)
        if 'gt_seg_map' in results:
            results['gt_seg_map'] = [m[window] for m in results['gt_seg_map']]


@TRANSFORMS.register_module()
class ClipPhotoMetricDistortion(BaseTransform):
    """Brightness, contrast, colour balance and saturation of a whole item.

    Args:
        brightness: Largest shift, in levels of 0..255.
        contrast: Largest relative change.
        colour: Largest relative change of each channel.
        saturation: Largest relative change.
        probability: Probability of changing the item.
    """

    def __init__(
        self,
        brightness: float = 24.0,
        contrast: float = 0.25,
        colour: float = 0.08,
        saturation: float = 0.3,
        probability: float = 0.8,
    ) -> None:
        self.brightness = brightness
        self.contrast = contrast
        self.colour = colour
        self.saturation = saturation
        self.probability = probability

    def transform(self, results: dict) -> dict:
        """Change the colours by one lookup table per channel."""
        rng = get_sample_rng(results)
        if rng.random() >= self.probability:
            return results
        gain = (1 + rng.uniform(-self.contrast, self.contrast)) * (1 + rng.uniform(-self.colour, self.colour, 3))
        shift = rng.uniform(-self.brightness, self.brightness)
        levels = np.arange(256)[:, None]
        table = np.clip((levels - 128) * gain + 128 + shift, 0, 255)
        table = np.round(table).astype(np.uint8)[:, None]
        keep = 1 + rng.uniform(-self.saturation, self.saturation)
        results['img'] = [self._apply(image, table, keep) for image in results['img']]
        return results

    @staticmethod
    def _apply(image: np.ndarray, table: np.ndarray, keep: float) -> np.ndarray:
        image = cv2.LUT(image, table)
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        gray = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
        return cv2.addWeighted(image, keep, gray, 1 - keep, 0)
