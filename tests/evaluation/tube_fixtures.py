"""Small generated YouTube-VIS and OVIS cases, and a simple, slow reference implementation of tube AP.

Shapes: T frames, H W size.
"""

import math
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

SHAPE = (20, 30)
WORDS = ('no_occlusion', 'slight_occlusion', 'severe_occlusion')
# Areas of the small maps are magnified by this, so that all area groups are used.
MAGNIFY = 900


def encode(mask: np.ndarray) -> dict[str, Any] | None:
    """Compressed RLE of a (H,W) mask, None when empty."""
    if not mask.any():
        return None
    rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {'size': [int(side) for side in rle['size']], 'counts': rle['counts'].decode()}


def box(row: int, column: int, height: int, width: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """A (H,W) mask of a rectangle."""
    mask = np.zeros(shape, bool)
    mask[max(row, 0) : max(row + height, 0), max(column, 0) : max(column + width, 0)] = True
    return mask


def annotation(identity: int, video: int, category: int, masks: list[np.ndarray], **more: Any) -> dict[str, Any]:
    """An entry of `annotations`."""
    return {
        'id': identity,
        'video_id': video,
        'category_id': category,
        'segmentations': [encode(m) for m in masks],
        'areas': [int(m.sum()) or None for m in masks],
        'iscrowd': 0,
        **more,
    }


def result(video: int, category: int, score: float, masks: list[np.ndarray]) -> dict[str, Any]:
    """An entry of a result file."""
    return {'video_id': video, 'category_id': category, 'score': score, 'segmentations': [encode(m) for m in masks]}


def dataset(lengths: dict[int, int], annotations: list[dict], categories: tuple[int, ...] = (1, 2)) -> dict[str, Any]:
    """A ground-truth file."""
    return {
        'videos': [
            {'id': identity, 'height': SHAPE[0], 'width': SHAPE[1], 'length': length}
            for identity, length in lengths.items()
        ],
        'categories': [{'id': identity, 'name': f'c{identity}'} for identity in categories],
        'annotations': annotations,
    }


def random_case(seed: int) -> tuple[dict, list[dict]]:
    """A ground truth and results with ties in score, crowds, absent frames and all area groups."""
    rng = np.random.default_rng(seed)
    lengths = {identity: int(rng.integers(1, 5)) for identity in (7, 3, 5)}
    annotations, results = [], []
    for video, length in lengths.items():
        for _ in range(rng.integers(0, 4)):
            place, size = rng.integers(0, 12, 2), rng.integers(3, 16, 2)
            masks = [
                box(*(place + frame), *size) if rng.random() < 0.85 else box(0, 0, 0, 0) for frame in range(length)
            ]
            entry = annotation(
                len(annotations) + 1,
                video,
                int(rng.integers(1, 3)),
                masks,
                occlusion=[str(word) for word in rng.choice(WORDS, length)],
            )
            entry['areas'] = [area and area * MAGNIFY for area in entry['areas']]
            entry['iscrowd'] = int(rng.random() < 0.15)
            annotations.append(entry)
            for _ in range(rng.integers(0, 4)):
                moved = [np.roll(mask, int(rng.integers(-1, 2)), 0) for mask in masks]
                results.append(
                    result(
                        video,
                        entry['category_id'] if rng.random() < 0.8 else 1,
                        float(rng.choice([0.2, 0.5, 0.5, 0.9])),
                        moved,
                    )
                )
        if rng.random() < 0.5:
            results.append(result(video, 2, 0.6, [box(1, 1, 9, 9)] * length))
    return dataset(lengths, annotations), [results[index] for index in rng.permutation(len(results))]


def decode(entry: dict) -> np.ndarray:
    """(T,H,W) bool tube of an entry."""
    masks = [mask for mask in entry['segmentations'] if mask]
    decoded = iter(np.moveaxis(coco_mask.decode(masks), -1, 0).astype(bool) if masks else ())
    return np.array([next(decoded) if mask else np.zeros(SHAPE, bool) for mask in entry['segmentations']])


def degree(words: list[str]) -> float:
    """OVIS' occlusion of a tube."""
    values = sorted((dict(zip(WORDS, (0, 0.25, 0.75)))[word] for word in words), reverse=True)
    return float(np.mean(values[: math.ceil(len(values) / 2)]))


def mean_or_zero(areas: list[float | None]) -> float:
    """Mean of the positive areas."""
    present = [area for area in areas if area]
    return float(np.mean(present)) if present else 0.0


def slow_ap(
    truth: dict,
    results: list[dict],
    area: tuple[float, float],
    occlusion: tuple[float, float] | None = None,
    most: int = 100,
    threshold: float | None = None,
) -> tuple[float, float]:
    """AP and AR of one group, loop by loop, as in COCO's protocol; -1 without ground truth."""
    thresholds = np.linspace(0.5, 0.95, 10) if threshold is None else [threshold]
    precisions, recalls = [], []
    for category in sorted(entry['id'] for entry in truth['categories']):
        for t in thresholds:
            hits, positives = [], 0
            for video in sorted(entry['id'] for entry in truth['videos']):
                found, count = slow_match(truth, results, video, category, area, occlusion, most, t)
                hits, positives = hits + found, positives + count
            if not positives:
                continue
            hits.sort(key=lambda hit: -hit[0])
            right, seen, curve = 0, 0, []
            for _, good in hits:
                if good is not None:
                    seen, right = seen + 1, right + good
                curve.append((right / positives, right / seen if seen else 0.0))
            recalls.append(right / positives)
            precisions.append(
                np.mean([max((p for r, p in curve if r >= point), default=0.0) for point in np.linspace(0, 1, 101)])
            )
    return (float(np.mean(precisions)), float(np.mean(recalls))) if precisions else (-1.0, -1.0)


def slow_match(
    truth: dict,
    results: list[dict],
    video: int,
    category: int,
    area: tuple[float, float],
    occlusion: tuple[float, float] | None,
    most: int,
    threshold: float,
) -> tuple[list, int]:
    """[(score, right | wrong | None = ignored)] of one video and category, and the objects to find."""
    objects, answers = (
        [entry for entry in entries if (entry['video_id'], entry['category_id']) == (video, category)]
        for entries in (truth['annotations'], results)
    )
    answers = sorted(answers, key=lambda entry: -entry['score'])[:most]
    sizes = [mean_or_zero(entry['areas']) for entry in objects]
    out = [
        bool(entry['iscrowd'])
        or not area[0] <= size <= area[1]
        or bool(occlusion and not occlusion[0] <= degree(entry['occlusion']) <= occlusion[1])
        for entry, size in zip(objects, sizes)
    ]
    free, found = [True] * len(objects), []
    for answer in answers:
        tube, best = decode(answer), None
        for wanted in (True, False):
            for index, entry in enumerate(objects):
                other = decode(entry)
                iou = (tube & other).sum() / max((tube | other).sum(), 1)
                if out[index] != wanted and free[index] and iou >= threshold and (best is None or iou >= best[0]):
                    best = iou, index
            if best:
                break
        if best:
            free[best[1]] = bool(objects[best[1]]['iscrowd'])
            found.append((answer['score'], None if out[best[1]] else 1))
        else:
            size = mean_or_zero(tube.sum((1, 2)).tolist())
            found.append((answer['score'], 0 if area[0] <= size <= area[1] else None))
    return found, out.count(False)
