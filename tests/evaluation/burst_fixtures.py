"""Generated BURST files and a slow reference implementation of BURST.

Shapes: T frames, H W size.
"""

from typing import Any

import numpy as np
from pycocotools import mask as coco_masks
from scipy.optimize import linear_sum_assignment

from gvseg.formats.class_lists import BURST_COMMON_IDS, BURST_DISTRACTOR_IDS, BURST_MERGED_IDS

from .functional.measures.test_hota import slow_numbers

CATEGORIES = (1, 2, 7, 20, 347, 504, 720, 967, 529, 207, 554, 805, 980)
SIZE = (40, 60)
Json = dict[str, Any]


def encode(mask: np.ndarray) -> str:
    """COCO's string of a (H,W) mask."""
    return coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))['counts'].decode()


def disk(rng: np.random.Generator, centre: np.ndarray) -> str:
    """A disk of random size."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return encode((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < rng.uniform(2, 10) ** 2)


def _tracks(rng: np.random.Generator, count: int, classes) -> dict[str, int]:
    """Local track ids with categories."""
    return {str(index + 1): int(rng.choice(classes)) for index in range(count)}


def _guesses(rng: np.random.Generator, places: dict[str, np.ndarray], tracks: dict[str, int], frame: int) -> Json:
    """Masks of predicted tracks in one frame: some near a true object, some with an own category."""
    found = {}
    for key in tracks:
        if rng.random() < 0.8:
            near = list(places.values())[int(key) % len(places)] + frame if places and rng.random() < 0.8 else None
            centre = rng.uniform(0, 40, 2) if near is None else near + rng.normal(0, 2, 2)
            found[key] = {'rle': disk(rng, centre), 'score': float(rng.random())}
            if rng.random() < 0.05:
                found[key]['category_id'] = int(rng.choice(CATEGORIES))
    return found


def make_burst(seed: int, sequences: int = 3, frames: int = 5) -> tuple[Json, Json]:
    """Ground truth and class-guided prediction that cover every rule."""
    rng = np.random.default_rng(seed)
    truth, prediction = [], []
    for number in range(1, sequences + 1):
        names = [f'frame{30 * frame:04d}.jpg' for frame in range(frames)]
        tracks = _tracks(rng, rng.integers(number == 1, 5), CATEGORIES)
        guessed = _tracks(rng, rng.integers(0, 7), list(tracks.values()) or CATEGORIES)
        places = {key: rng.uniform(5, 35, 2) for key in tracks}
        shown = [
            {key: {'rle': disk(rng, places[key] + frame), 'is_gt': True} for key in tracks if rng.random() < 0.8}
            for frame in range(frames)
        ]
        found = [_guesses(rng, places, guessed, frame) for frame in range(frames)]
        common = {'id': number, 'dataset': 'X', 'seq_name': f's{number}', 'width': SIZE[1], 'height': SIZE[0]}
        truth.append(
            {
                **common,
                'annotated_image_paths': names,
                'segmentations': shown,
                'track_category_ids': tracks,
                'neg_category_ids': rng.choice(CATEGORIES, 2).tolist(),
                'not_exhaustive_category_ids': rng.choice(CATEGORIES, rng.integers(0, 3)).tolist(),
            }
        )
        prediction.append(
            {
                **common,
                'annotated_image_paths': [*names, 'more_9999.jpg'],
                'segmentations': [*found, found[0]],
                'track_category_ids': guessed,
            }
        )
    truth[0]['track_category_ids']['1'] = 2
    truth[0]['segmentations'][0]['1'] = {'rle': disk(rng, np.array([20, 20]))}
    return {'split': 'val', 'sequences': truth}, {'split': 'val', 'sequences': prediction}


def to_exemplar(truth: Json, prediction: Json) -> Json:
    """The prediction for the exemplar-guided task: only tracks of the ground truth."""
    kept = []
    for known, entry in zip(truth['sequences'], prediction['sequences']):
        masks = [
            {key: item for key, item in frame.items() if key in known['track_category_ids']}
            for frame in entry['segmentations']
        ]
        kept.append({**entry, 'segmentations': masks, 'track_category_ids': known['track_category_ids']})
    return {**prediction, 'sequences': kept}


def box_iou(first: str, second: str) -> float:
    """Bounding box IoU of two masks, from their pixels."""
    areas, sides = [], []
    for text in (first, second):
        points = np.argwhere(coco_masks.decode({'size': list(SIZE), 'counts': text}))
        low, high = (points.min(0), points.max(0) + 1) if len(points) else (np.zeros(2), np.zeros(2))
        areas.append(np.prod(high - low))
        sides.append((low, high))
    shared = np.prod(np.maximum(0, np.minimum(sides[0][1], sides[1][1]) - np.maximum(sides[0][0], sides[1][0])))
    return float(shared / (areas[0] + areas[1] - shared)) if shared else 0.0


def _class_frames(known: Json, entry: Json, category: int, exemplar: bool) -> list[tuple]:
    """Input of HOTA for one class in one sequence."""
    merged, frames = dict(BURST_MERGED_IDS), []
    tracks = dict(known['track_category_ids'].items())
    for _name, shown, found in zip(known['annotated_image_paths'], known['segmentations'], entry['segmentations']):
        shown = {key: item for key, item in shown.items() if tracks[key] not in BURST_DISTRACTOR_IDS}
        if not shown:
            continue
        classes = {
            key: tracks[key] if exemplar else item.get('category_id', entry['track_category_ids'].get(key))
            for key, item in found.items()
        }
        truth = [key for key in shown if merged.get(tracks[key], tracks[key]) == category]
        guess = [
            key
            for key in found
            if merged.get(classes[key], classes[key]) == category
            and not (exemplar and tracks[key] in BURST_DISTRACTOR_IDS)
        ]
        overlap = np.array([[box_iou(shown[t]['rle'], found[g]['rle']) for g in guess] for t in truth])
        overlap = overlap.reshape(len(truth), len(guess))
        keep = range(len(guess))
        unknown = not truth and category not in known['neg_category_ids']
        if not exemplar and (unknown or category in known['not_exhaustive_category_ids']):
            rows, columns = linear_sum_assignment(np.where(overlap >= 0.5, overlap, 0), maximize=True)
            keep = sorted(column for row, column in zip(rows, columns) if overlap[row, column] >= 0.5)
        frames.append((np.array(truth, int), np.array(guess, int)[list(keep)], overlap[:, list(keep)]))
    return frames


def slow_burst(truth: Json, prediction: Json, exemplar: bool) -> Json:
    """HOTA, DetA, AssA of the three groups; tracks of one class are pooled over the sequences."""
    merged, classes = dict(BURST_MERGED_IDS), set()
    for known in truth['sequences']:
        shown = {key for frame in known['segmentations'] for key in frame}
        found = {known['track_category_ids'][key] for key in shown} - BURST_DISTRACTOR_IDS
        classes |= {merged.get(category, category) for category in found} - BURST_DISTRACTOR_IDS
    values = {}
    for category in classes:
        frames = []
        for place, (known, entry) in enumerate(zip(truth['sequences'], prediction['sequences'])):
            for first, second, overlap in _class_frames(known, entry, category, exemplar):
                frames.append((first + 1000 * place, second + 1000 * place, overlap))
        values[category] = slow_numbers(frames)
    groups = {'all': classes, 'common': classes & set(BURST_COMMON_IDS), 'uncommon': classes - set(BURST_COMMON_IDS)}
    return {
        name: {
            group: 100 * np.mean([values[item][name] for item in members]) if members else np.nan
            for group, members in groups.items()
        }
        for name in ('HOTA', 'DetA', 'AssA')
    }
