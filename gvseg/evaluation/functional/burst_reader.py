"""Reading BURST's JSON: ground truth and predictions as detections per sequence and annotated frame.

One file: {split?, sequences: [{id, dataset, seq_name, width, height, annotated_image_paths, track_category_ids,
segmentations: [{track id: {rle, score?, category_id?}}]}]}; ground truth also has neg_category_ids and
not_exhaustive_category_ids.
"""
import math
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from gvseg.formats.class_lists import BURST_CATEGORY_IDS

from .burst_rules import BurstRule, Detection, Frames, Sequence, SequenceKey, Truth
from .file_readers import PathLike, read_json
from .input_errors import BadInputError
from .rle_batch import measure


def _field(entry: Any, name: str, kind: type, where: str) -> Any:
    """A field of a JSON object.

    Raises:
        BadInputError: missing or of another type.
    """
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadInputError(f'{where}: "{name}" is missing or not of type {kind.__name__}')
    return value


def _number(text: Any, where: str, what: str) -> int:
    """An integer written as number or text.

    Raises:
        BadInputError: anything else.
    """
    try:
        return int(text) if not isinstance(text, (bool, float)) else int('')
    except (TypeError, ValueError):
        raise BadInputError(f'{where}: {what} {text!r} is not an integer') from None


def _category(value: Any, where: str) -> int:
    """A category id.

    Raises:
        BadInputError: not one of BURST's.
    """
    category = _number(value, where, 'category id')
    if category not in BURST_CATEGORY_IDS:
        raise BadInputError(f'{where}: category id {category} is out of range {BURST_CATEGORY_IDS[0]}..'
                            f'{BURST_CATEGORY_IDS[-1]}')
    return category


def _sequence_key(entry: Any, path: PathLike, place: int) -> Tuple[SequenceKey, str]:
    """(dataset, seq_name) of a sequence and its name for messages."""
    where = f'{path}, sequence number {place}'
    key = (_field(entry, 'dataset', str, where), _field(entry, 'seq_name', str, where))
    return key, f'{path}, sequence {"/".join(key)}'


class MaskReader:
    """Takes the run-length strings of one sequence and checks them together.

    Args:
        size: (width, height) of the frames.
    """

    def __init__(self, size: Tuple[int, int]) -> None:
        self.size = size
        self.texts: List[bytes] = []
        self.places: List[str] = []

    def take(self, item: Any, where: str) -> Dict[str, Any]:
        """The mask of a JSON entry as pycocotools takes it; `check` must follow before it is used.

        Raises:
            BadInputError: null, not a string, or not ASCII.
        """
        text = item.get('rle') if isinstance(item, dict) else item
        if not isinstance(text, str) or not text.isascii():
            raise BadInputError(f'{where}: mask is {text!r:.40}; give COCO\'s compressed RLE string, leave out empty '
                                'masks')
        self.texts.append(text.encode())
        self.places.append(where)
        return {'size': [self.size[1], self.size[0]], 'counts': self.texts[-1]}

    def check(self) -> None:
        """Check all strings.

        Raises:
            BadInputError: a damaged string, or one that does not cover its frame.
        """
        measure(self.texts, [self.size[0] * self.size[1]] * len(self.texts), self.places)


def _frame_entries(entry: Any, where: str) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """Annotated file names of a sequence with their masks.

    Raises:
        BadInputError: a name is repeated, or the two lists have different lengths.
    """
    names = _field(entry, 'annotated_image_paths', list, where)
    masks = _field(entry, 'segmentations', list, where)
    if len(names) != len(masks):
        raise BadInputError(f'{where}: {len(names)} annotated_image_paths but {len(masks)} segmentations')
    if not all(isinstance(name, str) for name in names):
        raise BadInputError(f'{where}: annotated_image_paths must be file names')
    if len(set(names)) != len(names):
        raise BadInputError(f'{where}: a file name is repeated in annotated_image_paths')
    for name, found in zip(names, masks):
        if not isinstance(found, dict):
            raise BadInputError(f'{where}, frame {name}: masks must be an object {{track id: {{rle}}}}')
        yield name, found


def _track_categories(entry: Any, where: str) -> Dict[int, int]:
    """Local track id -> category as written.

    Raises:
        BadInputError: an id twice ("1" and "01"), or a bad category.
    """
    written = _field(entry, 'track_category_ids', dict, where)
    found: Dict[int, int] = {}
    for text, category in written.items():
        identity = _number(text, where, 'track id')
        if identity in found:
            raise BadInputError(f'{where}: duplicate track id {identity} in track_category_ids')
        found[identity] = _category(category, f'{where}, track {identity}')
    return found


def _truth_sequence(entry: Any, path: PathLike, place: int, rule: BurstRule) -> Sequence:
    """One sequence of a ground-truth file."""
    key, where = _sequence_key(entry, path, place)
    width, height = _field(entry, 'width', int, where), _field(entry, 'height', int, where)
    written = _track_categories(entry, where)
    frames, reader = {}, MaskReader((width, height))
    for name, masks in _frame_entries(entry, where):
        frames[name] = []
        for text, item in masks.items():
            identity = _number(text, where, 'track id')
            if identity not in written:
                raise BadInputError(f'{where}, frame {name}: track {identity} is not in track_category_ids')
            if written[identity] in rule.distractors:
                continue
            mask = reader.take(item, f'{where}, frame {name}, track {text}')
            frames[name].append(Detection(identity, rule.target(written[identity]), mask))
        _check_ids(frames[name], f'{where}, frame {name}')
    reader.check()
    kept = {detection.identity: detection.category for found in frames.values() for detection in found}
    lists = [frozenset(_category(item, where) for item in _field(entry, name, list, where))
             for name in ('neg_category_ids', 'not_exhaustive_category_ids')]
    return Sequence(str(entry.get('id')), key, (width, height), frames,
                    {identity: kept.get(identity) for identity in written}, written, *lists)


