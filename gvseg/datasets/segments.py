"""The segments of one frame: masks, classes and identities.

A frame dict describes its annotation in one of two ways, and
:func:`load_segments` reads either:

* ``instances``: list of dict(instance_id, bbox_label, mask), mask = COCO RLE
  (compressed or not) or polygons;
* ``seg_map_path`` and ``map_format``: a PNG whose values are decoded by the
  function registered under that name in ``MAP_FORMATS``.

Letters: H W frame size, n segments.
"""
from dataclasses import dataclass
from typing import Callable, Dict, List, Tuple

import numpy as np

from gvseg.formats.masks import decode_mask, mask_fault

from .reading import DataError, read_map, warn_once

VOID_LABEL = 255
STUFF_ID_OFFSET = 1_000_000  # identity of stuff: this + label, one a class


@dataclass
class Segments:
    """The segments with at least one pixel in a frame.

    Attributes:
        labels: (n,) int64 contiguous class.
        ids: (n,) int64 identity, equal over the frames of a video.
        masks: (n, H, W) uint8 0/1.
        ignored: (n,) bool, crowds that are no training target.
    """
    labels: np.ndarray
    ids: np.ndarray
    masks: np.ndarray
    ignored: np.ndarray

    def semantic_map(self) -> np.ndarray:
        """(H, W) uint8 class of every pixel, ``VOID_LABEL`` elsewhere."""
        labels = np.full(self.masks.shape[1:], VOID_LABEL, np.uint8)
        for label, mask in zip(self.labels, self.masks):
            labels[mask > 0] = label
        return labels

    def select(self, keep: np.ndarray) -> 'Segments':
        """The segments where ``keep`` (n,) is true."""
        return Segments(self.labels[keep], self.ids[keep], self.masks[keep],
                        self.ignored[keep])


def _from_instances(frame: dict, size: Tuple[int, int]) -> Segments:
    masks, kept = [], []
    for instance in frame['instances']:
        _check_mask(instance, frame, size)
        mask = decode_mask(instance['mask'], *size)
        if not mask.any():
            warn_once(f'Instance {instance["instance_id"]} of video '
                      f'{frame.get("video_id")} has an empty mask in '
                      f'{frame["img_path"]}; it counts as absent there.')
            continue
        masks.append(mask)
        kept.append(instance)
    return Segments(
        np.array([k['bbox_label'] for k in kept], np.int64),
        np.array([k['instance_id'] for k in kept], np.int64),
        np.stack(masks) if masks else np.zeros((0, ) + size, np.uint8),
        np.array([bool(k.get('ignore_flag')) for k in kept], bool))


def _check_mask(instance: dict, frame: dict, size: Tuple[int, int]) -> None:
    fault = mask_fault(instance['mask'], *size)
    if fault:
        raise DataError(
            f'The mask of instance {instance["instance_id"]} of video {frame.get("video_id")} does not fit its frame '
            f'{frame["img_path"]} of {size[0]}x{size[1]}: {fault}. Masks must have the size of their frame.')


def _wrong_size(what: str, found: tuple, frame: dict,
                size: tuple) -> DataError:
    return DataError(
        f'{what} is {found[0]}x{found[1]} but its frame {frame["img_path"]} '
        f'is {size[0]}x{size[1]}. Masks must have the size of their frame: '
        'convert one of them.')


MapDecoder = Callable[[np.ndarray, dict], List[Tuple[int, int, int]]]
MAP_FORMATS: Dict[str, MapDecoder] = {}


def map_format(name: str) -> Callable[[MapDecoder], MapDecoder]:
    """Register a function that lists the segments of a map.

    It gets the (H, W) values that occur in the map and the frame dict, and
    returns (value, label, id) for each that is a segment.
    """

    def register(function: MapDecoder) -> MapDecoder:
        MAP_FORMATS[name] = function
        return function

    return register


