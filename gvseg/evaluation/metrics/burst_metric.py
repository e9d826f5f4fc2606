"""Metric and result writer of BURST (class-guided and exemplar-guided).

Shapes: n objects of one frame, H W size of a map.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmdet.registry import METRICS
from pycocotools import mask as coco_masks

from gvseg.formats.errors import InputError
from gvseg.formats.json_files import write_json
from gvseg.formats.png_maps import unique_labels

from ..functional.benchmarks.burst import find_file, score_sequences
from ..functional.io.burst import PredictionReader, read_truth
from ..functional.protocols.burst import TASKS
from .frame_access import describe, required_map
from .video_wise_metric import VideoWiseMetric


class PredictedTrack(NamedTuple):
    """One object of one frame: track id, (H,W) bool mask, score (None: unknown), label (None: not predicted)."""

    identity: int
    mask: np.ndarray
    score: float | None
    label: int | None


@dataclass
class SequenceRecord:
    """Record of one sequence: RLE strings per frame, and score sums for each track's label."""

    key: tuple
    frames: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    votes: dict[str, Counter] = field(default_factory=dict)


def mapped_objects(frame: Any) -> Iterator[PredictedTrack]:
    """Objects of `pred_object_map`; ids are those of the exemplars."""
    values = required_map(frame, 'pred_object_map')
    for identity in unique_labels(values):
        if identity:
            yield PredictedTrack(int(identity), values == identity, None, None)


def tracked_objects(frame: Any) -> Iterator[PredictedTrack]:
    """Objects of `pred_track_instances`."""
    found = frame.get('pred_track_instances', None)
    if found is None:
        raise InputError(
            f'{describe(frame)}: the model wrote no pred_track_instances, which the class-guided task needs'
        )
    for mask, identity, score, label in zip(found['masks'], found['instances_id'], found['scores'], found['labels']):
        yield PredictedTrack(int(identity), np.asarray(mask, bool), float(score), int(label))


OBJECTS: dict[str, Callable[[Any], Iterator[PredictedTrack]]] = {
    'exemplar_guided': mapped_objects,
    'class_guided': tracked_objects,
}


@METRICS.register_module()
class BurstMetric(VideoWiseMetric):
    """HOTA, DetA, AssA in percent, and BURST's result file; stores RLE strings of the annotated frames only.

    Sequences are identified by the last two folders of a frame's path: `<dataset>/<seq_name>/<frame>.jpg`.

    Args:
        ann_file: ground truth `all_classes.json` (or its folder); to only write files, any file in its layout with
            the sequences and frames.
        task: 'exemplar_guided' or 'class_guided'.
        category_ids: category id of each label (class-guided); None takes dataset_meta['category_ids'].
        format_only: write `<outfile_prefix>.json` and compute nothing.
        outfile_prefix: path of the file without its extension; if set, the file is written in either mode.
        prefix: as in mmengine's BaseMetric.
    """

    default_prefix: str | None = 'burst'

    def __init__(
        self,
        ann_file: str,
        task: str = 'exemplar_guided',
        category_ids: Sequence[int] | None = None,
        format_only: bool = False,
        outfile_prefix: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(format_only, outfile_prefix, prefix)
        if task not in OBJECTS:
            raise ValueError(f'BurstMetric: task {task!r} is not one of {sorted(OBJECTS)}')
        self.task, self.rule, self.category_ids = task, TASKS[task], category_ids
        self.truth = read_truth(find_file(ann_file, 'all_classes.json'), self.rule.reading)
        self.sequences = {sequence.key: sequence for sequence in self.truth.sequences}

    def open_video(self, frame: Any) -> SequenceRecord:
        """An empty record.

        Raises:
            InputError: the sequence is not in ann_file.
        """
        key = Path(str(frame.get('img_path', ''))).parts[-3:-1]
        if key not in self.sequences:
            raise InputError(f'BurstMetric: {describe(frame)}: no sequence {"/".join(key)!r} in {self.truth.path}')
        return SequenceRecord(key)

    def add_frame(self, state: SequenceRecord, frame: Any) -> None:
        """Store the masks of an annotated frame."""
        name = Path(frame.get('img_path')).name
        if name not in self.sequences[state.key].frames:
            return
        masks = state.frames.setdefault(name, {})
        for found in OBJECTS[self.task](frame):
            if not found.mask.any():
                continue
            if found.score is not None and not np.isfinite(found.score):
                raise InputError(
                    f'{describe(frame)}: a score is not finite; the weights diverged, use an earlier checkpoint'
                )
            text = coco_masks.encode(np.asfortranarray(found.mask.astype(np.uint8)))['counts'].decode()
            masks[str(found.identity)] = {'rle': text} if found.score is None else {'rle': text, 'score': found.score}
            if found.label is not None:
                state.votes.setdefault(str(found.identity), Counter())[found.label] += found.score

    def close_video(self, state: SequenceRecord) -> SequenceRecord:
        """Return the record."""
        return state

    def aggregate(self, payloads: Sequence[SequenceRecord]) -> dict[str, float]:
        """Write the file and compute HOTA, DetA, AssA of all, common and uncommon classes."""
        content = {'split': self.truth.split, 'sequences': [self._entry(record) for record in payloads]}
        if self.outfile_prefix:
            write_json(f'{self.outfile_prefix}.json', content)
        if self.format_only:
            return {}
        found = PredictionReader('the predictions', self.truth, self.rule.reading).parse(content)
        numbers = score_sequences(self.truth, found, self.rule)
        return {f'{name}_{group}': value for name, values in numbers.items() for group, value in values.items()}

    def _entry(self, record: SequenceRecord) -> Mapping[str, Any]:
        """One sequence of the result file."""
        sequence = self.sequences[record.key]
        names = list(record.frames)
        number = int(sequence.identity) if sequence.identity.isdigit() else sequence.identity
        return {
            'id': number,
            'dataset': record.key[0],
            'seq_name': record.key[1],
            'width': sequence.size[0],
            'height': sequence.size[1],
            'annotated_image_paths': names,
            'segmentations': [record.frames[name] for name in names],
            'track_category_ids': self._categories(record),
        }

    def _categories(self, record: SequenceRecord) -> dict[str, int]:
        """Category of each track: that of its exemplar, or of the label with the highest sum of scores."""
        if self.rule.reading.category_from_truth:
            known = self.sequences[record.key].written
            used = sorted({int(key) for masks in record.frames.values() for key in masks})
            unknown = [identity for identity in used if identity not in known]
            if unknown:
                raise InputError(
                    f'BurstMetric: sequence {"/".join(record.key)}: object {unknown[0]} is not one of '
                    f'the exemplars {sorted(known)}'
                )
            return {str(identity): known[identity] for identity in used}
        ids = self.category_ids if self.category_ids is not None else (self.dataset_meta or {}).get('category_ids')
        if ids is None:
            raise InputError('BurstMetric: category_ids is not given and dataset_meta has none')
        return {key: int(ids[votes.most_common(1)[0][0]]) for key, votes in record.votes.items()}
