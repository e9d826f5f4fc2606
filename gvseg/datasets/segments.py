"""Segments of one frame: masks, classes and ids.

A frame dict describes its annotation in one of two ways, and
:func:`load_segments` reads either:

* ``instances``: list of dict(instance_id, bbox_label, mask), mask = COCO RLE
  (compressed or not) or polygons;
* ``seg_map_path`` and ``map_format``: a PNG whose values are decoded by the
  function registered under that name in ``MAP_FORMATS``.

Shapes: H W frame size, n segments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from gvseg.formats import kitti_step, vspw
from gvseg.formats.constants import STUFF_ID_OFFSET, VOID_VALUE, VOID_VALUE_16BIT
from gvseg.formats.errors import InputError
from gvseg.formats.masks import decode_mask, mask_fault
from gvseg.formats.object_maps import read_binary_mask, read_object_ids
from gvseg.formats.png_maps import read_label_map, read_panoptic_ids, unique_labels

from .reading import warn_once


@dataclass
class Segments:
    """The segments with at least one pixel in a frame.

    Attributes:
        labels: (n,) int64 contiguous class index.
        ids: (n,) int64 instance id, constant over the frames of a video.
        masks: (n, H, W) uint8 0/1.
        ignored: (n,) bool, crowds, which are not training targets.
    """

    labels: np.ndarray
    ids: np.ndarray
    masks: np.ndarray
    ignored: np.ndarray

    def semantic_map(self) -> np.ndarray:
        """(H, W) uint8 class of every pixel, ``VOID_VALUE`` elsewhere."""
        labels = np.full(self.masks.shape[1:], VOID_VALUE, np.uint8)
        for label, mask in zip(self.labels, self.masks):
            labels[mask > 0] = label
        return labels

    def select(self, keep: np.ndarray) -> 'Segments':
        """The segments where ``keep`` (n,) is true."""
        return Segments(self.labels[keep], self.ids[keep], self.masks[keep], self.ignored[keep])


def _from_instances(frame: dict, size: tuple[int, int]) -> Segments:
    masks, kept = [], []
    for instance in frame['instances']:
        _check_mask(instance, frame, size)
        mask = decode_mask(instance['mask'], *size)
        if not mask.view(bool).any():
            warn_once(
                f'Instance {instance["instance_id"]} of video '
                f'{frame.get("video_id")} has an empty mask in '
                f'{frame["img_path"]}; it is treated as absent there.'
            )
            continue
        masks.append(mask)
        kept.append(instance)
    return Segments(
        np.array([k['bbox_label'] for k in kept], np.int64),
        np.array([k['instance_id'] for k in kept], np.int64),
        np.stack(masks) if masks else np.zeros((0,) + size, np.uint8),
        np.array([bool(k.get('ignore_flag')) for k in kept], bool),
    )


def _check_mask(instance: dict, frame: dict, size: tuple[int, int]) -> None:
    fault = mask_fault(instance['mask'], *size)
    if fault:
        raise InputError(
            f'The mask of instance {instance["instance_id"]} of video {frame.get("video_id")} does not fit its frame '
            f'{frame["img_path"]} of {size[0]}x{size[1]}: {fault}. Masks must have the size of their frame.'
        )


class MapFormat(NamedTuple):
    """How a map is read and decoded.

    Attributes:
        read: path -> (H, W) integers.
        decode: (values in the map, frame dict) -> list of segments.
    """

    read: Callable[[str], np.ndarray]
    decode: Callable[[np.ndarray, dict], Sequence[tuple]]


MAP_FORMATS: dict[str, MapFormat] = {}


def map_format(
    name: str, read: Callable[[str], np.ndarray] = partial(read_label_map, limit=VOID_VALUE_16BIT)
) -> Callable[[Callable], Callable]:
    """Register a function that lists the segments of a map.

    The function gets the values (n,) in the map and the frame dict, and
    returns (value, label, id) for each segment; an optional fourth item
    True marks a crowd, which is not a training target.

    Args:
        name: value of ``map_format`` in frame dicts.
        read: reads the file as (H, W) integers; the default reads grey or
            palette PNGs of 8 or 16 bits.
    """

    def register(function: Callable) -> Callable:
        MAP_FORMATS[name] = MapFormat(read, function)
        return function

    return register


@map_format('semantic', read_label_map)
def _semantic(values: np.ndarray, frame: dict) -> list[tuple]:
    """VSPW: 0 and 255 are void, other values are class + 1."""
    labels = vspw.to_labels(values, frame['seg_map_path'], frame['num_classes'])
    return [
        (value, label, STUFF_ID_OFFSET + label)
        for value, label in zip(values.tolist(), labels.tolist())
        if label != VOID_VALUE
    ]


@map_format('panoptic', read_panoptic_ids)
def _panoptic(values: np.ndarray, frame: dict) -> list[tuple]:
    """VIPSeg: 0 is void, other ids must be those of ``frame['segments']``, each with at least one pixel."""
    segments, found = frame['segments'], values[values > 0].tolist()
    only_map, only_list = set(found) - set(segments), set(segments) - set(found)
    if only_map or only_list:
        what = (
            f'has the segment id {min(only_map)}, which the annotation file does not list for this frame'
            if only_map
            else f'has no pixel of the segment id {min(only_list)} that the annotation file lists for '
            'this frame: remove segments without pixels'
        )
        raise InputError(f'{frame["seg_map_path"]} {what}.')
    return [
        (value, segments[value]['label'], segments[value]['instance_id'], segments[value].get('crowd', False))
        for value in found
    ]


@map_format('kitti_step', kitti_step.read_codes)
def _kitti_step(values: np.ndarray, frame: dict) -> list[tuple]:
    """KITTI-STEP: class * 65536 + track, 255 is void. Things of track 0 are crowds and form no segment."""
    labels, things, found = frame['class_labels'], frame['num_things'], []
    for value, category, track in zip(
        values.tolist(), *kitti_step.split_codes(values, frame['seg_map_path'], len(labels))
    ):
        label = VOID_VALUE if category == VOID_VALUE else labels[category]
        if label >= things and label != VOID_VALUE:
            found.append((value, label, STUFF_ID_OFFSET + label))
        elif label != VOID_VALUE and track:
            found.append((value, label, value))
    return found


@map_format('objects', partial(read_object_ids, void_alone=True))
def _objects(values: np.ndarray, frame: dict) -> list[tuple]:
    """YouTube-VOS, DAVIS-2017: 0 is background, 255 void, other values are object ids."""
    return [(int(v), 0, int(v)) for v in values if v not in (0, VOID_VALUE)]


@map_format('binary', read_binary_mask)
def _binary(values: np.ndarray, frame: dict) -> list[tuple]:
    """DAVIS-2016: one object; values of soft edges are thresholded at the middle grey."""
    return [(True, 0, 1)] if values.any() else []


def read_map(frame: dict) -> np.ndarray:
    """Read the (H, W) values of a frame's map by its format."""
    return MAP_FORMATS[frame['map_format']].read(frame['seg_map_path'])


