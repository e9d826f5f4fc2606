"""Access to the frames of a model's output: mmdet's TrackDataSample or the dictionary mmengine converts it to.

Shapes: H W size of a map.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.png_maps import read_label_map


def frames_of(data_samples: Sequence[Any]) -> Iterator[Any]:
    """Every frame (DetDataSample or dictionary) of a batch of clips, in order."""
    for sample in data_samples:
        clip = sample['video_data_samples'] if isinstance(sample, Mapping) else sample.video_data_samples
        yield from clip


def frame_map(frame: Any, name: str) -> np.ndarray | None:
    """A frame's map `name` (PixelData with `sem_seg` (1,H,W)) as a (H,W) array; None if the frame has none."""
    pixels = frame.get(name, None)
    values = None if pixels is None else pixels.get('sem_seg', None)
    if values is None:
        return None
    values = values.detach().cpu().numpy() if hasattr(values, 'detach') else np.asarray(values)
    return values.reshape(values.shape[-2:])


def required_map(frame: Any, name: str) -> np.ndarray:
    """Like `frame_map`.

    Raises:
        InputError: the model did not write this map.
    """
    found = frame_map(frame, name)
    if found is None:
        raise InputError(f'{describe(frame)}: the model wrote no {name}; use the metric that fits the task')
    return found


def describe(frame: Any) -> str:
    """Name of a frame for messages."""
    return f'video {frame.get("video_id", "?")}, frame {frame.get("frame_id", "?")} ({frame.get("img_path", "?")})'


def names_of(frame: Any, depth: int = 1) -> tuple[str, str]:
    """Video and frame names as in the benchmark's files.

    Args:
        frame: the frame.
        depth: number of levels from the frame's file up to the video's folder (VSPW `video/origin/frame.jpg`: 2).

    Raises:
        InputError: the frame has neither img_path nor seg_map_path.
    """
    path = frame.get('img_path', None) or frame.get('seg_map_path', None)
    if not path:
        raise InputError(f'{describe(frame)}: has no img_path, so its video and frame name are unknown')
    path = Path(path)
    return path.parts[-1 - depth] if len(path.parts) > depth else '', path.stem


def read_target(frame: Any, table: np.ndarray | None) -> np.ndarray | None:
    """The ground-truth map file of a frame (meta `seg_map_path`), mapped by a value table; None without a path.

    Args:
        frame: the frame.
        table: (256,) new value of every stored value; None keeps the stored values.
    """
    path = frame.get('seg_map_path', None)
    if not path:
        return None
    stored = read_label_map(path)
    return stored if table is None else table[stored]


def value_table(mapping: Mapping[int, int] | None, other: int) -> np.ndarray | None:
    """(256,) int64 table of a {stored value: new value} mapping; values that are not listed become `other`."""
    if mapping is None:
        return None
    table = np.full(256, other, np.int64)
    for stored, value in mapping.items():
        table[int(stored)] = int(value)
    return table
