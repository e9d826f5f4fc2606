"""Reimplementation of the public scorers for the comparison in ``evaluators.py``; not for scoring.

Tube AP is the public YouTube-VIS code itself, of which mmdet has a copy. The others follow the public code:
the same file reads, array types and loops (DAVIS-2017, VSPW, VIPSeg with STEP's STQ, TrackEval).

Shapes: T frames, H W size, K objects, k window length.
"""

import contextlib
import io
import json
from collections import Counter, defaultdict
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from scipy.optimize import linear_sum_assignment


def tube_ap(root: Path) -> dict[str, float]:
    """AP, AP50, AP75 of ``gt.json`` and ``pred.json``."""
    from mmdet.evaluation.functional.ytvis import YTVIS
    from mmdet.evaluation.functional.ytviseval import YTVISeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = YTVIS(str(root / 'gt.json'))
        scorer = YTVISeval(truth, truth.loadRes(str(root / 'pred.json')))
        scorer.evaluate(), scorer.accumulate(), scorer.summarize()
    return dict(zip(('AP', 'AP50', 'AP75'), scorer.stats))


def _read_all(files: list[Path]) -> np.ndarray:
    """(T,H,W) float64."""
    maps = np.zeros((len(files), *np.array(Image.open(files[0])).shape))
    for index, file in enumerate(files):
        maps[index] = np.array(Image.open(file))
    return maps


def _split_objects(maps: np.ndarray, count: int) -> np.ndarray:
    """(K,T,H,W) bool."""
    ids = np.ones((count, *maps.shape)) * np.arange(1, count + 1)[:, None, None, None]
    return (ids == maps[None]) > 0


def _boundary(mask: np.ndarray) -> np.ndarray:
    """Boundary by three shifted copies of the whole frame."""
    right, down, both = (np.zeros_like(mask) for _ in range(3))
    right[:, :-1], down[:-1], both[:-1, :-1] = mask[:, 1:], mask[1:], mask[1:, 1:]
    edge = mask ^ right | mask ^ down | mask ^ both
    edge[-1], edge[:, -1] = mask[-1] ^ right[-1], mask[:, -1] ^ down[:, -1]
    edge[-1, -1] = False
    return edge


def _f_measure(found: np.ndarray, truth: np.ndarray) -> float:
    """F of two (H,W) bool masks."""
    radius = int(np.ceil(0.008 * np.linalg.norm(found.shape)))
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disk = (rows**2 + columns**2 <= radius**2).astype(np.uint8)
    void = np.zeros_like(found)
    edges = [_boundary(mask * np.logical_not(void)) for mask in (found, truth)]
    near = [cv2.dilate(edge.astype(np.uint8), disk) for edge in edges]
    counts = [np.sum(edge) for edge in edges]
    if not counts[0] or not counts[1]:
        return float(counts[0] == counts[1])
    precision = np.sum(edges[0] * near[1]) / float(counts[0])
    recall = np.sum(edges[1] * near[0]) / float(counts[1])
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def region_boundary(root: Path) -> dict[str, float]:
    """J-Mean and F-Mean of DAVIS folders, as davis2017-evaluation."""
    regions, boundaries = [], []
    for name in (root / 'gt/ImageSets/2017/val.txt').read_text().split():
        files = sorted((root / 'gt/Annotations/480p' / name).glob('*.png'))
        maps = _read_all(files)
        void = np.zeros_like(maps)
        for frame in range(len(maps)):
            void[frame] = maps[frame] == 255
            maps[frame, maps[frame] == 255] = 0
        truth = _split_objects(maps, int(maps[0].max()))[:, 1:-1]
        results = _read_all([root / 'pred' / name / file.name for file in files[1:-1]])
        found = _split_objects(results, int(results.max()))
        found = np.concatenate([found, np.zeros((len(truth) - len(found), *found.shape[1:]), bool)])
        for one, other in zip(truth, found):
            none = np.zeros_like(other)
            inside = np.sum((other & one) & np.logical_not(none), axis=(-2, -1))
            union = np.sum((other | one) & np.logical_not(none), axis=(-2, -1))
            regions.append(np.mean(np.where(union == 0, 1, inside / np.maximum(union, 1))))
            boundaries.append(np.mean([_f_measure(*pair) for pair in zip(other, one)]))
    return {'J-Mean': float(np.mean(regions)), 'F-Mean': float(np.mean(boundaries))}


