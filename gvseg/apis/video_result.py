"""Results of a video, frame by frame, as plain arrays.

Shapes:
    n: objects of a frame; H W: frame size.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pycocotools.mask as coco_mask

from gvseg.evaluation.metrics.youtube_vis_metric import encode_masks
from gvseg.utils.errors import InputError
from gvseg.visualization import FrameSegments, VideoFile, overlay, write_png
from gvseg.visualization.sound import SoundTrack

if TYPE_CHECKING:
    from .object_reports import ObjectReport
    from .video_source import VideoSource


@dataclass(frozen=True, eq=False)
class FrameResult:
    """The objects of one frame; masks are kept compressed.

    ============  =====================  ==============================================================================
    field         shape                  meaning
    ============  =====================  ==============================================================================
    ``ids``       (n,) int64             identity, equal over the frames of a video. VIS, VPS: given by the model; EVS:
                                         in the order of the prompts, from 1; VSS and stuff of VPS: the label
    ``labels``    (n,) int64             class, an index into the model's ``class_names``; EVS: 0
    ``names``     n str                  class names; of objects that were given a name, that one
    ``scores``    (n,) float32           confidence; 1 where the task has none (VSS, VPS, EVS)
    ``masks``     (n, H, W) bool         pixels; those of VSS, VPS and EVS do not overlap
    ``boxes``     (n, 4) float32         x1, y1, x2, y2 around the mask, in pixels
    ``is_thing``  (n,) bool              one object (True) or a class region (False: VSS, stuff of VPS)
    ============  =====================  ==============================================================================

    Attributes:
        index: number of the frame, from 0.
        time: seconds since the first frame; ``None`` where frames are evenly spaced.
        size: (H, W).
        image: the frame, (H, W, 3) uint8 RGB, where it was kept.
    """

    ids: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    scores: np.ndarray
    is_thing: np.ndarray
    rles: tuple[dict, ...]
    class_names: tuple[str, ...]
    index: int
    time: float | None
    size: tuple[int, int]
    image: np.ndarray | None = None

    @classmethod
    def from_segments(
        cls, segments: FrameSegments, index: int, time: float | None = None, image: np.ndarray | None = None
    ) -> FrameResult:
        """From the segments of a frame; ``image`` is RGB."""
        scores = np.ones(len(segments), np.float32) if segments.scores is None else segments.scores
        return cls(
            ids=segments.ids,
            labels=segments.labels,
            names=tuple(segments.name(row) for row in range(len(segments))),
            scores=scores.astype(np.float32),
            is_thing=segments.individual,
            rles=tuple(encode_masks(segments.masks)),
            class_names=segments.class_names,
            index=index,
            time=time,
            size=segments.masks.shape[1:],
            image=image,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def masks(self) -> np.ndarray:
        """(n, H, W) bool."""
        masks = [coco_mask.decode(rle) for rle in self.rles]
        return np.array(masks, bool).reshape(len(self), *self.size)

    @cached_property
    def boxes(self) -> np.ndarray:
        """(n, 4) float32: x1, y1, x2, y2."""
        boxes = np.array([coco_mask.toBbox(rle) for rle in self.rles], np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        return boxes

    def plot(self, image: np.ndarray | None = None) -> np.ndarray:
        """The frame with masks, names and ids drawn on it, (H, W, 3) uint8 RGB.

        Args:
            image: the frame, RGB; ``None``: the one that was kept.

        Raises:
            InputError: none was kept, or it has another size.
        """
        image = self.image if image is None else image
        if image is None:
            raise InputError(f'Frame {self.index} was not kept: plot(image) takes it, or iterate results().')
        if image.shape != (*self.size, 3):
            raise InputError(f'The image is {image.shape}, the result of frame {self.index} is of {self.size} pixels.')
        segments = FrameSegments(
            self.masks,
            self.labels,
            self.ids,
            self.is_thing,
            self.class_names,
            self.scores if len(self) else None,
            object_names={int(id_): name for id_, name in zip(self.ids, self.names)},
        )
        return overlay(np.ascontiguousarray(image), segments)

    def save(self, path: str | Path, image: np.ndarray | None = None) -> None:
        """Write :meth:`plot` as a PNG."""
        write_png(Path(path), self.plot(image))

    def to_coco(self) -> list[dict[str, Any]]:
        """Objects as COCO results with an additional ``track_id``; ``image_id`` is the number of the frame."""
        return [
            dict(
                image_id=self.index,
                category_id=int(self.labels[row]) + 1,
                track_id=int(self.ids[row]),
                score=float(self.scores[row]),
                segmentation=rle,
                bbox=coco_mask.toBbox(rle).tolist(),
                area=int(coco_mask.area(rle)),
            )
            for row, rle in enumerate(self.rles)
        ]

    def to_supervision(self) -> Any:
        """``supervision.Detections`` with ``tracker_id`` and ``data['class_name']``.

        Raises:
            InputError: supervision is not installed.
        """
        return _package('supervision', 'to_supervision').Detections(
            xyxy=self.boxes,
            mask=self.masks,
            confidence=self.scores,
            class_id=self.labels.astype(int),
            tracker_id=self.ids.astype(int),
            data={'class_name': np.array(self.names)},
        )


class VideoResult(Sequence):
    """Results of all frames of a video, in order.

    Args:
        frames: of all frames.
        source: the video, to be read again by :meth:`save`.
        class_names: names by label.
        reports: where each object that was shown is found, of a session.
    """

    def __init__(
        self,
        frames: Sequence[FrameResult],
        source: VideoSource,
        class_names: Sequence[str],
        reports: Sequence[ObjectReport] = (),
    ) -> None:
        self.frames, self.source, self.class_names = list(frames), source, tuple(class_names)
        self.reports = tuple(reports)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: Any) -> Any:
        return self.frames[index]

    def __iter__(self) -> Iterator[FrameResult]:
        return iter(self.frames)

    @property
    def ids(self) -> list[int]:
        """Ids of all things of the video, ascending."""
        return sorted({int(one) for frame in self.frames for one in frame.ids[frame.is_thing]})

    def plot(self, index: int) -> np.ndarray:
        """One frame drawn, RGB; the video is read again up to it."""
        index = range(len(self))[index]
        return next(drawn for number, (drawn, _) in enumerate(self._drawn()) if number == index)

    def save(self, path: str | Path) -> None:
        """Write an mp4 with all frames drawn, with the sound of a video file; the video is read again.

        Raises:
            InputError: its frames cannot be read again (a camera), or the name does not end in .mp4.
        """
        path = Path(path)
        if path.suffix.lower() not in ('.mp4', '.m4v', '.mov'):
            raise InputError(f'{path}: an mp4 is written, so give a name that ends in .mp4.')
        with VideoFile(path, self.source.fps, self.source.traits) as file:
            for drawn, time in self._drawn():
                if not file.frames and self.source.start is not None:
                    file.sound = SoundTrack(self.source.path, self.source.start)
                file.write(drawn, time)

    def _drawn(self) -> Iterator[tuple[np.ndarray, float | None]]:
        with closing(self.source.frames()) as frames:
            for frame, result in zip(frames, self.frames):
                yield result.plot(frame.image[..., ::-1]), frame.time

    def to_coco(self) -> list[dict[str, Any]]:
        """:meth:`FrameResult.to_coco` of all frames in one list."""
        return [entry for frame in self.frames for entry in frame.to_coco()]

    def to_supervision(self) -> list[Any]:
        """:meth:`FrameResult.to_supervision` of every frame."""
        return [frame.to_supervision() for frame in self.frames]

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with a row for every object of every frame.

        Columns: frame, time, id, label, name, score, is_thing, x1, y1, x2, y2, area (pixels).

        Raises:
            InputError: pandas is not installed.
        """
        columns = ['frame', 'time', 'id', 'label', 'name', 'score', 'is_thing', 'x1', 'y1', 'x2', 'y2', 'area']
        rows = [
            [frame.index, frame.time, id_, label, name, score, thing, *box, int(coco_mask.area(rle))]
            for frame in self.frames
            for id_, label, name, score, thing, box, rle in zip(
                frame.ids.tolist(),
                frame.labels.tolist(),
                frame.names,
                frame.scores.tolist(),
                frame.is_thing.tolist(),
                frame.boxes.tolist(),
                frame.rles,
            )
        ]
        return _package('pandas', 'to_pandas').DataFrame(rows, columns=columns)


def _package(name: str, method: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(f'{method}() needs the package {name}: pip install {name}') from error
