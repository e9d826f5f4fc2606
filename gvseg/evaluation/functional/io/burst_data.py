"""Data classes of BURST: parsed files, and the reading options of a task."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gvseg.formats.class_lists import BURST_DISTRACTOR_IDS, BURST_MERGED_IDS

SequenceKey = tuple[str, str]


@dataclass(frozen=True)
class BurstReading:
    """Reading options of a task for ground truth and predictions.

    Attributes:
        category_from_truth: predicted track ids are ground-truth track ids, which determine the category.
        max_detections: detections of highest score kept per image.
        distractors: categories whose ground truth is dropped on reading and that are not evaluated.
        merged: (category, category evaluated in its place).
    """

    category_from_truth: bool
    max_detections: int = 300
    distractors: frozenset[int] = BURST_DISTRACTOR_IDS
    merged: tuple[tuple[int, int], ...] = BURST_MERGED_IDS

    @cached_property
    def targets(self) -> dict[int, int]:
        """The category evaluated in place of each merged one."""
        return dict(self.merged)

    def target(self, category: int) -> int:
        """The category evaluated in place of `category`."""
        return self.targets.get(category, category)


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
        identity: sequence id of the file, as a string.
        key: (dataset, seq_name).
        size: (width, height).
        frames: annotated file name -> detections; distractors dropped.
        tracks: local track id -> category after merging; tracks without any kept mask are None.
        written: local track id -> category before merging.
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
