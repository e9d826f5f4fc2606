"""What the model is shown of an object: its mask, a box or a point.

Letters: T frames of the item, H W frame size, n exemplars of a frame, P
sample points (x, y), u v angle and radius bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS
from mmengine.structures import InstanceData

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors
from gvseg.core.query_init import interior_point, points_in_box, points_in_mask

from ..reading import DataError, warn_once
from .geometry import get_sample_rng
from .loading import mask_boxes

KINDS = ('mask', 'box', 'point')
NUM_POINTS = 32


def check_point(point: Sequence[float], size: tuple[int, int], where: str) -> None:
    """Raise DataError where a point (x, y) is outside a frame (H, W)."""
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
    """Points and region of an exemplar made from a mask.

    Args:
        kind: 'mask', 'box' or 'point'.
        mask: (H, W) uint8, not empty.
        rng: None = deterministic: points evenly spaced, the point of kind
            'point' the most interior pixel.

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
    """One object as it is shown to the model.

    Attributes:
        identity: Object id.
        kind: One of ``KINDS``.
        points: (P, 2) x, y.
        region: (H, W) uint8 that the descriptor describes; zero = nothing.
        given_mask: The mask as it was given, bool, at the size of the
            original frame; it is the object's result in its own frame.
            None: a box or a point, which are only hints, or training.
    """

    identity: int
    kind: str
    points: np.ndarray
    region: np.ndarray
    given_mask: np.ndarray | None = None


