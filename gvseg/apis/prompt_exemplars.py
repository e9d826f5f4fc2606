"""Object prompts of one frame combined into exemplars for the model, one for every object.

* Positive masks of an object are united, its negative masks cut out. The outcome is the object's result in that frame,
  pixel by pixel, so that boxes and points beside it change nothing there.
* Without a mask, points say what the object looks like (the mean of the features at them) and boxes where it ends
  (their union, which is described by shape and position). Boxes without points say both.
* Every negative point, box and mask is a background exemplar, which competes with its own object only
  (:func:`gvseg.models.exemplars.subtract_backgrounds`), in this frame.

Nothing depends on the order in which prompts were given.

Shapes: H W frame size, h w size of the network's input, P sample points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from gvseg.core.query_init import points_in_mask
from gvseg.datasets.transforms.exemplar_data import NUM_POINTS, Exemplar, make_exemplar
from gvseg.models.exemplars import MOST_BACKGROUNDS, background_id
from gvseg.utils.errors import InputError

from .shown_objects import ObjectPrompt

Size = tuple[int, int]


def frame_exemplars(prompts: Iterable[ObjectPrompt], size: Size, resized: Size) -> list[Exemplar]:
    """Exemplars of the objects of one frame, sampled deterministically as in testing; background exemplars behind.

    Args:
        prompts: of that frame.
        size: (H, W) of the frame.
        resized: (h, w) of the network's input without padding.

    Raises:
        DataError: a prompt does not fit the frame.
        InputError: negative masks leave nothing of an object's mask.
    """
    objects: dict[int, list[ObjectPrompt]] = {}
    for prompt in sorted(prompts, key=_place):
        objects.setdefault(prompt.identity, []).append(prompt)
    shown = [_object_exemplar(own, size, resized) for own in objects.values() if any(one.positive for one in own)]
    return shown + [one for own in objects.values() for one in _background_exemplars(own, size, resized)]


def _place(prompt: ObjectPrompt) -> tuple:
    """Order of prompts that does not depend on when they were given."""
    value = getattr(prompt, prompt.kind)
    first = (int(np.argmax(np.asarray(value) != 0)),) if prompt.kind == 'mask' else tuple(map(float, value))
    return prompt.identity, prompt.kind, first


def _object_exemplar(prompts: list[ObjectPrompt], size: Size, resized: Size) -> Exemplar:
    """The exemplar of an object with these prompts, at least one of them positive."""
    positive = [prompt for prompt in prompts if prompt.positive]
    identity, where = prompts[0].identity, positive[0].place
    if any(prompt.kind == 'mask' for prompt in positive):
        mask = combined_mask(prompts, size)
        shown = make_exemplar(identity, 'mask', _scaled(mask, resized), resized, where)
        return replace(shown, given_mask=mask)
    single = [_single(prompt, size, resized) for prompt in positive]
    points = [shown.points[0] for shown in single if shown.kind == 'point']
    boxes = [shown for shown in single if shown.kind == 'box']
    if len(boxes) > 1:
        region = np.maximum.reduce([shown.region for shown in boxes])
        boxes = [replace(boxes[0], region=region, points=points_in_mask(region, NUM_POINTS))]
    shown = boxes[0] if boxes else single[0]
    return replace(shown, points=repeated(points)) if points else shown


def combined_mask(prompts: Sequence[ObjectPrompt], size: Size) -> np.ndarray:
    """Union (H, W) of the positive masks of one object in one frame without its negative ones.

    Raises:
        DataError: a mask is of another size or empty.
        InputError: nothing is left.
    """
    mask = np.zeros(size, bool)
    masks = [prompt for prompt in prompts if prompt.kind == 'mask']
    for prompt in sorted(masks, key=lambda prompt: not prompt.positive):
        prompt.check(size)
        mask[np.asarray(prompt.mask) != 0] = prompt.positive
    if not mask.any():
        raise InputError(
            f'Negative masks cover all of the mask of object {masks[0].identity} in frame {masks[0].place}: '
            'nothing is left to follow.'
        )
    return mask


def repeated(points: Sequence[np.ndarray]) -> np.ndarray:
    """Some points (x, y), each as often as the others or once more, (P, 2).

    Raises:
        InputError: there are more than an exemplar has sample points.
    """
    if len(points) > NUM_POINTS:
        raise InputError(f'{len(points)} positive points on one object in one frame: at most {NUM_POINTS} are used.')
    return np.resize(np.asarray(points, np.float32), (NUM_POINTS, 2))


def _background_exemplars(prompts: list[ObjectPrompt], size: Size, resized: Size) -> list[Exemplar]:
    """One exemplar for each negative prompt of an object."""
    negative = [prompt for prompt in prompts if not prompt.positive]
    if len(negative) > MOST_BACKGROUNDS:
        raise InputError(f'{len(negative)} negative prompts in one frame: at most {MOST_BACKGROUNDS} are taken.')
    return [
        replace(_single(prompt, size, resized), identity=background_id(prompt.identity, prompt.frame, index))
        for index, prompt in enumerate(negative)
    ]


def _single(prompt: ObjectPrompt, size: Size, resized: Size) -> Exemplar:
    """The exemplar of one prompt."""
    scale = np.array([resized[1] / size[1], resized[0] / size[0]])
    if prompt.mask is not None:
        mask = np.asarray(prompt.mask) != 0
        shown = make_exemplar(prompt.identity, 'mask', _scaled(mask, resized), resized, prompt.place)
        return replace(shown, given_mask=mask)
    if prompt.box is not None:
        box = _whole_box(np.asarray(prompt.box, float) * np.tile(scale, 2), resized)
        return make_exemplar(prompt.identity, 'box', box, resized, prompt.place)
    point = np.asarray(prompt.point, float) * scale
    return make_exemplar(prompt.identity, 'point', point, resized, prompt.place)


def _scaled(mask: np.ndarray, size: Size) -> np.ndarray:
    """A mask at another size; one too small to survive keeps a pixel at its centre."""
    resized = cv2.resize(mask.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    if not resized.any():
        row, column = (int(places.mean() * new / old) for places, new, old in zip(np.nonzero(mask), size, mask.shape))
        resized[row, column] = 1
    return resized


def _whole_box(box: np.ndarray, size: Size) -> np.ndarray:
    """A box with whole corners that encloses at least a pixel of a frame (h, w)."""
    limit = np.array(size[::-1])
    low = np.clip(np.round(box[:2]), 0, limit - 1)
    return np.concatenate((low, np.clip(np.round(box[2:]), low + 1, limit)))
