"""Instances: tubes with class and score (VIS)."""
from mmdet.registry import TASK_UTILS
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from gvseg.models.structures import TrackedClip

from .base import TaskOutput, resize_logits


@TASK_UTILS.register_module()
class InstanceOutput(TaskOutput):
    """Up to ``top_k`` slots of a clip with their masks; classes and scores of tubes are the metric's means over clips.

    Args:
        top_k: slots kept, by their best class probability, before masks are upsampled.
        min_score: slots below are not reported.
    """

    def __init__(self, top_k: int = 20, min_score: float = 0.05) -> None:
        self.top_k = top_k
        self.min_score = min_score

    def __call__(self, clip: TrackedClip, frames: list[DetDataSample]) -> None:
        scores, labels = clip.probabilities[:, :-1].max(-1)
        slots = scores.topk(min(self.top_k, len(scores))).indices
        slots = slots[scores[slots] > self.min_score]
        for index, frame in enumerate(frames):
            masks = resize_logits(clip.masks[slots, index], clip, frame) > 0
            frame.pred_track_instances = InstanceData(
                masks=masks.cpu(),
                instances_id=slots.cpu(),
                labels=labels[slots].cpu(),
                scores=scores[slots].cpu(),
                class_scores=clip.probabilities[slots, :-1].cpu())
