"""Small generated VIPSeg and KITTI-STEP cases, and simple, slow reference implementations of VPQ and STQ.

Shapes: T frames, H W size.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

SHAPE = (12, 16)
# Categories 0 1 are stuff, 2 3 are things; things do not come first, as in VIPSeg.
CATEGORIES = [
    {'id': index, 'name': name, 'isthing': int(index > 1)} for index, name in enumerate(('sky', 'road', 'cat', 'dog'))
]
THINGS = {2, 3}


def random_video(
    rng: np.random.Generator, frames: int, shape: tuple[int, int] = SHAPE, void: bool = True
) -> tuple[np.ndarray, dict[int, int]]:
    """(T,H,W) id map with slowly moving boxes, and {id: category}; 0 is void."""
    categories = {10: 0, 11: 1, 20: 2, 21: 2, 30: 3}
    maps = np.zeros((frames, *shape), np.int64)
    for frame in range(frames):
        maps[frame, :, : shape[1] // 2], maps[frame, :, shape[1] // 2 :] = 10, 11
    for identity in (20, 21, 30):
        row, column = rng.integers(0, shape[0] - 4), rng.integers(0, shape[1] - 5)
        for frame in range(frames):
            row = int(np.clip(row + rng.integers(-1, 2), 0, shape[0] - 3))
            column = int(np.clip(column + rng.integers(-1, 2), 0, shape[1] - 3))
            if rng.random() < 0.9:
                maps[frame, row : row + 4, column : column + 5] = identity
    if void:
        maps[rng.random(maps.shape) < 0.05] = 0
    return maps, categories


def disturb(
    rng: np.random.Generator, maps: np.ndarray, categories: dict[int, int], swap: float = 0.2
) -> tuple[np.ndarray, dict[int, int]]:
    """A prediction: other ids, shifted a little, occasionally with another track id or class."""
    renamed = {identity: 100 + place for place, identity in enumerate(sorted(categories))}
    labels = {renamed[identity]: category for identity, category in categories.items()}
    labels[150] = 3
    result = np.zeros_like(maps)
    for frame, target in enumerate(maps):
        moved = np.roll(target, int(rng.integers(-1, 2)), axis=1)
        for identity, name in renamed.items():
            result[frame][moved == identity] = 150 if rng.random() < swap and categories[identity] > 1 else name
    return result, labels


def write_ids(path: Path, ids: np.ndarray, red_is_high: bool = False) -> None:
    """Write a (H,W) id map as RGB PNG."""
    channels = [ids & 255, ids >> 8 & 255, ids >> 16 & 255]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.stack(channels[::-1] if red_is_high else channels, -1).astype(np.uint8)).save(path)


def segments_of(ids: np.ndarray, categories: dict[int, int]) -> list[dict]:
    """segments_info of a map, by increasing id."""
    return [
        {'id': int(value), 'category_id': categories[int(value)], 'iscrowd': 0, 'area': int((ids == value).sum())}
        for value in np.unique(ids)
        if value
    ]


def write_side(maps: Path, file: Path, videos: dict[str, tuple[np.ndarray, dict[int, int]]]) -> None:
    """Write PNGs and the panoptic JSON of one side."""
    listed, annotations = [], []
    for name, (video, categories) in videos.items():
        images, frames = [], []
        for index, ids in enumerate(video):
            write_ids(maps / name / f'{index:04d}.png', ids)
            images.append(
                {'id': f'{index:04d}', 'file_name': f'{index:04d}.png', 'height': ids.shape[0], 'width': ids.shape[1]}
            )
            frames.append(
                {
                    'image_id': f'{index:04d}',
                    'file_name': f'{index:04d}.png',
                    'segments_info': segments_of(ids, categories),
                }
            )
        listed.append({'video_id': name, 'images': images})
        annotations.append({'video_id': name, 'annotations': frames})
    file.write_text(json.dumps({'videos': listed, 'annotations': annotations, 'categories': CATEGORIES}))


def make_vipseg(root: Path, seed: int = 0, lengths: tuple[int, ...] = (7, 3, 9)) -> dict[str, tuple]:
    """Write `root`/gt and `root`/pred; returns {video: (target maps, categories, predicted maps, categories)}."""
    rng = np.random.default_rng(seed)
    truth, predicted = {}, {}
    for index, length in enumerate(lengths):
        truth[f'v{index}'] = random_video(rng, length)
        predicted[f'v{index}'] = disturb(rng, *truth[f'v{index}'])
    (root / 'gt').mkdir(parents=True), (root / 'pred').mkdir()
    write_side(root / 'gt' / 'panomasksRGB', root / 'gt' / 'panoptic_gt_VIPSeg.json', truth)
    write_side(root / 'pred' / 'pan_pred', root / 'pred' / 'pred.json', predicted)
    return {name: truth[name] + predicted[name] for name in truth}


def slow_vpq(videos: dict[str, tuple], length: int, mean_over: str = 'seen') -> dict[str, float]:
    """VPQ as defined in the paper, pixel by pixel on stacked maps; void 0 leaves unions and excuses predictions."""
    totals = defaultdict(lambda: [0.0, 0, 0, 0])
    for target, own, predicted, other in videos.values():
        for start in range(len(target) - length + 1):
            window, answer = target[start : start + length], predicted[start : start + length]
            matched = {}
            for g in set(window.ravel().tolist()) - {0}:
                for p in set(answer.ravel().tolist()) - {0}:
                    both, either = (window == g) & (answer == p), (window == g) | ((answer == p) & (window != 0))
                    if own[g] == other[p] and both.sum() > 0.5 * either.sum():
                        totals[own[g]][0] += both.sum() / either.sum()
                        totals[own[g]][1] += 1
                        matched[g] = p
            for p in set(answer.ravel().tolist()) - {0} - set(matched.values()):
                if ((answer == p) & (window == 0)).sum() <= 0.5 * (answer == p).sum():
                    totals[other[p]][2] += 1
            for g in set(window.ravel().tolist()) - {0} - set(matched):
                totals[own[g]][3] += 1
    pq = {label: 100 * iou / (tp + fp / 2 + fn / 2) for label, (iou, tp, fp, fn) in totals.items()}
    if mean_over == 'all':
        pq = {category['id']: pq.get(category['id'], 0.0) for category in CATEGORIES}
    groups = {'all': set(pq), 'thing': set(pq) & THINGS, 'stuff': set(pq) - THINGS}
    return {name: float(np.mean([pq[label] for label in labels])) for name, labels in groups.items() if labels}


def slow_stq(videos: dict[str, tuple]) -> dict[str, float]:
    """STQ as in VIPSeg's script: the first listed segment of a video has instance number 0 and is thus crowd."""
    confusion, association, tracks = Counter(), 0.0, 0
    for target, own, predicted, other in videos.values():
        first = min(set(target[0].ravel().tolist()) - {0})
        labels, answers = {0: 255, **own}, {0: 255, **other}
        crowd = (target == first) & (own[first] in THINGS)
        confusion.update(zip((labels[g] for g in target.ravel()), (answers[p] for p in predicted.ravel())))
        is_thing = np.vectorize(lambda p: answers[p] in THINGS)(predicted) & ~crowd
        for g in set(target.ravel().tolist()) - {0}:
            tube = (target == g) & ~crowd
            if labels[g] not in THINGS or not tube.any():
                continue
            tracks += 1
            for p in set(predicted[is_thing].tolist()):
                answer = is_thing & (predicted == p)
                both = (tube & answer).sum()
                association += both * (both / (tube | answer).sum()) / tube.sum()
    confusion = {pair: count for pair, count in confusion.items() if pair[0] != 255}
    classes = {label for pair in confusion for label in pair}
    ious = [
        confusion.get((label, label), 0) / sum(count for pair, count in confusion.items() if label in pair)
        for label in classes
    ]
    sq, aq = float(np.mean(ious)), association / tracks if tracks else 0.0
    return {'STQ': float(np.sqrt(aq * sq)), 'AQ': aq, 'SQ_IoU': sq}
