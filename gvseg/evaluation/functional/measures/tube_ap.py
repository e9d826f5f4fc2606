"""AP and AR of tubes (YouTube-VIS, OVIS).

Shapes: D detections and G objects of one video and category, T frames, A groups, I IoU thresholds, N detections of all
videos, R recall points.

Source: Yang et al., Video Instance Segmentation (ICCV 2019), section 5, and the released YTVOSeval / OVISeval, whose
tie-breaking (stable sorts by decreasing score, the last of equal IoUs) is kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask

from .tube_rules import TubeGroup, TubeRule

Mask = dict | None


@dataclass(frozen=True)
class Tube:
    """A ground-truth object or a detection in one video.

    Attributes:
        category: category id.
        masks: compressed RLE dictionary of every frame, None where absent, T long.
        areas: pixels per frame, (T,) int64, 0 where absent.
        size: mean area, which determines the area groups.
        score: detections only.
        crowd: objects only: ignored, may be matched several times.
        occlusion: objects only, OVIS.
    """

    category: int
    masks: tuple[Mask, ...]
    areas: np.ndarray
    size: float
    score: float = 0.0
    crowd: bool = False
    occlusion: float = 0.0


@dataclass(frozen=True)
class CategoryMatches:
    """Matches of one video and category.

    Attributes:
        scores: decreasing, (D,).
        hits: matched to an object, (A,I,D) bool.
        ignored: neither true nor false positives, (A,I,D) bool.
        positives: number of ground-truth objects, (A,).
    """

    scores: np.ndarray
    hits: np.ndarray
    ignored: np.ndarray
    positives: np.ndarray


VideoMatches = dict[int, CategoryMatches]


def tube_iou(detections: Sequence[Tube], objects: Sequence[Tube], least: np.ndarray | float = 0.0) -> np.ndarray:
    """Sum of intersections over sum of unions, (D,G); frames after the end of the shorter tube are ignored.

    Args:
        detections, objects: the tubes.
        least: a number or (D,G); pairs of lower IoU may get 0, which saves computing all their frames.
    """
    lengths = [np.array([len(tube.masks) for tube in tubes], int) for tubes in (detections, objects)]
    longest = int(lengths[1].max(initial=0))
    areas = [_padded(tubes, longest) for tubes in (detections, objects)]
    sums = [np.pad(area.cumsum(1), ((0, 0), (1, 0))) for area in areas]
    shorter = np.minimum.outer(*lengths)
    both = np.take_along_axis(sums[0], np.minimum(shorter, longest), 1)
    both = both + np.take_along_axis(sums[1], shorter.T, 1).T
    overlap = _intersections(detections, objects, areas, both, least)
    union = both - overlap
    return np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)


def _intersections(
    detections: Sequence[Tube],
    objects: Sequence[Tube],
    areas: Sequence[np.ndarray],
    both: np.ndarray,
    least: np.ndarray | float,
) -> np.ndarray:
    """Intersections summed over all frames, (D,G) float64; 0 once the IoU can no longer reach ``least``.

    Args:
        detections, objects: the tubes.
        areas: (D,T) and (G,T) pixel counts.
        both: (D,G) sums of both tubes' pixels.
        least: see :func:`tube_iou`.
    """
    overlap = np.zeros(both.shape)
    # Upper bound of the intersections in the remaining frames: the smaller of the two areas in each.
    rest = np.minimum(areas[0][:, None], areas[1][None]).astype(float)
    rest = np.concatenate([np.cumsum(rest[..., ::-1], -1)[..., ::-1], np.zeros((*both.shape, 1))], -1)
    compared = rest[..., 0] > 0
    for frame in range(areas[1].shape[1]):
        most = overlap + rest[..., frame]
        compared &= most / np.maximum(both - most, 1) >= least
        pairs = compared & (rest[..., frame] > rest[..., frame + 1])
        rows, columns = (np.flatnonzero(pairs.any(axis)) for axis in (1, 0))
        masks = [[tubes[i].masks[frame] for i in chosen] for tubes, chosen in ((detections, rows), (objects, columns))]
        # With the crowd flag pycocotools divides by the first mask's area: the intersection is an integer.
        if len(rows):
            share = coco_mask.iou(*masks, [1] * len(columns))
            overlap[np.ix_(rows, columns)] += np.rint(share * areas[0][rows, frame, None])
    return np.where(compared, overlap, 0)


def _padded(tubes: Sequence[Tube], length: int) -> np.ndarray:
    """(tubes, length) areas, truncated or zero-padded."""
    areas = np.zeros((len(tubes), length), np.int64)
    for row, tube in zip(areas, tubes):
        row[: min(length, len(tube.areas))] = tube.areas[:length]
    return areas


def _outside(values: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    return (values < bounds[0]) | (values > bounds[1])


def _ignored_objects(objects: Sequence[Tube], groups: Sequence[TubeGroup]) -> np.ndarray:
    """(A,G) bool."""
    crowd = np.array([tube.crowd for tube in objects], bool)
    sizes, degrees = (np.array([getattr(tube, name) for tube in objects]) for name in ('size', 'occlusion'))
    rows = [
        crowd
        | _outside(sizes, group.area)
        | (_outside(degrees, group.occlusion) if group.occlusion else np.zeros(len(objects), bool))
        for group in groups
    ]
    return np.array(rows, bool).reshape(len(groups), len(objects))


def match_category(
    iou: np.ndarray, ignore: np.ndarray, crowd: np.ndarray, rule: TubeRule
) -> tuple[np.ndarray, np.ndarray]:
    """Greedy matching by decreasing score, for all groups and IoU thresholds at once.

    A detection is matched to the free object of largest IoU (the last of equal ones) that is not ignored; otherwise to
    the best ignored one, where crowds are always free.

    Args:
        iou: (D,G), detections sorted by decreasing score.
        ignore: objects that a group ignores, (A,G) bool.
        crowd: (G,) bool.
        rule: thresholds.

    Returns:
        matched to an object, and to an ignored one, both (A,I,D) bool.
    """
    thresholds = _thresholds(rule)
    shape = len(ignore), len(thresholds), len(iou)
    hits, ignored = np.zeros(shape, bool), np.zeros(shape, bool)
    if iou.size:
        _match(iou, ignore, crowd, thresholds, hits, ignored)
    return hits, ignored


def _thresholds(rule: TubeRule) -> np.ndarray:
    """(I,) minimum IoU of a match."""
    return np.minimum(rule.iou_thresholds, 1 - 1e-10)


def _match(
    iou: np.ndarray,
    ignore: np.ndarray,
    crowd: np.ndarray,
    thresholds: np.ndarray,
    hits: np.ndarray,
    ignored: np.ndarray,
) -> None:
    """Fill hits and ignored, (A,I,D), from IoU (D,G), ignore (A,G), crowd (G,)."""
    free = np.ones((len(ignore), len(thresholds), iou.shape[1]), bool)
    for index in np.flatnonzero(iou.max(1) >= thresholds.min()):
        able = free & (iou[index] >= thresholds[:, None])
        wanted = able & ~ignore[:, None]
        able = np.where(wanted.any(-1, keepdims=True), wanted, able)
        ranked = np.where(able, iou[index], -1.0)[..., ::-1]
        best = iou.shape[1] - 1 - ranked.argmax(-1)
        hit = able.any(-1)
        hits[..., index] = hit
        ignored[..., index] = hit & np.take_along_axis(ignore, best, 1)
        group, threshold = np.nonzero(hit)
        free[group, threshold, best[hit]] = crowd[best[hit]]


def match_video(detections: Sequence[Tube], objects: Sequence[Tube], rule: TubeRule) -> VideoMatches:
    """Matches of every category that the video has, detections in the order of the results."""
    scores = np.array([tube.score for tube in detections], float)
    found, wanted = _by_category(detections), _by_category(objects)
    for category, rows in found.items():
        found[category] = rows[np.argsort(-scores[rows], kind='stable')[: rule.most_detections]]
    iou = _iou_of_categories(detections, objects, found, wanted, _thresholds(rule).min())
    ignore, crowd = _ignored_objects(objects, rule.groups), np.array([tube.crowd for tube in objects], bool)
    sizes = np.array([tube.size for tube in detections])
    outside = np.array([_outside(sizes, group.area) for group in rule.groups], bool)
    matches, none = {}, np.zeros(0, int)
    for category in sorted({*found, *wanted}):
        rows, columns = found.get(category, none), wanted.get(category, none)
        hits, ignored = match_category(iou[np.ix_(rows, columns)], ignore[:, columns], crowd[columns], rule)
        ignored |= ~hits & outside[:, None, rows]
        matches[category] = CategoryMatches(scores[rows], hits, ignored, (~ignore[:, columns]).sum(1))
    return matches


def _by_category(tubes: Sequence[Tube]) -> dict[int, np.ndarray]:
    """Indices of the tubes of every category."""
    found: dict[int, list[int]] = defaultdict(list)
    for index, tube in enumerate(tubes):
        found[tube.category].append(index)
    return {category: np.array(rows) for category, rows in found.items()}


def _iou_of_categories(
    detections: Sequence[Tube],
    objects: Sequence[Tube],
    found: Mapping[int, np.ndarray],
    wanted: Mapping[int, np.ndarray],
    least: float,
) -> np.ndarray:
    """(D,G) IoU of the pairs of one category, see :func:`tube_iou`.

    Detections that share their masks (one mask under several categories) are compared once, and only if their category
    has objects.

    Args:
        detections, objects: the tubes.
        found, wanted: their indices by category.
        least: lower values may be 0.
    """
    rows: dict[int, int] = {}
    owners = np.array([rows.setdefault(id(tube.masks), len(rows)) for tube in detections], int)
    bounds = np.full((len(rows), len(objects)), np.inf)
    for category in wanted.keys() & found.keys():
        bounds[np.ix_(owners[found[category]], wanted[category])] = least
    compared = np.isfinite(bounds).any(1)
    iou = np.zeros(bounds.shape)
    distinct = [detections[index] for index in np.unique(owners, return_index=True)[1][compared]]
    iou[compared] = tube_iou(distinct, objects, bounds[compared])
    return iou[owners]


def _curve(
    matches: Sequence[CategoryMatches], group: int, most: int, rule: TubeRule
) -> tuple[np.ndarray, np.ndarray] | None:
    """Interpolated precision (I,R) and final recall (I,) of one category; None without ground truth."""
    positives = sum(int(match.positives[group]) for match in matches)
    if not positives:
        return None
    scores = np.concatenate([match.scores[:most] for match in matches])
    order = np.argsort(-scores, kind='stable')
    hits, ignored = (
        np.concatenate([getattr(match, name)[group, :, :most] for match in matches], 1)[:, order]
        for name in ('hits', 'ignored')
    )
    right = np.cumsum(hits & ~ignored, 1).astype(float)
    wrong = np.cumsum(~hits & ~ignored, 1).astype(float)
    precision = np.zeros((len(right), len(rule.recall_points)))
    if not len(scores):
        return precision, np.zeros(len(right))
    recall = right / positives
    raw = right / (right + wrong + np.spacing(1))
    raw = np.maximum.accumulate(raw[:, ::-1], 1)[:, ::-1]
    for row, curve, values in zip(precision, recall, raw):
        places = np.searchsorted(curve, rule.recall_points, side='left')
        places = places[places < len(values)]
        row[: len(places)] = values[places]
    return precision, recall[:, -1]


def tube_numbers(videos: Sequence[VideoMatches], categories: Sequence[int], rule: TubeRule) -> dict[str, float]:
    """The rule's statistics, 0..1, or -1 if no category has ground truth.

    Args:
        videos: matches in the order of video ids, which breaks ties between equal scores.
        categories: category ids to average over.
        rule: counting rule.
    """
    names = [group.name for group in rule.groups]
    curves: dict[tuple[str, int], list] = {}
    numbers = {}
    by_category = {category: [video[category] for video in videos if category in video] for category in categories}
    for statistic in rule.statistics:
        key = statistic.group, statistic.detections
        if key not in curves:
            found = [_curve(matches, names.index(key[0]), key[1], rule) for matches in by_category.values() if matches]
            curves[key] = [curve for curve in found if curve is not None]
        values = np.array([curve[0 if statistic.precision else 1] for curve in curves[key]])
        if len(values) and statistic.threshold is not None:
            values = values[:, np.isclose(rule.iou_thresholds, statistic.threshold)]
        numbers[statistic.key] = float(np.mean(values)) if len(values) else -1.0
    return numbers
