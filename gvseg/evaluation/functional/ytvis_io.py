"""Reading YouTube-VIS and OVIS ground truth and results, and writing result files.

Letters: T frames, H W size of a frame.
"""
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from pycocotools import mask as coco_mask

from .file_readers import PathLike, read_json
from .input_errors import BadInputError
from .rle_batch import measure
from .rules_instance import TubeRule, occlusion_degree
from .tube_ap import Tube

LONGEST_SIDE = 2**20


@dataclass(frozen=True)
class TubeVideo:
    """One video of the ground truth: id, H, W, T and its annotations as they stand in the file."""
    identity: int
    height: int
    width: int
    length: int
    annotations: Tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class TubeTruth:
    """Videos and category ids in the order of the file."""
    path: str
    videos: Tuple[TubeVideo, ...]
    categories: Tuple[int, ...]


def _field(entry: Any, key: str, kind: type, where: str) -> Any:
    """A field of a JSON object.

    Raises:
        BadInputError: not an object, no such field, or of another type.
    """
    value = entry.get(key) if isinstance(entry, Mapping) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadInputError(f'{where}: {key} is {value!r:.40}; expected {kind.__name__}')
    return value


def _unique_ids(entries: Iterable[Any], what: str, path: PathLike) -> List[int]:
    """Ids of a list of JSON objects.

    Raises:
        BadInputError: a missing or repeated id.
    """
    ids = [_field(entry, 'id', int, f'{path}: {what}') for entry in entries]
    if len(set(ids)) != len(ids):
        seen: set = set()
        repeated = next(identity for identity in ids if identity in seen or seen.add(identity))
        raise BadInputError(f'{path}: duplicate {what} id {repeated}')
    return ids


def read_truth(path: PathLike, needs_annotations: bool = True) -> TubeTruth:
    """Read {videos, categories, annotations}; masks are checked later, video by video.

    Raises:
        BadInputError: not this layout, a repeated id, a reference to an unknown video or category.
    """
    content = read_json(path)
    videos, categories = (_field(content, key, list, str(path)) for key in ('videos', 'categories'))
    annotations = (content.get('annotations') or []) if not needs_annotations else _field(
        content, 'annotations', list, f'{path} (the official val files have none: score on a split that has)')
    known = {identity: [] for identity in _unique_ids(videos, 'video', path)}
    kinds = _unique_ids(categories, 'category', path)
    for identity, annotation in zip(_unique_ids(annotations, 'annotation', path), annotations):
        where = f'{path}: annotation id {identity}'
        for key, allowed in (('video_id', known), ('category_id', kinds)):
            if _field(annotation, key, int, where) not in allowed:
                raise BadInputError(f'{where}: unknown {key} {annotation[key]}')
        known[annotation['video_id']].append(annotation)
    rows = []
    for video in videos:
        where = f'{path}: video id {video["id"]}'
        files = video.get('file_names')
        length = video.get('length') or (len(files) if isinstance(files, list) else 0)
        sides = [*(_field(video, key, int, where) for key in ('height', 'width')), length]
        if not all(isinstance(side, int) and 0 <= side <= LONGEST_SIDE for side in sides):
            raise BadInputError(f'{where}: height, width and length are {sides}; each must be in 0..{LONGEST_SIDE}')
        rows.append(TubeVideo(video['id'], *sides, tuple(known[video['id']])))
    return TubeTruth(str(path), tuple(rows), tuple(kinds))


def _is_number(value: Any) -> bool:
    """Whether a JSON value is a number that a float can hold."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float('inf')


def read_results(path: PathLike, truth: TubeTruth) -> Dict[int, List[Mapping[str, Any]]]:
    """Read a result list (`results.json`, or a zip with it); entries by video, in the file's order.

    Raises:
        BadInputError: not a list, an unknown video or category, a score that is no finite number.
    """
    content = _read_zipped(path) if zipfile.is_zipfile(path) else read_json(path)
    if not isinstance(content, list):
        raise BadInputError(f'{path}: a result file is one list of objects, found {type(content).__name__}')
    by_video: Dict[int, List] = {video.identity: [] for video in truth.videos}
    kinds = set(truth.categories)
    for index, entry in enumerate(content):
        where = f'{path}: entry {index}'
        video, category = (_field(entry, key, int, where) for key in ('video_id', 'category_id'))
        score = entry.get('score')
        if not _is_number(score):
            raise BadInputError(f'{where} (video_id {video}): score is {score!r}; it must be a finite number')
        if video not in by_video:
            raise BadInputError(f'{where}: video_id {video} is not in the ground truth')
        if category not in kinds:
            raise BadInputError(f'{where} (video_id {video}): category_id {category} is not in the ground truth')
        by_video[video].append({**entry, 'index': index})
    return by_video


def _read_zipped(path: PathLike) -> Any:
    """The JSON file in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith('.json')]
            if len(names) != 1:
                raise BadInputError(f'{path}: needs one JSON file inside, found {names}')
            return json.loads(archive.read(names[0]))
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise BadInputError(f'{path}: not a readable zip with JSON ({error})') from None


