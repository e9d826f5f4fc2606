"""Reading and checking panoptic PNGs, and turning maps and lists of segments into frame tables.

Letters: H W size of a map, n segments.
"""
import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from PIL import Image

from .file_readers import check_png_chunks, read_bytes
from .input_errors import BadInputError
from .rules_panoptic import VOID
from .segment_counts import FrameTable, PairCounts, Segments, count_pairs

PathLike = Union[str, Path]
# Colour types of PNG with three or four channels, the fourth is not looked at.
RGB_TYPES = (2, 6)
ID_LIMIT = 2**24


def read_rgb_codes(path: PathLike, red_is_high: bool = False) -> np.ndarray:
    """Read an 8-bit RGB PNG as one number per pixel.

    Args:
        path: the file.
        red_is_high: False: R + 256 G + 65536 B (VIPSeg, COCO panoptic); True: 65536 R + 256 G + B (KITTI-STEP).

    Returns:
        (H,W) uint32.

    Raises:
        BadInputError: missing, truncated, damaged, or not an 8-bit RGB PNG.
    """
    data = read_bytes(path)
    check_png_chunks(data, path)
    width, height, depth, kind = struct.unpack_from('>IIBB', data, 16)
    if depth != 8 or kind not in RGB_TYPES:
        raise BadInputError(f'{path}: PNG with bit depth {depth} and colour type {kind}; ids are stored in 8-bit RGB '
                            '(colour type 2)')
    try:
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.array(image.convert('RGBA'))
    except (OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError) as error:
        raise BadInputError(f'{path}: cannot be decoded ({error}); write it again') from None
    if pixels.shape != (height, width, 4):
        raise BadInputError(f'{path}: cannot be decoded; write it again')
    # Four bytes a pixel, the last one is alpha: read as one little-endian number.
    codes = pixels.view('<u4')[..., 0]
    if red_is_high:
        return codes.byteswap() >> 8
    codes &= ID_LIMIT - 1
    return codes


@dataclass(frozen=True)
class ListedSegments:
    """The segments that a JSON file lists for one frame, in its order.

    Attributes:
        ids: segment ids, (n,) int64.
        labels: their labels, (n,) int64.
        areas: areas as listed, -1 where none is, (n,) int64.
        crowd: iscrowd, (n,) bool.
    """
    ids: np.ndarray
    labels: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray


def parse_segments(segments: Sequence[Mapping[str, Any]], labels: Mapping[int, int], where: str) -> ListedSegments:
    """Check `segments_info` of one frame.

    Args:
        segments: list of {id, category_id, area?, iscrowd?}.
        labels: category id -> label.
        where: file, video and frame, for errors.

    Raises:
        BadInputError: not such a list, a duplicate or impossible id, an unknown category, an impossible area.
    """
    rows, seen = [], set()
    if not isinstance(segments, (list, tuple)):
        raise BadInputError(f'{where}: segments_info is {segments!r:.40}; it must be a list')
    for segment in segments:
        identity, category = _whole(segment, 'id', where), _whole(segment, 'category_id', where)
        if identity in seen:
            raise BadInputError(f'{where}: duplicate segment id {identity}')
        if not 0 < identity < ID_LIMIT:
            raise BadInputError(f'{where}: segment id {identity} is out of range 1..{ID_LIMIT - 1} (0 is void)')
        if category not in labels:
            raise BadInputError(f'{where}: segment id {identity} has category_id {category}, which the ground truth '
                                'does not list in its categories')
        seen.add(identity)
        area = _whole(segment, 'area', where) if segment.get('area') is not None else -1
        if area < -1 or (area == -1 and segment.get('area') is not None):
            raise BadInputError(f'{where}: segment id {identity} has area {area}')
        rows.append((identity, labels[category], area, segment.get('iscrowd', 0) == 1))
    ids, own, areas, crowd = np.array(rows, np.int64).reshape(-1, 4).T
    return ListedSegments(ids, own, areas, crowd.astype(bool))


def _whole(segment: Any, key: str, where: str) -> int:
    """An integer of a segment; 3.0 counts as 3."""
    if not isinstance(segment, Mapping):
        raise BadInputError(f'{where}: a segment is {segment!r:.40}; it must be an object')
    value = segment.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 2**62 or value % 1:
        raise BadInputError(f'{where}: {key} of segment {segment.get("id")!r} is {value!r}; it must be an integer')
    return int(value)


def listed_frame(target: np.ndarray, prediction: np.ndarray, listed: ListedSegments,
                 predicted: Optional[ListedSegments], where: Tuple[str, str], first_id: Optional[int]) -> FrameTable:
    """Frame table of two id maps with their lists; id 0 is void.

    Args:
        target, prediction: (H,W) id maps.
        listed: segments of the target.
        predicted: segments of the prediction.
        where: files of target and prediction, for errors.
        first_id: id of the video's first listed segment: number 0 of the re-enumeration, thus crowd for AQ.

    Raises:
        BadInputError: sizes differ, or an id is in the map and not in the list or the other way round.
    """
    if target.shape != prediction.shape:
        raise BadInputError(f'{where[1]}: size {prediction.shape[1]}x{prediction.shape[0]}, but the ground truth is '
                            f'{target.shape[1]}x{target.shape[0]} (width x height)')
    pairs = count_pairs(target, prediction)
    own = match_lists(pairs.per_target(), listed, where[0], first_id)
    other = match_lists(pairs.per_prediction(), predicted, where[1], None, keep_areas=False)
    return FrameTable(own, other, pairs)


def match_lists(found: Tuple[np.ndarray, np.ndarray], listed: ListedSegments, where: str,
                first_id: Optional[int], keep_areas: bool = True) -> Segments:
    """Segments of a frame from the map's codes and the JSON's list.

    Args:
        found: codes in the map and their pixels.
        listed: the list.
        where: file, for errors.
        first_id: see `listed_frame`.
        keep_areas: take listed areas where there are any (ground truth); False: always count pixels.
    """
    codes, areas = found
    order = np.argsort(listed.ids)
    ids = listed.ids[order]
    only_map, only_list = np.setdiff1d(codes, np.append(ids, 0)), np.setdiff1d(ids, codes)
    if len(only_map):
        raise BadInputError(f'{where}: segment id {only_map[0]} is in the PNG and not in the JSON of this frame')
    if len(only_list):
        raise BadInputError(f'{where}: segment id {only_list[0]} is in the JSON and not in the PNG of this frame; '
                            'remove segments without pixels')
    labels, crowd, areas = np.full(len(codes), VOID), np.zeros(len(codes), bool), areas.copy()
    claimed = codes > 0
    labels[claimed], crowd[claimed] = listed.labels[order], listed.crowd[order]
    if keep_areas:
        areas[claimed] = np.where(listed.areas[order] >= 0, listed.areas[order], areas[claimed])
    return Segments.build(codes, labels, areas, crowd, codes == (-1 if first_id is None else first_id))


def packed_segments(pairs: PairCounts, divisor: int) -> Segments:
    """Segments of a predicted map whose codes are 1 + label * divisor + instance, 0 for void."""
    codes, areas = pairs.per_prediction()
    return Segments.build(codes, np.where(codes > 0, (codes - 1) // divisor, VOID), areas)
