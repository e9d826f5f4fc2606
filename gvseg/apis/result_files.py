"""Write a video's results frame by frame: tubes as JSON, maps as PNG.

Memory does not grow with the video.

Shapes: n segments, H W frame size.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from mmdet.structures import DetDataSample
from PIL import Image

from gvseg.core.panoptic import unpack
from gvseg.evaluation.metrics.youtube_vis_metric import encode_masks
from gvseg.formats.constants import voc_palette
from gvseg.formats.files import atomic_file
from gvseg.visualization import FrameSegments, predicted_segments
from gvseg.visualization.video_file import cannot_write

from .video_source import VideoFrame

COPY_BYTES = 2**20


class ResultFile:
    """Writes the frames of a video in order; a ``with`` statement closes it, also after an error or an interruption."""

    def __enter__(self) -> 'ResultFile':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Write the next frame and its result.

        Raises:
            WorkDirError: it cannot be written; names the file.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Finish the files."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files written."""
        raise NotImplementedError


@dataclass
class SpooledTube:
    """One identity over the video.

    Attributes:
        masks: temporary file of its masks so far, as the inside of a JSON list.
        frames: number of frames written so far.
        votes: sum of scores and number of frames by label.
        names: class name by label.
    """

    masks: BinaryIO
    frames: int = 0
    votes: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    names: dict[int, str] = field(default_factory=dict)


class TubeFile(ResultFile):
    """Tubes in the format of YouTube-VIS results, whatever the task: a list of one object a tube, with ``video_id``,
    ``category_id`` (label + 1), ``score``, ``segmentations`` (an RLE or null for every frame) and besides
    ``instance_id`` (as drawn) and ``category`` (its name).

    A tube is one instance or object, or all that a stuff class covers. Its class is the one with the greatest sum of
    scores over frames, its score the mean over the frames that report it as that, 1 where the task has no scores.
    Masks are kept in temporary files.

    Args:
        path: JSON file; ``None``: nothing is written, :meth:`chunks` is read instead.
        names: class names.
        video_id: as written.
    """

    def __init__(self, path: Path | None, names: Sequence[str] = (), video_id: int = 1) -> None:
        self.path, self.names, self.video_id = path, names, video_id
        self.frames = 0
        self.tubes: dict[tuple[bool, int], SpooledTube] = {}

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Encode the masks of a frame."""
        segments = predicted_segments(result, self.names, min_score=0.0)
        try:
            if self.path and not self.frames:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            for index in range(len(segments)):  # one at a time: each is copied to be encoded
                self._append(segments, index, *encode_masks(segments.masks[index : index + 1]))
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self.frames += 1

    def _append(self, segments: FrameSegments, index: int, mask: dict) -> None:
        """Add one mask to its tube."""
        key = (bool(segments.individual[index]), int(segments.ids[index]))
        if key not in self.tubes:
            self.tubes[key] = SpooledTube(tempfile.TemporaryFile(dir=self.path and self.path.parent))  # noqa: SIM115
        tube, label = self.tubes[key], int(segments.labels[index])
        vote = tube.votes[label]
        vote[0] += 1.0 if segments.scores is None else float(segments.scores[index])
        vote[1] += 1
        tube.names[label] = segments.name(index)
        self._pad(tube)
        tube.masks.write((', ' if tube.frames else '').encode() + json.dumps(mask).encode())
        tube.frames += 1

    def _pad(self, tube: SpooledTube) -> None:
        """Append null for the frames before the current one where the tube was absent."""
        missing = self.frames - tube.frames
        nothing = ', '.join(['null'] * missing)
        tube.masks.write((', ' if tube.frames and missing else '').encode() + nothing.encode())
        tube.frames = self.frames

    def close(self) -> None:
        """Write the file."""
        if self.path is None:
            return
        try:
            with atomic_file(self.path) as file:
                for chunk in self.chunks():
                    file.write(chunk)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,) if self.path else ()

    def chunks(self) -> Iterator[bytes]:
        """The JSON text, piece by piece; can be read once."""
        lead = b'['
        for key in sorted(self.tubes, key=lambda key: (not key[0], key[1])):
            tube = self.tubes.pop(key)
            self._pad(tube)
            label, (total, count) = max(tube.votes.items(), key=lambda item: item[1][0])
            entry = dict(
                video_id=self.video_id,
                category_id=label + 1,
                score=total / count,
                instance_id=key[1],
                category=tube.names[label],
            )
            yield lead + json.dumps(entry)[:-1].encode() + b', "segmentations": ['
            tube.masks.seek(0)
            while chunk := tube.masks.read(COPY_BYTES):
                yield chunk
            tube.masks.close()
            yield b']}'
            lead = b',\n'
        yield b'[]\n' if lead == b'[' else b']\n'


class MapFolder(ResultFile):
    """A PNG of segment numbers for every frame, named as the picture or by the number of the frame.

    Args:
        folder: where they go.
        min_score: instances below are left out.
    """

    def __init__(self, folder: Path, min_score: float = 0.3) -> None:
        self.folder, self.min_score = folder, min_score

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Write one map."""
        draw = next((draw for name, draw in MAPS.items() if name in result), None)
        if draw is None:
            raise ValueError(f'frame {frame.name} has no prediction: expected one of {", ".join(MAPS)}')
        path = self.folder / f'{frame.stem}.png'
        try:
            with atomic_file(path) as file:
                draw(result, self.min_score).save(file, format='PNG')
        except OSError as error:
            raise cannot_write(path, error) from error

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folder."""
        return (self.folder,)


def to_palette_png(values: np.ndarray) -> Image.Image:
    """A map (H, W) of numbers from 0 as a PNG with DAVIS' palette; 16-bit grey where 8 bits are too few."""
    if values.max(initial=0) > 255:
        return Image.fromarray(values.astype(np.uint16))
    image = Image.fromarray(values.astype(np.uint8))
    image.putpalette(voc_palette())
    return image


def _instances(result: DetDataSample, min_score: float) -> Image.Image:
    """Number + 1 of the instance with the best score at each pixel, 0: none."""
    segments = predicted_segments(result, min_score=min_score)
    values = np.zeros(result.ori_shape[:2], np.int64)
    for mask, identity in zip(segments.masks, segments.ids):
        values[mask] = identity + 1
    return to_palette_png(values)


def _objects(result: DetDataSample, min_score: float) -> Image.Image:
    """Object ids, 0: background."""
    return to_palette_png(np.asarray(result.pred_object_map.sem_seg)[0])


def _classes(result: DetDataSample, min_score: float) -> Image.Image:
    """Labels."""
    return to_palette_png(np.asarray(result.pred_sem_seg.sem_seg)[0])


def _panoptic(result: DetDataSample, min_score: float) -> Image.Image:
    """KITTI-STEP's colours: red is the class, 256 green + blue the instance (0: stuff); 255 in all: no segment."""
    category, instance = unpack(np.asarray(result.pred_panoptic_seg.sem_seg)[0])
    colours = np.empty((*category.shape, 3), np.uint8)
    for channel, values in enumerate((category, instance // 256, instance % 256)):
        colours[..., channel] = values
    colours[category < 0] = 255
    return Image.fromarray(colours)


MAPS: dict[str, Callable[[DetDataSample, float], Image.Image]] = dict(
    pred_track_instances=_instances, pred_panoptic_seg=_panoptic, pred_object_map=_objects, pred_sem_seg=_classes
)
"""Field of a prediction -> function that draws its map."""
