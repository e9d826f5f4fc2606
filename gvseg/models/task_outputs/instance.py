"""Instances: tubes with class and score (VIS)."""

from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from gvseg.core.tracking.tubes import mask_confidence
from gvseg.models.structures import TrackedClip

from .base import TaskOutput, resize_logits


@TASK_UTILS.register_module()
class InstanceOutput(TaskOutput):
    """Up to ``top_k`` slots of a clip with their masks; classes and scores of tubes are the metric's means over clips.

    A slot's class probabilities are multiplied by the confidence of its mask, as in Mask2Former's instance inference.

    Args:
        top_k: slots kept, by their best class probability, before masks are upsampled.
        min_score: slots of a lower class probability are not reported.
    """

    def __init__(self, top_k: int = 20, min_score: float = 0.05) -> None:
        self.top_k = top_k
        self.min_score = min_score

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        probabilities, labels = clip.probabilities[:, :-1].max(-1)
        slots = probabilities.topk(min(self.top_k, len(probabilities))).indices
        slots = slots[probabilities[slots] > self.min_score]
        confidence = mask_confidence(clip.masks[slots])
        for index, frame in enumerate(frames):
            masks = resize_logits(clip.masks[slots, index], clip, frame) > 0
            frame.pred_track_instances = InstanceData(
                masks=masks.cpu(),
                instances_id=slots.cpu(),
                labels=labels[slots].cpu(),
                scores=(probabilities[slots] * confidence).cpu(),
                class_scores=(clip.probabilities[slots, :-1] * confidence[:, None]).cpu(),
            )
