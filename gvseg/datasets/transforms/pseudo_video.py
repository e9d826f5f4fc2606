"""Clips from one still image in random affine motion.

Paper section 4.1 ("pseudo videos" from COCO): either the whole photo moves, or
some of its instances do. Shapes: T frames of the item, H W frame size, n
instances.
"""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS

from gvseg.core.frame_sampling import clip_frames, sample_reference_clips

from ..segments import Segments
from .affine_motion import AffineMotion, motion_limits
from .geometry import get_sample_rng
from .loading import set_segments


def fill_holes(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill unknown pixels with means of known ones at increasingly coarse scales.

    Args:
        image: (H, W, 3) float32.
        known: (H, W) float32, 1 = keep the pixel, 0 = fill it.

    Returns:
        np.ndarray: (H, W, 3) float32.
    """
    if min(known.shape) < 2 or known.all():
        return image
    half = (max(1, known.shape[1] // 2), max(1, known.shape[0] // 2))
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(image * known[..., None], half, interpolation=cv2.INTER_AREA)
    mean = mean / np.maximum(weight, 1e-6)[..., None]
    coarse = fill_holes(mean, (weight > 0).astype(np.float32))
    large = cv2.resize(coarse, known.shape[::-1])
    return np.where(known[..., None] > 0, image, large)


class _PseudoVideoBase(BaseTransform):
    """Base class: samples the frames of an item from a pseudo video.

    Args:
        clip_length: Frames of a clip.
        num_references: Reference clips, from the whole pseudo video.
        length: Frames of the pseudo video.
    """

    def __init__(self, clip_length: int = 3, num_references: int = 1, length: int = 30) -> None:
        if clip_length > length:
            raise ValueError(f'A pseudo video of {length} frames has no clip of {clip_length}.')
        self.clip_length = clip_length
        self.num_references = num_references
        self.length = length

    def _times(self, rng: np.random.Generator) -> list[int]:
        """Frame indices of the item, key clip first."""
        key = int(rng.integers(self.length - self.clip_length + 1))
        starts = [key] + [
            int(v)
            for v in sample_reference_clips(
                key, self.length, self.clip_length, self.num_references, rng, scope='video', reach=self.length
            )
        ]
        return [frame for start in starts for frame in clip_frames(start, self.clip_length, self.length)]

    def _expand(self, results: dict, times: list[int]) -> None:
        """Repeat the keys of the single frame for every new frame."""
        for key, value in results.items():
            if isinstance(value, list) and len(value) == 1:
                results[key] = value * len(times)
        results['frame_id'] = list(times)
        results['video_length'] = [len(times)] * len(times)
        results['ori_video_length'] = [self.length] * len(times)
        results['clip_length'] = self.clip_length
        results['key_frame_flags'] = [i < self.clip_length for i in range(len(times))]


@TRANSFORMS.register_module()
class CameraPseudoVideo(_PseudoVideoBase):
    """Make clips of a moving camera from an item of one frame.

    The photo moves as a whole and every annotated instance stays labelled, as
    in the pseudo videos of the solutions that the paper follows. Pixels
    outside the photo have one colour.

    Args:
        limits: Largest shift (fraction of the short side), rotation (degrees)
            and relative scale.
        fill: Colour outside the photo, BGR; the default is ImageNet's mean,
            which equals padding after normalisation.
        kwargs: Of the clips: ``clip_length``, ``num_references``, ``length``.
    """

    def __init__(
        self,
        limits: tuple[float, float, float] = (0.15, 15.0, 0.25),
        fill: tuple[int, int, int] = (104, 116, 124),
        **kwargs: int,
    ) -> None:
        super().__init__(**kwargs)
        self.limits = limits
        self.fill = tuple(fill)

    def transform(self, results: dict) -> dict | None:
        """Make the clips; None if the key clip has no instance."""
        rng = get_sample_rng(results)
        image, masks = results['img'][0], results['gt_masks'][0].masks
        everything = Segments(
            results['gt_bboxes_labels'][0], np.arange(1, 1 + len(masks)), masks, results['gt_ignore_flags'][0]
        )
        times = self._times(rng)
        centre = np.array(image.shape[1::-1]) / 2
        motion = AffineMotion.draw(rng, centre, motion_limits(self.limits, image.shape), self.length)
        poses = [motion.at(time) for time in times]
        segments = [_moved_segments(everything, pose) for pose in poses]
        if not any(len(s.ids) for s in segments[: self.clip_length]):
            return None
        self._expand(results, times)
        results['img'] = [cv2.warpAffine(image, pose[:2], image.shape[1::-1], borderValue=self.fill) for pose in poses]
        set_segments(results, segments)
        return results


@TRANSFORMS.register_module()
class PseudoVideo(_PseudoVideoBase):
    """Make clips of moving instances from an item of one frame.

    Some instances move over the background, whose holes are filled; the
    background moves too (camera). With probability ``twin`` one instance gets
    a copy with its own motion, so that appearance alone does not identify it.
    Static instances stay visible but unlabelled: for tasks that segment every
    instance use :class:`CameraPseudoVideo`.

    Args:
        max_objects: Largest number of moving instances.
        min_area: Smallest fraction of the frame that a moving instance covers.
        limits: Largest shift (fraction of the short side), rotation (degrees)
            and relative scale of an instance; a third of it for the camera.
        twin: Probability of a twin.
        occluder: Probability of an additional, unlabelled instance that moves farther, in front of the others.
        leave: Probability that an instance moves three times as far, usually out of the frame.
        kwargs: Of the clips: ``clip_length``, ``num_references``, ``length``.
    """

    def __init__(
        self,
        max_objects: int = 4,
        min_area: float = 0.005,
        limits: tuple[float, float, float] = (0.25, 20.0, 0.3),
        twin: float = 0.3,
        occluder: float = 0.0,
        leave: float = 0.0,
        **kwargs: int,
    ) -> None:
        super().__init__(**kwargs)
        self.max_objects = max_objects
        self.min_area = min_area
        self.limits = limits
        self.twin = twin
        self.occluder = occluder
        self.leave = leave

    def transform(self, results: dict) -> dict | None:
        """Make the clips; None if no instance is large enough, or the key clip has none."""
        rng = get_sample_rng(results)
        image = results['img'][0]
        rows = self._choose(results, rng)
        if not rows:
            return None
        times = self._times(rng)
        passing = [int(rng.choice(rows))] if self.occluder and rng.random() < self.occluder else []
        masks = results['gt_masks'][0].masks[rows + passing]
        frames, stacks = self._animate(image, masks, self._reach(len(rows), len(passing), rng), times, rng)
        labels, masks = results['gt_bboxes_labels'][0][rows], masks[: len(rows)]
        self._expand(results, times)
        results['img'] = frames
        ids = np.arange(1, 1 + len(rows))
        everything = Segments(labels, ids, masks, np.zeros(len(rows), bool))
        segments = []
        for stack in (stack[: len(rows)] for stack in stacks):
            frame = Segments(everything.labels, everything.ids, stack, everything.ignored)
            segments.append(frame.select(stack.any((1, 2))))
        if not any(len(frame.ids) for frame in segments[: self.clip_length]):
            return None
        set_segments(results, segments)
        return results

    def _choose(self, results: dict, rng: np.random.Generator) -> list[int]:
        """Rows of the moving instances; a twin is a repeated row."""
        masks = results['gt_masks'][0].masks
        share = masks.mean((1, 2)) if len(masks) else np.zeros(0)
        rows = np.flatnonzero((share >= self.min_area) & (share < 0.7))
        if not len(rows):
            return []
        count = int(rng.integers(1, min(self.max_objects, len(rows)) + 1))
        chosen = rng.choice(rows, count, replace=False).tolist()
        if rng.random() < self.twin:
            chosen.append(chosen[int(rng.integers(count))])
        return chosen

    def _reach(self, count: int, passing: int, rng: np.random.Generator) -> list[float]:
        """Motion scale of each instance; occluders come last."""
        far = [3.0 if self.leave and rng.random() < self.leave else 1.0 for _ in range(count)]
        return far + [3.0] * passing

    def _animate(
        self, image: np.ndarray, masks: np.ndarray, reach: list[float], times: list[int], rng: np.random.Generator
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Frames and their visible masks (n, H, W)."""
        height, width = image.shape[:2]
        limits = motion_limits(self.limits, image.shape)
        camera = AffineMotion.draw(rng, np.array([width, height]) / 2, limits / 3, self.length)
        motions = [
            AffineMotion.draw(rng, _centroid(mask), limits * np.array([far, far, 1, 1]), self.length)
            for mask, far in zip(masks, reach)
        ]
        holes = cv2.dilate(masks.max(0), np.ones((7, 7), np.uint8))
        picture = image.astype(np.float32)
        background = _background(picture, holes == 0, rng.random() < 0.5)
        alphas = [cv2.GaussianBlur(m.astype(np.float32), (3, 3), 0) for m in masks]
        frames, stacks = [], []
        for time in times:
            poses = [camera.at(time) @ motion.at(time) for motion in motions]
            frame, stack = _compose(background, camera.at(time), picture, alphas, poses)
            frames.append(frame)
            stacks.append(stack)
        return frames, stacks


def _background(picture: np.ndarray, known: np.ndarray, mirrored: bool) -> np.ndarray:
    """(H, W, 3) picture without the moving instances. If ``mirrored``, holes show
    the mirrored picture, so that blur does not reveal the background."""
    if mirrored:
        usable = ~known & known[:, ::-1]
        picture = np.where(usable[..., None], picture[:, ::-1], picture)
        known = known | usable
    return fill_holes(picture, known.astype(np.float32))


def _moved_segments(segments: Segments, pose: np.ndarray) -> Segments:
    """Segments of the photo in a pose (3, 3), without those outside the frame."""
    size = segments.masks.shape[1:]
    masks = [cv2.warpAffine(mask, pose[:2], size[::-1], flags=cv2.INTER_NEAREST) for mask in segments.masks]
    stack = np.stack(masks) if masks else np.zeros((0, *size), np.uint8)
    return Segments(segments.labels, segments.ids, stack, segments.ignored).select(stack.any((1, 2)))


def _centroid(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()])


def _warp(image: np.ndarray, matrix: np.ndarray, border: int) -> np.ndarray:
    return cv2.warpAffine(image, matrix[:2], image.shape[1::-1], borderMode=border)


def _compose(
    background: np.ndarray, camera: np.ndarray, picture: np.ndarray, alphas: list[np.ndarray], poses: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """One frame (H, W, 3) uint8 and visible masks (n, H, W) uint8; later
    instances cover earlier ones."""
    frame = _warp(background, camera, cv2.BORDER_REFLECT_101)
    stack = np.zeros((len(alphas),) + frame.shape[:2], np.uint8)
    for index, (alpha, pose) in enumerate(zip(alphas, poses)):
        alpha = _warp(alpha, pose, cv2.BORDER_CONSTANT)
        inside = alpha >= 0.5
        stack[:index, inside] = 0
        stack[index] = inside
        moved = _warp(picture, pose, cv2.BORDER_REFLECT_101)
        frame += (moved - frame) * alpha[..., None]
    return np.clip(frame, 0, 255).astype(np.uint8), stack
