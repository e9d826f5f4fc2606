"""Conversion of panoptic maps and segment lists to frame tables.

Shapes: H W size of a map, n segments.
"""

from dataclasses import dataclass

import numpy as np

from gvseg.formats.constants import VOID_VALUE
from gvseg.formats.errors import InputError
from gvseg.formats.kitti_step import split_codes
from gvseg.formats.png_maps import check_same_size

from ..measures.panoptic_rules import UNCLAIMED, VOID
from ..measures.segment_counts import FrameTable, PairCounts, Segments, count_pairs


@dataclass(frozen=True)
class ListedSegments:
    """The segments that a JSON file lists for one frame, in its order.

    Attributes:
        ids: segment ids, (n,) int64.
        labels: their labels, (n,) int64.
        areas: listed areas in pixels, -1 if not listed, (n,) int64.
        crowd: iscrowd, (n,) bool.
    """

    ids: np.ndarray
    labels: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray


def listed_frame(
    target: np.ndarray,
    prediction: np.ndarray,
    listed: ListedSegments,
    predicted: ListedSegments,
    where: tuple[str, str],
    first_id: int | None,
) -> FrameTable:
    """Frame table of two id maps with their lists; id 0 is void.

    Args:
        target, prediction: (H,W) id maps.
        listed: segments of the target.
        predicted: segments of the prediction.
        where: files of target and prediction, for errors.
        first_id: id of the video's first listed segment, which becomes 0 after re-enumeration and thus crowd for AQ.

    Raises:
        InputError: sizes differ, or an id is in the map but not in the list or vice versa.
    """
    check_same_size(target, prediction, where[1])
    pairs = count_pairs(target, prediction)
    own = match_lists(pairs.per_target(), listed, where[0], first_id)
    other = match_lists(pairs.per_prediction(), predicted, where[1], None, keep_areas=False)
    return FrameTable(own, other, pairs)


def match_lists(
    found: tuple[np.ndarray, np.ndarray],
    listed: ListedSegments,
    where: str,
    first_id: int | None,
    keep_areas: bool = True,
) -> Segments:
    """Segments of a frame from the map's codes and the JSON's list.

    Args:
        found: codes in the map and their pixel counts.
        listed: the list.
        where: file, for errors.
        first_id: see `listed_frame`.
        keep_areas: use listed areas if given (ground truth); False: always count pixels.
    """
    codes, areas = found
    order = np.argsort(listed.ids)
    ids = listed.ids[order]
    only_map, only_list = np.setdiff1d(codes, np.append(ids, 0)), np.setdiff1d(ids, codes)
    if len(only_map):
        raise InputError(f'{where}: segment id {only_map[0]} is in the PNG but not in the JSON of this frame')
    if len(only_list):
        raise InputError(
            f'{where}: segment id {only_list[0]} is in the JSON but not in the PNG of this frame; '
            'remove segments without pixels'
        )
    labels, crowd, areas = np.full(len(codes), VOID), np.zeros(len(codes), bool), areas.copy()
    places = np.full(len(codes), len(ids))
    claimed = codes > 0
    labels[claimed], crowd[claimed], places[claimed] = listed.labels[order], listed.crowd[order], order
    if keep_areas:
        areas[claimed] = np.where(listed.areas[order] >= 0, listed.areas[order], areas[claimed])
    return Segments.build(codes, labels, areas, crowd, codes == (-1 if first_id is None else first_id), places)


def packed_segments(pairs: PairCounts, divisor: int) -> Segments:
    """Segments of a predicted map whose codes are 1 + label * divisor + instance, 0 for void."""
    codes, areas = pairs.per_prediction()
    return Segments.build(codes, np.where(codes > 0, (codes - 1) // divisor, VOID), areas)


def map_segments(found: tuple[np.ndarray, np.ndarray], limit: int, void: bool, where: str) -> Segments:
    """Segments of a map of class * 65536 + instance.

    Args:
        found: codes in the map and their pixel counts.
        limit: classes are 0..limit-1.
        void: whether the void class is allowed.
        where: file, for errors.

    Raises:
        InputError: a class out of range.
    """
    codes, areas = found
    labels, instances = split_codes(codes, where, limit, void)
    # The released VPQ subtracts only the pixels of void with instance 0 from unions.
    labels = np.where(labels == VOID_VALUE, np.where(instances == 0, VOID, UNCLAIMED), labels)
    return Segments.build(codes, labels, areas, untracked=instances == 0)
