"""Detections of BURST's files: ground truth and predictions per sequence and annotated frame."""

from collections.abc import Mapping
from typing import Any

from gvseg.formats.burst import (
    BurstSequence,
    MaskReader,
    frame_entries,
    number_of,
    read_burst,
    sequence_key,
    track_categories,
    track_items,
)
from gvseg.formats.class_lists import BURST_CATEGORY_IDS
from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike
from gvseg.formats.frame_fields import is_number
from gvseg.formats.json_files import list_field, read_json

from .burst_data import BurstReading, Detection, Frames, Sequence, SequenceKey, Truth


def _category(value: Any, where: str) -> int:
    """A category id.

    Raises:
        InputError: not a category of BURST.
    """
    category = number_of(value, f'{where}: category id')
    if category not in BURST_CATEGORY_IDS:
        raise InputError(
            f'{where}: category id {category} is out of range {BURST_CATEGORY_IDS[0]}..{BURST_CATEGORY_IDS[-1]}'
        )
    return category


def read_truth(path: PathLike, reading: BurstReading) -> Truth:
    """Read a ground-truth file.

    Raises:
        InputError: missing or malformed file, duplicate sequence or id, bad mask or category.
    """
    found = read_burst(path, needs_categories=False)
    if not found.split:
        raise InputError(f'{path}: has no "split"; the ground truth must name it')
    return Truth(str(path), found.split, tuple(_truth_sequence(item, path, reading) for item in found.sequences))


def _truth_sequence(sequence: BurstSequence, path: PathLike, reading: BurstReading) -> Sequence:
    """One sequence of a ground-truth file, without distractors."""
    where = f'{path}, sequence {sequence.name}'
    for track, category in sequence.tracks.items():
        _category(category, f'{where}, track {track}')
    frames, reader = {}, MaskReader((sequence.height, sequence.width))
    for name, masks in zip(sequence.frames, sequence.masks):
        frames[name] = [
            Detection(
                track,
                reading.target(sequence.tracks[track]),
                reader.take(item, f'{where}, frame {name}, track {track}'),
            )
            for track, item in masks.items()
            if sequence.tracks[track] not in reading.distractors
        ]
    reader.check()
    kept = {detection.identity: detection.category for found in frames.values() for detection in found}
    lists = [
        frozenset(_category(item, where) for item in list_field(sequence.entry, name, where))
        for name in ('neg_category_ids', 'not_exhaustive_category_ids')
    ]
    return Sequence(
        sequence.id,
        sequence.key,
        (sequence.width, sequence.height),
        frames,
        {track: kept.get(track) for track in sequence.tracks},
        dict(sequence.tracks),
        *lists,
    )


def _score(item: Mapping[str, Any], where: str) -> float:
    """A detection's score, 1 when absent.

    Raises:
        InputError: not a finite number.
    """
    score = item.get('score', 1.0)
    if not is_number(score):
        raise InputError(f'{where}: score {score!r:.40} is not a finite number')
    return float(score)


class PredictionReader:
    """Reads a prediction file and checks it against the ground truth.

    Args:
        path: the file.
        truth: the ground truth.
        reading: reading options of the task.
    """

    def __init__(self, path: PathLike, truth: Truth, reading: BurstReading) -> None:
        self.path, self.truth, self.reading = path, truth, reading
        self.sequences = {sequence.key: sequence for sequence in truth.sequences}

    def read(self) -> dict[SequenceKey, Frames]:
        """Detections of the file, see `parse`."""
        return self.parse(read_json(self.path, 'Prediction file'))

    def parse(self, content: Any) -> dict[SequenceKey, Frames]:
        """Detections per sequence and annotated frame; those not in the ground truth are left out.

        Raises:
            InputError: malformed content, other split or size, unknown or duplicate id, bad mask, score or category.
        """
        entries = list_field(content, 'sequences', str(self.path))
        if content.get('split', self.truth.split) != self.truth.split:
            raise InputError(
                f'{self.path}: split {content["split"]!r:.40}, the ground truth {self.truth.path} has '
                f'{self.truth.split!r}'
            )
        found: dict[SequenceKey, Frames] = {}
        for place, entry in enumerate(entries):
            key, where = sequence_key(entry, self.path, place)
            if key in found:
                raise InputError(f'{where}: duplicate sequence; each must be unique')
            if key in self.sequences:
                found[key] = self._read_sequence(entry, self.sequences[key], where)
        return found

    def _read_sequence(self, entry: Any, truth: Sequence, where: str) -> Frames:
        """Detections of one entry."""
        size = (entry.get('width', truth.size[0]), entry.get('height', truth.size[1]))
        if size != truth.size:
            raise InputError(
                f'{where}: size {size[0]}x{size[1]}, the ground truth is '
                f'{truth.size[0]}x{truth.size[1]} (width x height)'
            )
        categories: Mapping[int, int | None] = truth.tracks
        if not self.reading.category_from_truth:
            categories = {
                track: _category(category, f'{where}, track {track}')
                for track, category in track_categories(entry, where).items()
            }
        elif str(entry.get('id')) != truth.identity:
            raise InputError(f'{where}: id {entry.get("id")!r:.40}, the ground truth has {truth.identity!r}')
        frames: Frames = {}
        reader = MaskReader(truth.size[::-1])
        for name, masks in frame_entries(entry, where):
            if name in truth.frames:
                here = f'{where}, frame {name}'
                found = [
                    self._detection(track, item, categories, reader, here)
                    for track, item in track_items(masks, here).items()
                ]
                frames[name] = self._best([item for item in found if item is not None])
        reader.check()
        return frames

    def _detection(
        self, track: int, item: Any, categories: Mapping[int, int | None], reader: MaskReader, where: str
    ) -> Detection | None:
        """One predicted mask; None if the ground truth of its track was dropped."""
        where = f'{where}, track {track}'
        mask = reader.take(item, where)
        score = _score(item, where)
        own = None if self.reading.category_from_truth else item.get('category_id')
        if own is None and track not in categories:
            raise InputError(
                f'{where}: the track id is not one of {sorted(categories)[:20]} (track_category_ids of '
                f'{"the ground truth" if self.reading.category_from_truth else "this sequence"})'
            )
        category = categories[track] if own is None else _category(own, where)
        if category is None:
            return None
        return Detection(track, self.reading.target(category), mask, score)

    def _best(self, detections: list[Detection]) -> list[Detection]:
        """The `max_detections` detections of highest score."""
        limit = self.reading.max_detections
        if len(detections) <= limit:
            return detections
        return sorted(detections, key=lambda item: item.score, reverse=True)[:limit]
