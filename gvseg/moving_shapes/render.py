"""Draw a planned scene: frames, semantic maps and instance maps.

Shapes: T frames, H W frame size, n things, P outline points.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from gvseg.formats.constants import VOID_VALUE

from .occluders import Bars
from .scene import FRAME_HEIGHT, THING_CLASSES, Scene, Thing, plan_scene
from .textures import STUFF_CLASSES, pattern_mix, smooth_noise, stuff_texture

CLASSES = THING_CLASSES + STUFF_CLASSES
MARGIN_X, MARGIN_Y = 36, 20  # margin of the background around the frame, pixels of the plan
MIN_VISIBLE = 12  # fewer visible pixels than this are void, not an instance
_SHIFT = 4  # sub-pixel bits of cv2.fillPoly


@dataclass
class Frame:
    """One drawn frame.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        labels: (H, W) uint8 contiguous class of ``CLASSES`` (things first),
            ``VOID_VALUE`` where too little of a thing is visible.
        instances: (H, W) uint8, 0 for stuff, else 1 + index of the thing.
    """

    image: np.ndarray
    labels: np.ndarray
    instances: np.ndarray


def _outline(shape: str) -> np.ndarray:
    """(P, 2) closed outline of a shape of about unit radius."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    if shape in ('disk', 'ring'):
        return circle
    if shape == 'square':
        corners = [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
    elif shape == 'triangle':
        turns = np.pi * np.array([-0.5, 1 / 6, 5 / 6])
        corners = 1.25 * np.stack([np.cos(turns), np.sin(turns)], 1)
    elif shape == 'star':
        turns = np.pi * np.arange(10) / 5
        reach = np.where(np.arange(10) % 2, 0.52, 1.25)[:, None]
        corners = reach * np.stack([np.cos(turns), np.sin(turns)], 1)
    else:
        arm, end = 0.36, 1.1
        corners = [
            (-arm, -end),
            (arm, -end),
            (arm, -arm),
            (end, -arm),
            (end, arm),
            (arm, arm),
            (arm, end),
            (-arm, end),
            (-arm, arm),
            (-end, arm),
            (-end, -arm),
            (-arm, -arm),
        ]
    corners = np.asarray(corners, float)
    steps = np.linspace(0, 1, 8, endpoint=False)[:, None]
    following = np.roll(corners, -1, 0)
    return np.concatenate([a * (1 - steps) + b * steps for a, b in zip(corners, following)])


_OUTLINES = {name: _outline(name) for name in THING_CLASSES}


class Renderer:
    """Draws the frames of one scene.

    Args:
        scene: The plan.
        rng: Source of randomness for textures, layout and sensor noise.
        bars: Occluders in front of the scene.
    """

    def __init__(self, scene: Scene, rng: np.random.Generator, bars: Bars | None = None) -> None:
        self.scene = scene
        self.rng = rng
        self.bars = bars
        self.stuff_labels, self.stuff_image = self._world()

    def _world(self) -> tuple[np.ndarray, np.ndarray]:
        """Stuff label map and image of the background that the camera views."""
        scale = self.scene.scale
        shape = (self.scene.size[0] + round(2 * MARGIN_Y * scale), self.scene.size[1] + round(2 * MARGIN_X * scale))
        cells = self._layout(shape)
        labels = np.zeros(shape, np.uint8)
        image = np.zeros(shape + (3,), np.float32)
        for cell, name in enumerate(self.scene.stuff):
            inside = cells == cell
            labels[inside] = CLASSES.index(name)
            image[inside] = stuff_texture(name, self.rng, shape)[inside]
        return labels, image

    def _layout(self, shape: tuple[int, int]) -> np.ndarray:
        """Cell 0..4 of every world pixel: three wavy bands, two of them
        split by oblique lines."""
        rng, (height, width) = self.rng, shape
        rows, columns = np.indices(shape, dtype=np.float32)
        warp = smooth_noise(rng, shape, 30) * 7
        slope = rng.uniform(-0.15, 0.15)
        level = (rows + warp + slope * (columns - width / 2)) / height
        upper, lower = rng.uniform(0.33, 0.42), rng.uniform(0.6, 0.7)
        band = (level > upper).astype(np.int64) + (level > lower)
        lean = rng.uniform(-0.7, 0.7, 2)
        place = rng.uniform(0.35, 0.65, 2) * width
        for split, target in enumerate(rng.permutation(3)[:2]):
            line = columns + lean[split] * (rows - height / 2) + warp
            band[(band == target) & (line > place[split])] = 3 + split
        return band

    def _camera(self, time: int) -> np.ndarray:
        """(2, 3) affine from plan coordinates to frame pixels."""
        scene = self.scene
        zoom = scene.zoom.at(time) * scene.scale
        half = np.array([scene.size[1], scene.size[0]]) / 2
        look_at = half / scene.scale + np.array([scene.camera_x.at(time), scene.camera_y.at(time)])
        return np.column_stack([np.eye(2) * zoom, half - zoom * look_at])

    def frame(self, time: int) -> Frame:
        """Draw one frame.

        Args:
            time: 0..T-1.

        Returns:
            Frame: Image and maps.
        """
        scene, camera = self.scene, self._camera(time)
        size = scene.size[::-1]
        # World pixels -> plan coordinates -> frame pixels.
        to_plan = np.array([[1 / scene.scale, 0, -MARGIN_X], [0, 1 / scene.scale, -MARGIN_Y], [0, 0, 1]])
        affine = camera @ to_plan
        image = cv2.warpAffine(self.stuff_image, affine, size, borderMode=cv2.BORDER_REFLECT_101)
        labels = cv2.warpAffine(
            self.stuff_labels, affine, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101
        )
        instances = np.zeros(scene.size, np.uint8)
        for index, thing in enumerate(scene.things):
            inside = self._draw(image, thing, time, camera)
            labels[inside] = thing.look.shape
            instances[inside] = index + 1
        if self.bars is not None:
            self.bars.draw(time, image, labels, instances, CLASSES)
        for index in range(1, len(scene.things) + 1):
            visible = instances == index
            if visible.sum() < MIN_VISIBLE * scene.scale**2:
                labels[visible], instances[visible] = VOID_VALUE, 0
        image += self.rng.normal(0, 3, image.shape).astype(np.float32)
        return Frame(np.clip(image, 0, 255).astype(np.uint8), labels, instances)

    def _draw(self, image: np.ndarray, thing: Thing, time: int, camera: np.ndarray) -> np.ndarray:
        """Blend a thing into the image; returns its (H, W) bool mask."""
        to_frame = camera[:, :2] @ _pose(thing, time)
        centre = camera @ np.array([thing.x.at(time), thing.y.at(time), 1.0])
        contours = _contours(thing, time, to_frame, centre)
        inside = np.zeros(self.scene.size, bool)
        window = _window(contours[0], self.scene.size)
        if window is None:
            return inside
        corner = np.array([window[1].start, window[0].start])
        fixed = [np.round((c - corner) * 2**_SHIFT).astype(np.int32) for c in contours]
        coverage = np.zeros(inside[window].shape, np.uint8)
        rim = np.zeros_like(coverage)
        cv2.fillPoly(coverage, fixed, 255, cv2.LINE_AA, _SHIFT)
        cv2.polylines(rim, fixed, True, 255, 1, cv2.LINE_AA, _SHIFT)
        colour = _colour(thing, to_frame, centre - corner, coverage.shape)
        dark = np.float32(thing.look.colours[0]) * 0.3
        edge = rim.astype(np.float32)[..., None] / 255
        alpha = coverage.astype(np.float32)[..., None] / 255
        colour = colour * (1 - edge) + dark * edge
        image[window] = image[window] * (1 - alpha) + colour * alpha
        inside[window] = coverage >= 128
        return inside


def _contours(thing: Thing, time: int, to_frame: np.ndarray, centre: np.ndarray) -> list[np.ndarray]:
    """Outer and, for a ring, inner outline (P, 2) in frame pixels."""
    shape = THING_CLASSES[thing.look.shape]
    outline = _OUTLINES[shape]
    bearing = np.arctan2(outline[:, 1], outline[:, 0])
    bulge = 1 + thing.wobble.at(time) * np.sin(2 * bearing + thing.angle)
    outer = (outline * bulge[:, None]) @ to_frame.T + centre
    inner = [outer * 0.5 + centre * 0.5] if shape == 'ring' else []
    return [outer] + inner


def _window(contour: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice] | None:
    """The part of the frame that a contour may touch; None = nothing."""
    low = np.maximum(np.floor(contour.min(0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(contour.max(0)).astype(int) + 3, size[::-1])
    if (low >= high).any():
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])


def _colour(thing: Thing, to_frame: np.ndarray, centre: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) colour of a thing's pattern, fixed to the thing."""
    rows, columns = np.indices(shape, dtype=np.float32)
    inverse = np.linalg.inv(to_frame)
    offset = np.stack([columns - centre[0], rows - centre[1]])
    along, across = np.tensordot(inverse.astype(np.float32), offset, 1)
    mix = pattern_mix(thing.look.pattern, along, across)[..., None]
    first, second = (np.float32(c) for c in thing.look.colours)
    return first * (1 - mix) + second * mix


def _pose(thing: Thing, time: int) -> np.ndarray:
    """(2, 2) rotation, stretch and size of a thing at a time."""
    turn = thing.angle + thing.spin * time
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    radius = thing.look.radius * thing.growth.at(time)
    stretch = thing.stretch.at(time)
    return rotation @ np.diag([radius * stretch, radius / stretch])


def render_video(entropy: tuple[int, ...], length: int, size: tuple[int, int], occluders: int = 0) -> Iterator[Frame]:
    """Plan and draw one video.

    Args:
        entropy: Integers that name the video (seed, split, number).
        length: Number of frames T.
        size: (H, W), at least 48 x 48.
        occluders: Number of bars that pass in front; the scene behind them
            does not change.

    Yields:
        Frame: T frames.
    """
    if min(size) < FRAME_HEIGHT // 2:
        raise ValueError(
            f'Frames of {size[0]}x{size[1]} are too small: use at least {FRAME_HEIGHT // 2} pixels each way.'
        )
    rng = np.random.default_rng(entropy)
    bars = Bars(entropy, length, size, occluders) if occluders else None
    renderer = Renderer(plan_scene(rng, length, size), rng, bars)
    for time in range(length):
        yield renderer.frame(time)
