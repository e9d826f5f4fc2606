"""Mask NMS on the tubes of one clip.

Shapes: N queries, C classes, T frames.
"""

from dataclasses import replace

import torch
from mmdet.registry import TASK_UTILS

from gvseg.core.tracking.tubes import mask_confidence, tube_nms
from gvseg.models.structures import ClipPrediction


@TASK_UTILS.register_module()
class MaskNMS:
    """Turns every thing query whose tube overlaps a better one into "no object", before association.

    Hungarian matching trains one query per object, but short training leaves duplicate predictions, which take part in
    the association and break the object's track. Not in the paper.

    Args:
        threshold: IoU from which a tube is suppressed.
    """

    def __init__(self, threshold: float = 0.4) -> None:
        self.threshold = threshold

    def __call__(self, clip: ClipPrediction) -> ClipPrediction:
        """The clip with other probabilities."""
        scores = clip.confidence * mask_confidence(clip.masks)
        things = clip.queries.is_thing
        repeats = torch.zeros_like(things)
        repeats[things] = ~tube_nms(clip.tubes[things], scores[things], self.threshold)
        nothing = torch.zeros_like(clip.probabilities)
        nothing[:, -1] = 1
        return replace(clip, probabilities=torch.where(repeats[:, None], nothing, clip.probabilities))
