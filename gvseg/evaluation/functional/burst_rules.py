"""Rules of BURST's tasks, and what its files hold once read."""

from dataclasses import dataclass
from typing import Any

from gvseg.formats.class_lists import BURST_DISTRACTOR_IDS, BURST_MERGED_IDS

SequenceKey = tuple[str, str]


@dataclass(frozen=True)
class BurstRule:
    """How a task of BURST reads and judges predictions.

    Attributes:
        category_from_truth: predicted track ids are ground-truth ids and take those tracks' categories.
        delete_unjudged: unmatched predictions of a class that the frame's annotation cannot judge are deleted.
        max_detections: detections kept per image, best scores first.
        similarity: 'box' compares the boxes around the masks, as the released scorer does (it hands boxes to its mask
            overlap function); 'mask' compares the masks.
        match_threshold: IoU from which a detection counts as matched when unjudged ones are deleted.
        distractors: categories whose ground truth is dropped on reading and that are not evaluated.
        merged: (category, category that is evaluated in its place).
    """

    category_from_truth: bool
    delete_unjudged: bool
    max_detections: int = 300
    similarity: str = 'box'
    match_threshold: float = 0.5
    distractors: frozenset[int] = BURST_DISTRACTOR_IDS
    merged: tuple[tuple[int, int], ...] = BURST_MERGED_IDS

    def target(self, category: int) -> int:
        """The category that is evaluated in place of `category`."""
        return dict(self.merged).get(category, category)


CLASS_GUIDED = BurstRule(category_from_truth=False, delete_unjudged=True)
EXEMPLAR_GUIDED = BurstRule(category_from_truth=True, delete_unjudged=False)
# The released command sets its flag after the predictions are read: their own categories count, nothing is deleted.
EXEMPLAR_GUIDED_RELEASED = BurstRule(category_from_truth=False, delete_unjudged=False)


@dataclass(frozen=True)
class Detection:
    """One mask of one track in one frame; category after merging."""

    identity: int
    category: int
    mask: dict[str, Any]
    score: float = 1.0


Frames = dict[str, list[Detection]]


@dataclass(frozen=True)
class Sequence:
    """Ground truth of one sequence.

    Attributes:
        identity: the file's id, as text.
        key: (dataset, seq_name).
        size: (width, height).
        frames: annotated file name -> detections; distractors dropped.
        tracks: local track id -> category after merging; tracks without any kept mask are None.
        written: local track id -> category as written in the file.
        negative: categories known to be absent.
        partial: categories that are not exhaustively annotated.
    """

    identity: str
    key: SequenceKey
    size: tuple[int, int]
    frames: Frames
    tracks: dict[int, int | None]
    written: dict[int, int]
    negative: frozenset[int]
    partial: frozenset[int]


@dataclass(frozen=True)
class Truth:
    """A ground-truth file."""

    path: str
    split: str
    sequences: tuple[Sequence, ...]
