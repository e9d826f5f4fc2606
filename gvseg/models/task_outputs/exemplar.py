"""One object id per pixel (EVS).

Shapes: T frames, K objects, H W frame pixels.
"""

from collections.abc import Sequence

import torch
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData
from torch import Tensor

from gvseg.core.panoptic import fast_argmax
from gvseg.models.exemplars import BACKGROUND
from gvseg.models.structures import TrackedClip

from .base import TaskOutput, resize_logits


@TASK_UTILS.register_module()
class ExemplarOutput(TaskOutput):
    """Every pixel gets the object of the highest mask logit, or the background.

    A mask that was given is the object's result in its own frame, as in all of semi-supervised video object
    segmentation; where two of them overlap, the smaller one is on top. Background exemplars are no objects.

    Args:
        threshold: minimum mask probability of a pixel of an object.
        presence: minimum class probability of an object that is in the clip.
        refinements: configs of parts (see ``extras``) that change the mask logits of a frame one after the other.
    """

    def __init__(self, threshold: float = 0.5, presence: float = 0.5, refinements: Sequence[dict] = ()) -> None:
        self.threshold = threshold
        self.presence = presence
        self.refinements = [TASK_UTILS.build(part) for part in refinements]

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        score = clip.probabilities[:, :-1].max(-1).values
        present = (clip.objects >= 0) & (clip.objects < BACKGROUND) & (score > self.presence)
        for index, frame in enumerate(frames):
            given = given_masks(frame)
            predicted = present & ~torch.isin(clip.objects, clip.objects.new_tensor(list(given)))
            logits = self._refined(clip.masks[predicted, index], clip, index)
            object_map = self._merge(resize_logits(logits, clip, frame), clip.objects[predicted])
            for object_id, mask in given.items():
                object_map[mask.to(object_map.device)] = object_id
            frame.pred_object_map = PixelData(sem_seg=object_map[None].cpu())

    def _refined(self, logits: Tensor, clip: TrackedClip, index: int) -> Tensor:
        """Mask logits (K, h', w') of one frame after all refinements of those (K, h, w) that the network gives."""
        for refine in self.refinements:
            if clip.images is None:
                raise ValueError('refinements need the frames of the clip')
            logits = refine(logits, clip.images[index])
        return logits

    def _merge(self, logits: Tensor, objects: Tensor) -> Tensor:
        """Object ids (H, W), 0 for the background, from mask logits (K, H, W) and the K ids.

        Logits are compared: probabilities that round to 1 would leave the decision to the order of objects.
        """
        background = logits.new_full((1, *logits.shape[1:]), self.threshold).logit()
        return torch.cat((objects.new_zeros(1), objects))[fast_argmax(torch.cat((background, logits)))]


def given_masks(frame: DetDataSample) -> dict[int, Tensor]:
    """Masks (H, W) bool that were given in a frame, or made of its points, by object id, the largest first."""
    if 'exemplars' not in frame:
        return {}
    shown = zip(frame.exemplars.instances_ids.tolist(), frame.exemplars.get('given_masks', ()))
    masks = {object_id: mask for object_id, mask in shown if mask is not None and object_id < BACKGROUND}
    masks.update(frame.get('made_masks', {}))
    return dict(sorted(masks.items(), key=lambda item: (-int(item[1].sum()), item[0])))
