"""Exemplars (prompts) of objects: a mask, a box or a point.

Shapes: T frames of the item, H W frame size, n exemplars of a frame, P sample points (x, y), u v descriptor bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmengine.structures import InstanceData

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors
from gvseg.core.query_init import interior_point, points_in_box, points_in_mask

from ..reading import DataError
from .loading import mask_boxes

KINDS = ('mask', 'box', 'point')
NUM_POINTS = 32


def check_point(point: Sequence[float], size: tuple[int, int], where: str) -> None:
    """Raise DataError if a point (x, y) is outside a frame (H, W)."""
    x, y = point
    if not (0 <= x < size[1] and 0 <= y < size[0]):
        raise DataError(
            f'Point ({x}, {y}) is outside the frame {where} of '
            f'width {size[1]} and height {size[0]}. Points are '
            '(x, y) in pixels from the upper left corner.'
        )


def box_region(box: Sequence[float], size: tuple[int, int], where: str) -> np.ndarray:
    """(H, W) uint8 region of a box (x1, y1, x2, y2).

    Raises:
        DataError: No pixel of the box is inside the frame.
    """
    region = np.zeros(size, np.uint8)
    x1, y1, x2, y2 = (int(round(float(v))) for v in box)
    region[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)] = 1
    if not region.any():
        raise DataError(
            f'Box {tuple(box)} covers no pixel of the frame '
            f'{where} of width {size[1]} and height {size[0]}. '
            'Boxes are (x1, y1, x2, y2) in pixels.'
        )
    return region


def sample_exemplar(kind: str, mask: np.ndarray, rng: np.random.Generator | None) -> tuple[np.ndarray, np.ndarray]:
    """Sample points and region of an exemplar from a mask.

    Args:
        kind: 'mask', 'box' or 'point'.
        mask: (H, W) uint8, not empty.
        rng: None = deterministic: evenly spaced points; kind 'point' takes the
            innermost pixel.

    Returns:
        tuple: (P, 2) float32 x, y and the (H, W) uint8 region that the
        descriptor describes, all zero for a point.
    """
    inside = mask.astype(bool)
    if kind == 'mask':
        return points_in_mask(inside, NUM_POINTS, rng), mask
    if kind == 'box':
        box = mask_boxes(mask[None])[0]
        return (points_in_box(box, NUM_POINTS), box_region(box, mask.shape, 'of the mask'))
    if rng is None:
        point = np.asarray(interior_point(inside), np.float32)
    else:
        point = np.asarray(points_in_mask(inside, 1, rng), np.float32)[0]
    return np.tile(point, (NUM_POINTS, 1)), np.zeros_like(mask)


@dataclass
class Exemplar:
    """Prompt of one object, in pixels of the network's input frame.

    :func:`pack_exemplars` writes the exemplars of a frame to its data sample (field ``exemplars``);
    the head combines those of a clip into a :class:`gvseg.models.structures.ExemplarBatch`, in fractions of the input.

    Attributes:
        identity: Object id.
        kind: One of ``KINDS``.
        points: (P, 2) x, y.
        region: (H, W) uint8 region of the descriptor; all zero = none.
        given_mask: Mask given by the user, bool, at the size of the
            original frame; it is the prediction of its own frame.
            None for boxes and points, and in training.
    """

    identity: int
    kind: str
    points: np.ndarray
    region: np.ndarray
    given_mask: np.ndarray | None = None


def make_exemplar(identity: int, kind: str, value: Sequence, size: tuple[int, int], where: str) -> Exemplar:
    """Make an exemplar from a user's prompt, in pixels of the network's input frame.

    Args:
        identity: Object id.
        kind: 'mask', 'box' or 'point'.
        value: (H, W) mask, box (x1, y1, x2, y2) or point (x, y).
        size: (H, W) of the frame.
        where: Name of the frame for error messages.

    Raises:
        DataError: The prompt is outside the frame, of another size, or empty.
    """
    if kind == 'point':
        check_point(value, size, where)
        points = np.tile(np.asarray(value, np.float32), (NUM_POINTS, 1))
        return Exemplar(identity, kind, points, np.zeros(size, np.uint8))
    if kind == 'box':
        region = box_region(value, size, where)
        box = mask_boxes(region[None])[0]
        return Exemplar(identity, kind, points_in_box(box, NUM_POINTS), region)
    mask = np.asarray(value).astype(bool)
    if mask.shape != size:
        raise DataError(
            f'The mask of object {identity} is '
            f'{"x".join(map(str, mask.shape))} but the frame '
            f'{where} is {size[0]}x{size[1]}.'
        )
    if not mask.any():
        raise DataError(f'The mask of object {identity} in {where} is empty: there is nothing to follow.')
    return Exemplar(identity, kind, points_in_mask(mask, NUM_POINTS, None), mask.astype(np.uint8))


def pack_exemplars(
    frames: Sequence[Sequence[Exemplar]],
    spec: DescriptorSpec,
    dim: int,
    size: tuple[int, int],
    with_regions: bool = False,
) -> list[InstanceData]:
    """Pack the exemplars of T frames for the model.

    Args:
        frames: T lists of n exemplars.
        spec, dim: Descriptor settings, as in the model's config.
        size: (H, W).
        with_regions: Also pack regions, for models that choose among
            tubes (SelectedTracks).

    Returns:
        list: T InstanceData of instances_ids (n,), kinds (n,), points
        (n, P, 2), descriptors (n, u, v), given_masks, a list of n bool
        tensors or None, and regions, a list of n bool tensors (H, W).
    """
    shown = [exemplar for frame in frames for exemplar in frame]
    regions = [exemplar.region for exemplar in shown]
    stack = np.stack(regions) if shown else np.zeros((0,) + size, np.uint8)
    descriptors = compute_descriptors(torch.from_numpy(stack).bool(), spec, dim, size)
    # A point has no extent, so its "outside the frame" bins carry no information.
    known = torch.from_numpy(stack.any((1, 2)))
    place = np.array([e.points for e in shown], np.float32).reshape(-1, NUM_POINTS, 2)
    fields = dict(
        instances_ids=torch.tensor([e.identity for e in shown]).long(),
        kinds=torch.tensor([KINDS.index(e.kind) for e in shown]).long(),
        points=torch.from_numpy(place),
        descriptors=descriptors * known[:, None, None],
    )
    if with_regions:
        fields['regions'] = torch.from_numpy(stack).bool()
    counts = [len(frame) for frame in frames]
    parts = {key: value.split(counts) for key, value in fields.items()}
    return [
        InstanceData(
            given_masks=[_tensor(e.given_mask) for e in frame], **{key: part[i] for key, part in parts.items()}
        )
        for i, frame in enumerate(frames)
    ]


def _tensor(mask: np.ndarray | None) -> torch.Tensor | None:
    return None if mask is None else torch.from_numpy(mask)
