"""Objects that exemplars choose among the tubes of a model which was not trained for exemplars (EVS without training).

Shapes: N slots, n exemplars of a frame, T frames, H W network input, h w mask pixels.
"""

import warnings
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData
from torch import Tensor

from gvseg.core.tracking.assignment import assign
from gvseg.core.tracking.selection import point_overlap, region_overlap
from gvseg.models.exemplars import BACKGROUND
from gvseg.models.structures import TrackedClip

from ..exemplar import ExemplarOutput

BOX = 1
"""Kind of an exemplar, see :class:`gvseg.models.exemplars.ExemplarBatch`."""


@TASK_UTILS.register_module()
class SelectedTracks(ExemplarOutput):
    """Follows the slots that exemplars choose, as :class:`ExemplarOutput` follows those that were made for them.

    An exemplar chooses among the confident slots in its own frame: a mask the one of greatest IoU, a box the one whose
    bounding box has the greatest IoU with it, a point the smallest mask that it lies in. The exemplars of a frame are
    assigned together, each to a slot of its own. From then on the slot is the object; a later exemplar of the object
    chooses again, and its background exemplars (negative prompts) exclude the slots that they fit. Works with the
    outputs of every model, since a slot is an identity in all of them; a slot of stuff or of a class (VSS) is all that
    the class covers. An object in no tube is reported by a warning.

    Args:
        min_overlap: least IoU of a mask or box with the slot that it chooses, in (0, 1].
        presence: least class probability of a slot that is chosen, and of an object in the frames where it is shown.
        options: ``threshold`` and ``refinements`` of :class:`ExemplarOutput`.
    """

    class_agnostic = True

    def __init__(self, min_overlap: float = 0.3, presence: float = 0.3, **options: Any) -> None:
        super().__init__(presence=presence, **options)
        self.min_overlap = min_overlap

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        slots = dict(clip.chosen)
        for index, frame in enumerate(frames):
            slots.update(self._choose(clip, index, frame, slots))
            objects = torch.full_like(clip.objects, -1)
            for object_id, slot in slots.items():
                objects[slot] = object_id
            super().__call__(replace(clip.at_frames([index]), objects=objects), [frame])
        clip.chosen = slots

    def _choose(self, clip: TrackedClip, index: int, frame: DetDataSample, known: dict[int, int]) -> dict[int, int]:
        """Slot of each object that is shown in a frame, by object id."""
        shown = frame.exemplars if 'exemplars' in frame else None
        if shown is None or len(shown) == 0:
            return {}
        ids = shown.instances_ids
        free = clip.probabilities[:, :-1].max(-1).values > self.presence
        free[[slot for object_id, slot in known.items() if object_id not in ids.tolist()]] = False
        slots = free.nonzero()[:, 0]
        masks = clip.masks.new_zeros((0, *clip.input_shape), dtype=torch.bool)
        if len(slots):
            masks = F.interpolate(clip.masks[None, slots, index].float(), clip.input_shape, mode='bilinear')[0] > 0
        overlap, objects = self._overlap(masks, shown), ids[ids < BACKGROUND].tolist()
        for row in (ids >= BACKGROUND).nonzero()[:, 0].tolist():
            overlap[ids == ids[row] % BACKGROUND] *= overlap[row] == 0
        rows, columns = assign(-overlap[ids < BACKGROUND], overlap[ids < BACKGROUND] > 0)
        found = {objects[row]: int(slots[column]) for row, column in zip(rows.tolist(), columns.tolist())}
        for object_id in sorted(set(objects) - set(found)):
            warnings.warn(
                f'Object {object_id}, shown in frame {frame.frame_id}, is in no tube of this model that is not another '
                "object's: it is not followed. Show it in another frame, or use a model of the evs task.",
                stacklevel=2,
            )
        return found

    def _overlap(self, masks: Tensor, shown: InstanceData) -> Tensor:
        """How well each of some slots fits each exemplar, (n, N) in [0, 1]; 0: not at all.

        Args:
            masks: of the slots in the frame, (N, H, W) bool.
            shown: the frame's exemplars: ``kinds``, ``points`` and ``regions``, without the padding of the input.
        """
        regions = shown.regions.to(masks.device)
        masks = masks[:, : regions.shape[1], : regions.shape[2]]
        fits = region_overlap(regions, masks, boxes=(shown.kinds == BOX).to(masks.device))
        by_region = fits * (fits >= self.min_overlap)
        by_point = point_overlap(shown.points.to(masks.device), masks)
        return torch.where(regions.flatten(1).any(1)[:, None], by_region, by_point)