@map_format('semantic')
def _semantic(values: np.ndarray, frame: dict) -> List[Tuple[int, int, int]]:
    """VSPW: 0 and 255 are void, else class + 1."""
    classes = frame['num_classes']
    found = [int(v) for v in values if v not in (0, 255)]
    for value in found:
        if value > classes:
            raise DataError(f'{frame["seg_map_path"]} has the value {value} '
                            f'but the data set has {classes} classes '
                            '(1..classes, 0 and 255 are void).')
    return [(v, v - 1, STUFF_ID_OFFSET + v - 1) for v in found]


@map_format('panoptic')
def _panoptic(values: np.ndarray, frame: dict) -> List[Tuple[int, int, int]]:
    """VIPSeg: 0 is void, other ids are listed in ``frame['segments']``."""
    segments, found = frame['segments'], []
    for value in values[values > 0].tolist():
        if value not in segments:
            raise DataError(f'{frame["seg_map_path"]} has the segment id '
                            f'{value}, which the annotation file does not '
                            'list for this frame.')
        entry = segments[value]
        found.append((value, entry['label'], entry['instance_id']))
    return found


@map_format('kitti_step')
def _kitti_step(values: np.ndarray, frame: dict) -> List[Tuple[int, int, int]]:
    """KITTI-STEP: R is the class (255 void), G * 256 + B the track. Things of
    track 0 are crowds and belong to no segment."""
    labels, things, found = frame['class_labels'], frame['num_things'], []
    for value in values.tolist():
        category, track = value & 255, (value & 65280) + (value >> 16)
        if category == VOID_LABEL:
            continue
        if category >= len(labels):
            raise DataError(f'{frame["seg_map_path"]} has the class '
                            f'{category} but there are {len(labels)}.')
        label = labels[category]
        if label >= things:
            found.append((value, label, STUFF_ID_OFFSET + label))
        elif track:
            found.append((value, label, category * 65536 + track))
    return found


@map_format('objects')
def _objects(values: np.ndarray, frame: dict) -> List[Tuple[int, int, int]]:
    """YouTube-VOS, DAVIS-2017: 0 is background, 255 void, else object."""
    return [(int(v), 0, int(v)) for v in values if v not in (0, 255)]


@map_format('binary')
def _binary(values: np.ndarray, frame: dict) -> List[Tuple[int, int, int]]:
    """DAVIS-2016: everything above 0 is object 1."""
    return [(int(v), 0, 1) for v in values if v > 0]


def _from_map(frame: dict, size: Tuple[int, int]) -> Segments:
    values = read_map(frame['seg_map_path'])
    if values.shape[:2] != size:
        raise _wrong_size(f'Segmentation map {frame["seg_map_path"]}',
                          values.shape, frame, size)
    if values.ndim == 3:
        channels = values.astype(np.int64)
        values = (channels[..., 0] + 256 * channels[..., 1] +
                  65536 * channels[..., 2])
    decode = MAP_FORMATS[frame['map_format']]
    masks: Dict[Tuple[int, int], np.ndarray] = {}
    for value, label, identity in decode(np.unique(values), frame):
        mask = values == value
        key = (label, identity)
        masks[key] = masks[key] | mask if key in masks else mask
    labels, ids = np.array(list(masks), np.int64).reshape(-1, 2).T
    stack = np.stack(list(masks.values())) if masks else np.zeros((0, ) + size)
    return Segments(labels, ids, stack.astype(np.uint8),
                    np.zeros(len(labels), bool))


def load_segments(frame: dict, size: Tuple[int, int]) -> Segments:
    """Read the segments of a frame.

    Args:
        frame: Frame dict of a data set, see the module's docstring.
        size: (H, W) of its image.

    Returns:
        Segments: Those with at least one pixel; none where the frame has no
        annotation at all (hidden ground truth).

    Raises:
        DataError: Map missing or unreadable, other size than the frame,
            value that is no class or segment.
    """
    if frame.get('instances') is not None:
        return _from_instances(frame, size)
    if frame.get('seg_map_path'):
        return _from_map(frame, size)
    empty = np.zeros(0, np.int64)
    return Segments(empty, empty, np.zeros((0, ) + size, np.uint8),
                    np.zeros(0, bool))