def consistency(root: Path) -> dict[str, float]:
    """VC8 and VC16 of VSPW folders: one run of the script for each, which reads all maps and compares whole windows."""
    numbers = {}
    for length in (8, 16):
        values = []
        for name in (root / 'gt/val.txt').read_text().split():
            files = sorted((root / 'gt/data' / name / 'mask').glob('*.png'))
            truth = [np.array(Image.open(file)) for file in files]
            found = [np.array(Image.open(root / 'pred' / name / file.name)) for file in files]
            for start in range(len(files) - length):
                still, both = np.ones(truth[0].shape), np.ones(truth[0].shape)
                for step in range(1, length):
                    still = np.logical_and(still, truth[start] == truth[start + step])
                    both = np.logical_and(both, found[start] == found[start + step])
                values.append((both * still).sum() / still.sum())
        numbers[f'VC{length}'] = float(np.nanmean(values))
    return numbers


def _read_ids(path: Path) -> np.ndarray:
    """(H,W) ids of a PNG."""
    channels = np.array(Image.open(path)).astype(np.uint32)
    return channels[..., 0] + 256 * channels[..., 1] + 65536 * channels[..., 2]


def _match_window(targets: np.ndarray, answers: np.ndarray, totals: dict[int, np.ndarray]) -> None:
    """Match the tubes of one (k,H,W) window; classes are id // 1000 - 1, there is no void."""
    both = dict(zip(*np.unique(targets.astype(np.int64) << 32 | answers, return_counts=True)))
    sizes, answer_sizes = (dict(zip(*np.unique(side, return_counts=True))) for side in (targets, answers))
    found, used = set(), set()
    for key, pixels in both.items():
        g, p = int(key) >> 32, int(key) & 0xFFFFFFFF
        iou = pixels / (sizes[g] + answer_sizes[p] - pixels)
        if g // 1000 == p // 1000 and iou > 0.5:
            totals[g // 1000 - 1] += (iou, 1, 0, 0)
            found.add(g), used.add(p)
    for p in set(answer_sizes) - used:
        totals[int(p) // 1000 - 1] += (0, 0, 1, 0)
    for g in set(sizes) - found:
        totals[int(g) // 1000 - 1] += (0, 0, 0, 1)


def panoptic_quality(root: Path, windows: tuple[int, ...]) -> dict[str, float]:
    """VPQ of each window length, reading and counting every window separately."""
    numbers, gt, pred = {}, root / 'gt/panomasksRGB', root / 'pred/pan_pred'
    for length in windows:
        totals: dict[int, np.ndarray] = defaultdict(lambda: np.zeros(4))
        for folder in sorted(gt.iterdir()):
            files = sorted(folder.glob('*.png'))
            for start in range(len(files) - length + 1):
                window = files[start : start + length]
                targets = np.stack([_read_ids(file) for file in window])
                answers = np.stack([_read_ids(pred / folder.name / file.name) for file in window])
                _match_window(targets, answers, totals)
        quality = [iou / (tp + fp / 2 + fn / 2) for iou, tp, fp, fn in totals.values() if tp + fp + fn]
        numbers[f'VPQ{length}'] = 100 * float(np.mean(quality))
    return numbers


def tracking_quality(root: Path, stuff: int, classes: int) -> dict[str, float]:
    """SQ and AQ by whole-frame counts; classes from ``stuff`` on are things."""
    gt, pred = root / 'gt/panomasksRGB', root / 'pred/pan_pred'
    confusion, terms, tracks = np.zeros((classes, classes)), 0.0, 0
    for folder in sorted(gt.iterdir()):
        sizes, answer_sizes, both = Counter(), Counter(), Counter()
        for file in sorted(folder.glob('*.png')):
            target = _read_ids(file).astype(np.int64)
            answer = _read_ids(pred / folder.name / file.name).astype(np.int64)
            labels, answer_labels = target // 1000 - 1, answer // 1000 - 1
            for key, count in zip(*np.unique(labels << 16 | answer_labels, return_counts=True)):
                confusion[key >> 16, key & 0xFFFF] += count
            thing, answer_thing = labels >= stuff, answer_labels >= stuff
            for counts, values in (
                (sizes, target[thing]),
                (answer_sizes, answer[answer_thing]),
                (both, (target << 32 | answer)[thing & answer_thing]),
            ):
                counts.update(dict(zip(*np.unique(values, return_counts=True))))
        terms += sum(
            pixels**2 / (sizes[key >> 32] + answer_sizes[key & 0xFFFFFFFF] - pixels) / sizes[key >> 32]
            for key, pixels in both.items()
        )
        tracks += len(sizes)
    hits = np.diag(confusion)
    union = confusion.sum(0) + confusion.sum(1) - hits
    return {'SQ': float(np.mean((hits / np.maximum(union, 1))[union > 0])), 'AQ': terms / tracks}


THRESHOLDS, EPSILON = np.arange(0.05, 0.99, 0.05), np.finfo(float).eps


def _hota_of_sequence(frames: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[np.ndarray, ...]:
    """TP, FN, FP and summed association scores per threshold of one class in one sequence."""
    known = [
        {value: index for index, value in enumerate(sorted({int(v) for f in frames for v in f[side]}))}
        for side in (0, 1)
    ]
    frames = [
        (
            np.array([known[0][int(v)] for v in first], int),
            np.array([known[1][int(v)] for v in second], int),
            similarity,
        )
        for first, second, similarity in frames
    ]
    potential = np.zeros((len(known[0]), len(known[1])))
    counts = np.zeros((len(known[0]), 1)), np.zeros((1, len(known[1])))
    for first, second, similarity in frames:
        union = similarity.sum(0)[None] + similarity.sum(1)[:, None] - similarity
        share = np.zeros_like(similarity)
        share[union > EPSILON] = similarity[union > EPSILON] / union[union > EPSILON]
        potential[first[:, None], second[None]] += share
        counts[0][first] += 1
        counts[1][0, second] += 1
    alignment = potential / (counts[0] + counts[1] - potential)
    matches = [np.zeros_like(potential) for _ in THRESHOLDS]
    tp, fn, fp = (np.zeros(len(THRESHOLDS)) for _ in range(3))
    for first, second, similarity in frames:
        rows, columns = linear_sum_assignment(-alignment[first[:, None], second[None]] * similarity)
        for index, threshold in enumerate(THRESHOLDS):
            chosen = similarity[rows, columns] >= threshold - EPSILON
            number = chosen.sum()
            tp[index] += number
            fn[index] += len(first) - number
            fp[index] += len(second) - number
            if number:
                matches[index][first[rows[chosen]], second[columns[chosen]]] += 1
    association = np.array([np.sum(m * m / np.maximum(1, counts[0] + counts[1] - m)) for m in matches])
    return tp, fn, fp, association


def _sides(truth: dict, result: dict) -> list[tuple[dict, dict]]:
    """Pairs of masks by track id of every frame, as pycocotools takes them."""
    size = [truth['height'], truth['width']]
    frames = []
    for one, other in zip(truth['segmentations'], result['segmentations']):
        frames.append(
            tuple(
                {int(k): {'size': size, 'counts': v['rle'].encode()} for k, v in side.items()} for side in (one, other)
            )
        )
    return frames


def _class_frames(truth: dict, result: dict, label: int, frames: list, similarities: list) -> list:
    """Ids and similarities of one class; predictions of classes that are not annotated are removed."""
    known = [{int(k): v for k, v in side['track_category_ids'].items()} for side in (truth, result)]
    found = []
    for (one, other), similarity in zip(frames, similarities):
        if not one:
            continue
        rows = [index for index, track in enumerate(one) if known[0][track] == label]
        columns = [index for index, track in enumerate(other) if known[1][track] == label]
        part = similarity[np.ix_(rows, columns)]
        ids = [
            np.array([list(side)[index] for index in chosen], int) for side, chosen in ((one, rows), (other, columns))
        ]
        if not rows and label not in truth['neg_category_ids']:
            ids[1], part = ids[1][:0], part[:, :0]
        found.append((*ids, part))
    return found


def hota(root: Path) -> dict[str, float]:
    """HOTA of BURST files, class-guided, in TrackEval's order: all similarities of a frame, then class by class."""
    truth, result = (json.loads((root / name).read_text()) for name in ('gt.json', 'pred.json'))
    by_name = {sequence['seq_name']: sequence for sequence in result['sequences']}
    labels = sorted({label for sequence in truth['sequences'] for label in sequence['track_category_ids'].values()})
    totals = {label: [np.zeros(len(THRESHOLDS)) for _ in range(4)] for label in labels}
    for sequence in truth['sequences']:
        other = by_name[sequence['seq_name']]
        frames = _sides(sequence, other)
        similarities = []
        for one, two in frames:
            boxes = [coco_mask.toBbox(list(side.values())) if side else np.zeros((0, 4)) for side in (one, two)]
            both = len(one) and len(two)
            similarities.append(coco_mask.iou(*boxes, [0] * len(two)) if both else np.zeros((len(one), len(two))))
        for label in labels:
            parts = _hota_of_sequence(_class_frames(sequence, other, label, frames, similarities))
            totals[label] = [total + part for total, part in zip(totals[label], parts)]
    values = []
    for tp, fn, fp, association in totals.values():
        detection = tp / np.maximum(1, tp + fn + fp)
        values.append(np.sqrt(detection * association / np.maximum(1, tp)).mean())
    return {'HOTA': 100 * float(np.mean(values))}