def read_truth(path: PathLike, rule: BurstRule) -> Truth:
    """Read a ground-truth file.

    Raises:
        BadInputError: missing or malformed file, duplicate sequence or id, bad mask or category.
    """
    content = read_json(path)
    entries = _field(content, 'sequences', list, str(path))
    sequences = tuple(_truth_sequence(entry, path, place, rule) for place, entry in enumerate(entries))
    for name, values in (('name', [item.key for item in sequences]), ('id', [item.identity for item in sequences])):
        repeated = [value for value in set(values) if values.count(value) > 1]
        if repeated:
            raise BadInputError(f'{path}: sequence {name} {repeated[0]!r} occurs twice')
    return Truth(str(path), _field(content, 'split', str, str(path)), sequences)


def _check_ids(detections: List[Detection], where: str) -> None:
    """Track ids are unique in a frame.

    Raises:
        BadInputError: naming the id.
    """
    seen = set()
    for detection in detections:
        if detection.identity in seen:
            raise BadInputError(f'{where}: duplicate track id {detection.identity}')
        seen.add(detection.identity)


def _score(item: Mapping[str, Any], where: str) -> float:
    """A detection's score, 1 when absent.

    Raises:
        BadInputError: not a finite number.
    """
    score = item.get('score', 1.0)
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        raise BadInputError(f'{where}: score {score!r} is not a finite number')
    return float(score)


class PredictionReader:
    """Reads a prediction file against a ground truth.

    Args:
        path: the file.
        truth: the ground truth.
        rule: the task's rule.
    """

    def __init__(self, path: PathLike, truth: Truth, rule: BurstRule) -> None:
        self.path, self.truth, self.rule = path, truth, rule
        self.sequences = {sequence.key: sequence for sequence in truth.sequences}

    def read(self) -> Dict[SequenceKey, Frames]:
        """Detections of the file, see `parse`."""
        return self.parse(read_json(self.path))

    def parse(self, content: Any) -> Dict[SequenceKey, Frames]:
        """Detections per sequence and annotated frame; sequences and frames that ground truth lacks are left out.

        Raises:
            BadInputError: malformed content, other split or size, unknown or duplicate id, bad mask, score or category.
        """
        entries = _field(content, 'sequences', list, str(self.path))
        if content.get('split', self.truth.split) != self.truth.split:
            raise BadInputError(f'{self.path}: split {content["split"]!r}, the ground truth {self.truth.path} has '
                                f'{self.truth.split!r}')
        found: Dict[SequenceKey, Frames] = {}
        for place, entry in enumerate(entries):
            key, where = _sequence_key(entry, self.path, place)
            if key in self.sequences:
                self._read_sequence(entry, self.sequences[key], found.setdefault(key, {}), where)
        return found

    def _read_sequence(self, entry: Any, truth: Sequence, frames: Frames, where: str) -> None:
        """Add one entry's detections to `frames`."""
        size = (entry.get('width', truth.size[0]), entry.get('height', truth.size[1]))
        if size != truth.size:
            raise BadInputError(f'{where}: size {size[0]}x{size[1]}, the ground truth is '
                                f'{truth.size[0]}x{truth.size[1]} (width x height)')
        categories = truth.tracks if self.rule.category_from_truth else _track_categories(entry, where)
        if self.rule.category_from_truth and str(entry.get('id')) != truth.identity:
            raise BadInputError(f'{where}: id {entry.get("id")!r}, the ground truth has {truth.identity!r}')
        reader = MaskReader(truth.size)
        for name, masks in _frame_entries(entry, where):
            if name not in truth.frames:
                continue
            here = f'{where}, frame {name}'
            found = [self._detection(text, item, categories, reader, here) for text, item in masks.items()]
            frames.setdefault(name, []).extend(item for item in found if item is not None)
            _check_ids(frames[name], here)
            frames[name] = self._best(frames[name])
        reader.check()

    def _detection(self, text: str, item: Any, categories: Mapping[int, Optional[int]],
                   reader: MaskReader, where: str) -> Optional[Detection]:
        """One mask; None when its track's ground truth was dropped."""
        identity = _number(text, where, 'track id')
        where = f'{where}, track {identity}'
        mask = reader.take(item, where)
        score = _score(item, where)
        own = None if self.rule.category_from_truth else item.get('category_id')
        if own is None and identity not in categories:
            raise BadInputError(f'{where}: the track id is not one of {sorted(categories)[:20]} (track_category_ids of '
                                f'{"the ground truth" if self.rule.category_from_truth else "this sequence"})')
        category = categories[identity] if own is None else _category(own, where)
        if category is None:
            return None
        return Detection(identity, self.rule.target(category), mask, score)

    def _best(self, detections: List[Detection]) -> List[Detection]:
        """At most `max_detections`, best scores first when there are more."""
        limit = self.rule.max_detections
        if len(detections) <= limit:
            return detections
        return sorted(detections, key=lambda item: item.score, reverse=True)[:limit]