def make_exemplar(identity: int, kind: str, value: Sequence, size: tuple[int, int], where: str) -> Exemplar:
    """Exemplar that a user gives, in pixels of the frame the model sees.

    Args:
        identity: Object id.
        kind: 'mask', 'box' or 'point'.
        value: (H, W) mask, box (x1, y1, x2, y2) or point (x, y).
        size: (H, W) of the frame.
        where: Name of the frame for messages.

    Raises:
        DataError: Outside the frame, of another size, or empty.
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
    frames: Sequence[Sequence[Exemplar]], spec: DescriptorSpec, dim: int, size: tuple[int, int]
) -> list[InstanceData]:
    """Exemplars of T frames in the form that the model reads.

    Args:
        frames: T lists of n exemplars.
        spec, dim: Of the descriptor, as in the model's config.
        size: (H, W).

    Returns:
        list: T InstanceData of instances_ids (n,), kinds (n,), points
        (n, P, 2), descriptors (n, u, v) and given_masks, a list of n bool
        tensors or None.
    """
    shown = [exemplar for frame in frames for exemplar in frame]
    regions = [exemplar.region for exemplar in shown]
    stack = np.stack(regions) if shown else np.zeros((0,) + size, np.uint8)
    descriptors = compute_descriptors(torch.from_numpy(stack).bool(), spec, dim, size)
    # The "outside the frame" bins of a point would claim a place it lacks.
    known = torch.from_numpy(stack.any((1, 2)))
    place = np.array([e.points for e in shown], np.float32).reshape(-1, NUM_POINTS, 2)
    fields = dict(
        instances_ids=torch.tensor([e.identity for e in shown]).long(),
        kinds=torch.tensor([KINDS.index(e.kind) for e in shown]).long(),
        points=torch.from_numpy(place),
        descriptors=descriptors * known[:, None, None],
    )
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


@TRANSFORMS.register_module()
class MakeExemplars(BaseTransform):
    """Adds ``exemplars``: for every frame an InstanceData.

    Training: every object of every clip of the item is shown in one frame of
    that clip, mostly the first it is present in, in a random kind.
    Testing: an object is shown where the data set says (``exemplar_ids``),
    everything deterministic.

    Args:
        kinds: Kinds to draw from; testing takes the first.
        training: See above.
        dim: Width of the queries; scales the descriptor.
        descriptor: Options of ``DescriptorSpec``, as in the model's config.
        first_frame: Training: probability of the first possible frame.
    """

    def __init__(
        self,
        kinds: Sequence[str] = KINDS,
        training: bool = True,
        dim: int = 256,
        descriptor: dict | None = None,
        first_frame: float = 0.8,
    ) -> None:
        kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        if not kinds or set(kinds) - set(KINDS):
            raise ValueError(f'kinds must be some of {KINDS}, not {kinds}')
        self.kinds = kinds
        self.training = training
        self.dim = dim
        self.spec = DescriptorSpec(**(descriptor or {}))
        self.first_frame = first_frame

    def transform(self, results: dict) -> dict:
        """Make them from ``gt_masks`` and ``gt_instances_ids``."""
        rng = get_sample_rng(results) if self.training else None
        shown = self._draw(results, rng) if self.training else self._prescribed(results)
        frames = [self._frame(results, frame, rows, rng) for frame, rows in enumerate(shown)]
        results['exemplars'] = pack_exemplars(frames, self.spec, self.dim, tuple(results['img_shape'][0]))
        return results

    def _draw(self, results: dict, rng: np.random.Generator) -> list[list[int]]:
        """Rows of ``gt_masks`` shown in each frame, training."""
        frame_ids = results['gt_instances_ids']
        length = results.get('clip_length', len(frame_ids))
        shown: list[list[int]] = [[] for _ in frame_ids]
        for start in range(0, len(frame_ids), length):
            present: dict[int, list[tuple[int, int]]] = {}
            for frame in range(start, start + length):
                for row, identity in enumerate(frame_ids[frame].tolist()):
                    present.setdefault(identity, []).append((frame, row))
            for places in present.values():
                choice = 0
                if rng.random() >= self.first_frame:
                    choice = int(rng.integers(len(places)))
                frame, row = places[choice]
                shown[frame].append(row)
        return shown

    def _prescribed(self, results: dict) -> list[list[int]]:
        """Rows of ``gt_masks`` shown in each frame, testing."""
        if 'exemplar_ids' not in results:
            raise DataError(
                'MakeExemplars(training=False) needs a data set '
                'that tells where objects are shown, such as '
                'YouTubeVOSDataset or DAVISDataset.'
            )
        shown = []
        for frame, wanted in enumerate(results['exemplar_ids']):
            ids = results['gt_instances_ids'][frame].tolist()
            missing = set(wanted or ()) - set(ids)
            if missing:
                warn_once(
                    f'Object {sorted(missing)} has no pixel in '
                    f'{self._map_name(results, frame)}, where it is to '
                    'be shown to the model; it is left out.'
                )
            if wanted is None and not ids:
                warn_once(f'{self._map_name(results, frame)} is empty: no object to follow in this video.')
            shown.append([row for row, identity in enumerate(ids) if wanted is None or identity in wanted])
        return shown

    @staticmethod
    def _map_name(results: dict, frame: int) -> str:
        maps = results.get('seg_map_path') or results['img_path']
        return maps[frame] or results['img_path'][frame]

    def _frame(self, results: dict, frame: int, rows: list[int], rng: np.random.Generator | None) -> list[Exemplar]:
        masks = results['gt_masks'][frame].masks
        ids = results['gt_instances_ids'][frame]
        given = {} if self.training else self._given(results, frame)
        exemplars = []
        for row in rows:
            kind = self.kinds[0]
            if rng is not None:
                kind = self.kinds[int(rng.integers(len(self.kinds)))]
            if int(ids[row]) in given:
                exemplars.append(
                    make_exemplar(
                        int(ids[row]),
                        kind,
                        given[int(ids[row])],
                        tuple(results['img_shape'][frame]),
                        results['img_path'][frame],
                    )
                )
                continue
            exemplars.append(
                Exemplar(
                    int(ids[row]),
                    kind,
                    *sample_exemplar(kind, masks[row], rng),
                    self._given_mask(results, frame, int(ids[row])),
                )
            )
        return exemplars

    def _given_mask(self, results: dict, frame: int, identity: int) -> np.ndarray | None:
        """The mask of an object as it is given, where masks are, in testing."""
        if self.training or self.kinds[0] != 'mask' or 'exemplar_masks' not in results:
            return None
        return results['exemplar_masks'][frame][identity] != 0

    def _given(self, results: dict, frame: int) -> dict[int, list[float]]:
        """Boxes or points that the data set gives for objects of a frame,
        in pixels of the resized frame."""
        entries = results['given_exemplars'][frame] if 'given_exemplars' in results else None
        scale = np.asarray(results['scale_factor'][frame], float)
        return {
            identity: (np.asarray(values[self.kinds[0]], float).reshape(-1, 2) * scale).reshape(-1).tolist()
            for identity, values in (entries or {}).items()
            if self.kinds[0] in values
        }
