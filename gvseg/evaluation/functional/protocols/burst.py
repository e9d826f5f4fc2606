"""Rules of BURST's tasks: which predictions are judged, and HOTA's counts of every class of a sequence.

Shapes: N ground-truth and M predicted detections of one class in one frame.

Source: BURST (Athar et al. 2023) section 5 and the released scorer.
"""

from collections.abc import Callable
from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_masks
from scipy.optimize import linear_sum_assignment

from ..io.burst_data import BurstReading, Detection, Frames, Sequence
from ..measures.hota import EPSILON, FrameData, HotaCounts, hota_counts


@dataclass(frozen=True)
class BurstRule:
    """How a task of BURST reads and judges predictions.

    Attributes:
        reading: how files are read.
        delete_unjudged: unmatched predictions of a class that the frame's annotation cannot judge are deleted.
        similarity: 'box' compares the boxes around the masks, as the released scorer does (it hands boxes to its mask
            overlap function); 'mask' compares the masks.
        match_threshold: IoU from which a detection counts as matched when unjudged ones are deleted.
    """

    reading: BurstReading
    delete_unjudged: bool
    similarity: str = 'box'
    match_threshold: float = 0.5


CLASS_GUIDED = BurstRule(BurstReading(category_from_truth=False), delete_unjudged=True)
EXEMPLAR_GUIDED = BurstRule(BurstReading(category_from_truth=True), delete_unjudged=False)
# The released command sets its flag after the predictions are read: their own categories count, nothing is deleted.
EXEMPLAR_GUIDED_RELEASED = BurstRule(BurstReading(category_from_truth=False), delete_unjudged=False)
TASKS: dict[str, BurstRule] = {
    'class_guided': CLASS_GUIDED,
    'exemplar_guided': EXEMPLAR_GUIDED,
    'exemplar_guided_released': EXEMPLAR_GUIDED_RELEASED,
}


def box_overlap(truth: Items[Detection], found: Items[Detection]) -> np.ndarray:
    """IoU of the boxes around the masks of every pair, (N,M) float64; an empty box overlaps nothing."""
    boxes = [coco_masks.toBbox([item.mask for item in side]) for side in (truth, found)]
    return coco_masks.iou(*boxes, [0] * len(found))


def mask_overlap(truth: Items[Detection], found: Items[Detection]) -> np.ndarray:
    """Mask IoU of every pair, (N,M) float64."""
    return coco_masks.iou([item.mask for item in truth], [item.mask for item in found], [0] * len(found))


OVERLAPS: dict[str, Callable[..., np.ndarray]] = {'box': box_overlap, 'mask': mask_overlap}


def judged(similarity: np.ndarray, category: int, sequence: Sequence, rule: BurstRule) -> np.ndarray:
    """Which of the M predictions of a class stay: matched ones always, others when the annotation can judge them.

    It cannot when the class has no ground truth in this frame and is not known to be absent from the video, or when
    it is not annotated exhaustively.

    Args:
        similarity: (N,M).

    Returns:
        (M,) bool.
    """
    keep = np.ones(similarity.shape[1], bool)
    absent = not similarity.shape[0] and category not in sequence.negative
    if not rule.delete_unjudged or not (absent or category in sequence.partial):
        return keep
    keep[:] = False
    close = np.where(similarity < rule.match_threshold - EPSILON, 0, similarity)
    rows, columns = linear_sum_assignment(-close)
    keep[columns[close[rows, columns] > EPSILON]] = True
    return keep


def _class_frame(
    truth: Items[Detection], found: Items[Detection], category: int, sequence: Sequence, rule: BurstRule
) -> FrameData:
    """Track ids and similarities of one class in one frame, after deletion."""
    truth = [item for item in truth if item.category == category]
    found = [item for item in found if item.category == category]
    both = truth and found
    similarity = OVERLAPS[rule.similarity](truth, found) if both else np.zeros((len(truth), len(found)))
    keep = judged(similarity, category, sequence, rule)
    identities = np.array([item.identity for item in found], int)
    return np.array([item.identity for item in truth], int), identities[keep], similarity[:, keep]


def count_classes(sequence: Sequence, found: Frames, rule: BurstRule) -> dict[int, HotaCounts]:
    """HOTA's counts of every class of one sequence; frames without any kept ground truth are not time steps."""
    steps = [(truth, found.get(name, [])) for name, truth in sequence.frames.items() if truth]
    categories = {detection.category for truth, guesses in steps for detection in (*truth, *guesses)}
    return {
        category: hota_counts([_class_frame(truth, guesses, category, sequence, rule) for truth, guesses in steps])
        for category in sorted(categories)
    }
