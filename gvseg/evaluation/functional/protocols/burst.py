"""Rules of BURST's tasks: which predictions are evaluated, and the HOTA counts of every class of a sequence.

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
    """Rule of a BURST task for reading and evaluating predictions.

    Attributes:
        reading: reading options.
        delete_unjudged: delete unmatched predictions of classes that are not exhaustively annotated in the frame.
        similarity: 'box' uses the IoU of the masks' bounding boxes, as the released scorer does (it passes boxes to
            its mask IoU function); 'mask' uses mask IoU.
        match_threshold: minimum IoU of a match when deciding which predictions to delete.
    """

    reading: BurstReading
    delete_unjudged: bool
    similarity: str = 'box'
    match_threshold: float = 0.5


CLASS_GUIDED = BurstRule(BurstReading(category_from_truth=False), delete_unjudged=True)
EXEMPLAR_GUIDED = BurstRule(BurstReading(category_from_truth=True), delete_unjudged=False)
# The released command sets its flag after reading the predictions, so their own categories count and none is deleted.
EXEMPLAR_GUIDED_RELEASED = BurstRule(BurstReading(category_from_truth=False), delete_unjudged=False)
TASKS: dict[str, BurstRule] = {
    'class_guided': CLASS_GUIDED,
    'exemplar_guided': EXEMPLAR_GUIDED,
    'exemplar_guided_released': EXEMPLAR_GUIDED_RELEASED,
}


def box_overlap(truth: Items[Detection], found: Items[Detection]) -> np.ndarray:
    """Bounding box IoU of every pair, (N,M) float64; 0 for empty boxes."""
    boxes = [coco_masks.toBbox([item.mask for item in side]) for side in (truth, found)]
    return coco_masks.iou(*boxes, [0] * len(found))


def mask_overlap(truth: Items[Detection], found: Items[Detection]) -> np.ndarray:
    """Mask IoU of every pair, (N,M) float64."""
    return coco_masks.iou([item.mask for item in truth], [item.mask for item in found], [0] * len(found))


OVERLAPS: dict[str, Callable[..., np.ndarray]] = {'box': box_overlap, 'mask': mask_overlap}


def judged(similarity: np.ndarray, category: int, sequence: Sequence, rule: BurstRule) -> np.ndarray:
    """Which of the M predictions of a class are kept: all matched ones, and unmatched ones of fully annotated classes.

    A class is not fully annotated if it has no ground truth in this frame and is not known to be absent from the video,
    or if it is listed as not exhaustively annotated.

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
    """HOTA's counts of every class of one sequence; frames without any kept ground truth are skipped."""
    steps = [(truth, found.get(name, [])) for name, truth in sequence.frames.items() if truth]
    categories = {detection.category for truth, guesses in steps for detection in (*truth, *guesses)}
    return {
        category: hota_counts([_class_frame(truth, guesses, category, sequence, rule) for truth, guesses in steps])
        for category in sorted(categories)
    }