def _encode(mask: Any, height: int, width: int, where: str) -> Optional[Tuple[bytes, List[int]]]:
    """A frame's mask as compressed bytes; None where absent.

    Args:
        mask: null, RLE object (compressed or list of counts) or list of polygons.

    Raises:
        BadInputError: anything else, or another size than the video's.
    """
    if not mask:
        return None
    try:
        if isinstance(mask, list):
            if not all(isinstance(polygon, list) and len(polygon) >= 6 and len(polygon) % 2 == 0
                       and all(_is_number(place) and abs(place) < LONGEST_SIDE for place in polygon)
                       for polygon in mask):
                raise ValueError('not a list of polygons')
            mask = coco_mask.merge(coco_mask.frPyObjects(mask, height, width))
        counts, size = mask['counts'], [int(side) for side in mask['size']]
        if size == [height, width] and isinstance(counts, list):
            if not all(isinstance(run, int) and 0 <= run <= height * width for run in counts) \
                    or sum(counts) != height * width:
                raise ValueError('runs do not cover the frame')
            counts = coco_mask.frPyObjects({'counts': counts, 'size': size}, height, width)['counts']
        text = counts if isinstance(counts, bytes) else counts.encode('ascii')
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise BadInputError(f'{where}: mask is neither null nor an RLE object ({error!r:.80})') from None
    if size != [height, width]:
        raise BadInputError(f'{where}: mask has size {size} (height, width), the video has {[height, width]}')
    return text, size


def build_tubes(entries: Sequence[Mapping[str, Any]], video: TubeVideo, rule: TubeRule,
                place: Callable[[Mapping], str], keep: Callable[[Mapping, Dict], Tube]) -> List[Tube]:
    """Decode the masks of one video's entries together.

    Args:
        entries: annotations or results.
        video: the video.
        rule: whether other lengths are legal.
        place: names an entry, for errors.
        keep: makes the tube from an entry and {category, masks, areas}.

    Raises:
        BadInputError: a wrong length, a bad mask.
    """
    rows, texts, places = [], [], []
    for entry in entries:
        where = f'{place(entry)} (video_id {video.identity})'
        masks = _field(entry, 'segmentations', list, where)
        if len(masks) != video.length and not rule.truncate:
            raise BadInputError(f'{where}: {len(masks)} segmentations, the video has {video.length} frames')
        row = [_encode(mask, video.height, video.width, f'{where}, frame {index}') for index, mask in enumerate(masks)]
        rows.append(row)
        present = [index for index, mask in enumerate(row) if mask]
        texts += [row[index][0] for index in present]
        places += [f'{where}, frame {index}' for index in present]
    areas = iter(measure(texts, [video.height * video.width] * len(texts), places))
    tubes = []
    for entry, row in zip(entries, rows):
        measured = np.array([next(areas) if mask else 0 for mask in row], np.int64)
        masks = tuple({'counts': mask[0], 'size': mask[1]} if mask else None for mask in row)
        tubes.append(keep(entry, {'category': entry['category_id'], 'masks': masks, 'areas': measured}))
    return tubes


def mean_area(areas: Iterable[Any]) -> float:
    """Mean over frames with a positive area, 0 without any."""
    present = [area for area in areas if area]
    return float(np.mean(present)) if present else 0.0


def truth_tubes(video: TubeVideo, rule: TubeRule, path: str) -> List[Tube]:
    """The objects of a video; area groups go by the file's `areas` (mask areas where it has none)."""
    def keep(entry: Mapping, parts: Dict) -> Tube:
        where = f'{path}: annotation id {entry["id"]}'
        areas = entry.get('areas') or parts['areas'].tolist()
        if not isinstance(areas, list) or not all(area is None or _is_number(area) and area >= 0 for area in areas):
            raise BadInputError(f'{where}: areas must be a list of numbers and nulls')
        return Tube(**parts, size=mean_area(areas), crowd=bool(entry.get('iscrowd')),
                    occlusion=_occlusion(entry, rule, where))
    return build_tubes(video.annotations, video, rule, lambda entry: f'{path}: annotation id {entry["id"]}', keep)


def _occlusion(entry: Mapping, rule: TubeRule, where: str) -> float:
    """OVIS' degree of occlusion of an object; 0 where the benchmark has none."""
    if rule.occlusion_levels is None:
        return 0.0
    words = _field(entry, 'occlusion', list, where)
    unknown = [word for word in words if word is not None and word not in list(rule.occlusion_levels)]
    if unknown:
        raise BadInputError(f'{where}: occlusion {unknown[0]!r} is not one of {sorted(rule.occlusion_levels)}')
    return occlusion_degree([rule.occlusion_levels[word] for word in words if word is not None])


def result_tubes(entries: Sequence[Mapping], video: TubeVideo, rule: TubeRule, path: str) -> List[Tube]:
    """The detections of a video."""
    return build_tubes(entries, video, rule, lambda entry: f'{path}: entry {entry["index"]}', lambda entry, parts: Tube(
        **parts, size=mean_area(parts['areas'].tolist()), score=float(entry['score'])))


def write_results(path: PathLike, entries: Iterable[Mapping[str, Any]]) -> Path:
    """Write `results.json` in a zip, as the servers take it; entry by entry, with a fixed date."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo('results.json')
        member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with archive.open(member, 'w', force_zip64=True) as file:
            lead = b'['
            for entry in entries:
                file.write(lead + json.dumps(entry).encode('ascii'))
                lead = b',\n'
            file.write(b'[]' if lead == b'[' else b']')
    return path
