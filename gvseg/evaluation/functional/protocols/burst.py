"""Rules of BURST's tasks: which predictions are evaluated, and the HOTA counts of every class of a sequence.

Shapes: N ground-truth and M predicted detections of one class in one frame.

Source: BURST (Athar et al. 2023) section 5 and the released scorer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
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


Step = tuple[Items[Detection], Items[Detection]]
"""True and predicted detections of one frame."""


def box_overlaps(steps: Items[Step]) -> list[np.ndarray]:
    """Bounding box IoU of the pairs of one class in each frame, (N,M) float64; others may be 0."""
    kept = [[_of_classes(side, other) for side, other in (step, step[::-1])] for step in steps]
    masks = [step[side][index].mask for step, both in zip(steps, kept) for side in (0, 1) for index in both[side]]
    boxes = coco_masks.toBbox(masks) if masks else np.zeros((0, 4))
    ends = np.cumsum([len(rows) for both in kept for rows in both])[:-1]
    sides = iter(np.split(boxes, ends)) if steps else iter(())
    found = []
    for step, (rows, columns) in zip(steps, kept):
        found.append(_no_overlap(step))
        first, second = next(sides), next(sides)
        if len(rows) and len(columns):
            found[-1][np.ix_(rows, columns)] = coco_masks.iou(first, second, [0] * len(columns))
    return found


def _of_classes(side: Items[Detection], other: Items[Detection]) -> list[int]:
    """Indices of the detections whose class the other side has too."""
    classes = {item.category for item in other}
    return [index for index, item in enumerate(side) if item.category in classes]


def mask_overlaps(steps: Items[Step]) -> list[np.ndarray]:
    """Mask IoU of every pair of one class in each frame, (N,M) float64; 0 for other pairs."""
    found = []
    for step in steps:
        found.append(_no_overlap(step))
        first, second = (np.array([item.category for item in side], int) for side in step)
        for category in np.intersect1d(first, second):
            rows, columns = np.flatnonzero(first == category), np.flatnonzero(second == category)
            masks = [[side[index].mask for index in chosen] for side, chosen in zip(step, (rows, columns))]
            found[-1][np.ix_(rows, columns)] = coco_masks.iou(*masks, [0] * len(columns))
    return found


def _no_overlap(step: Step) -> np.ndarray:
    return np.zeros((len(step[0]), len(step[1])))


OVERLAPS: dict[str, Callable[[Items[Step]], list[np.ndarray]]] = {'box': box_overlaps, 'mask': mask_overlaps}


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


def _class_frames(
    step: Step, similarity: np.ndarray, sequence: Sequence, rule: BurstRule
) -> Iterator[tuple[int, FrameData]]:
    """Track ids and similarities of every class in one frame, after deletion."""
    classes = [np.array([item.category for item in side], int) for side in step]
    identities = [np.array([item.identity for item in side], int) for side in step]
    present, guessed = set(classes[0].tolist()), set(classes[1].tolist())
    # Without ground truth, only predictions of classes known to be absent count.
    for category in present | (guessed & sequence.negative if rule.delete_unjudged else guessed):
        rows, columns = (np.flatnonzero(side == category) for side in classes)
        part = similarity[rows[:, None], columns]
        keep = judged(part, category, sequence, rule)
        yield category, (identities[0][rows], identities[1][columns[keep]], part[:, keep])


def count_classes(sequence: Sequence, found: Frames, rule: BurstRule) -> dict[int, HotaCounts]:
    """HOTA's counts of every class of one sequence; frames without any kept ground truth are skipped."""
    steps = [(truth, found.get(name, [])) for name, truth in sequence.frames.items() if truth]
    frames: dict[int, list[FrameData]] = defaultdict(list)
    for step, similarity in zip(steps, OVERLAPS[rule.similarity](steps)):
        for category, parts in _class_frames(step, similarity, sequence, rule):
            frames[category].append(parts)
    return {category: hota_counts(frames[category]) for category in sorted(frames)}