def map_segments(frame: dict, values: np.ndarray) -> Sequence[tuple]:
    """The segments among the values (H, W) of a frame's map.

    Raises:
        InputError: A value is not a class or segment.
    """
    return MAP_FORMATS[frame['map_format']].decode(unique_labels(values), frame)


def _from_map(frame: dict, size: tuple[int, int]) -> Segments:
    values = read_map(frame)
    if values.shape != tuple(size):
        raise InputError(
            f'Segmentation map {frame["seg_map_path"]} is {values.shape[0]}x{values.shape[1]} but its frame '
            f'{frame["img_path"]} is {size[0]}x{size[1]}. Masks must have the size of their frame: convert one of '
            'them.'
        )
    masks: dict[tuple[int, int], np.ndarray] = {}
    crowds = set()
    for value, label, identity, *crowd in map_segments(frame, values):
        mask, key = values == value, (label, identity)
        masks[key] = masks[key] | mask if key in masks else mask
        if any(crowd):
            crowds.add(key)
    labels, ids = np.array(list(masks), np.int64).reshape(-1, 2).T
    stack = np.stack(list(masks.values())) if masks else np.zeros((0,) + size)
    return Segments(labels, ids, stack.astype(np.uint8), np.array([key in crowds for key in masks], bool))


def load_segments(frame: dict, size: tuple[int, int]) -> Segments:
    """Read the segments of a frame.

    Args:
        frame: Frame dict of a dataset, see the module's docstring.
        size: (H, W) of its image.

    Returns:
        Segments: Those with at least one pixel; empty if the frame has no
        annotation (hidden ground truth).

    Raises:
        InputError: The map is missing or unreadable, differs in size from the
            frame, or has a value that is not a class or segment.
    """
    if frame.get('instances') is not None:
        return _from_instances(frame, size)
    if frame.get('seg_map_path'):
        return _from_map(frame, size)
    empty = np.zeros(0, np.int64)
    return Segments(empty, empty, np.zeros((0,) + size, np.uint8), np.zeros(0, bool))
