"""Results of a video for other programs: a COCO data set, and cut-out objects.

Shapes: n segments, H W frame size.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pycocotools.mask as coco_mask
from mmdet.structures import DetDataSample
from PIL import Image

from gvseg.evaluation.metrics.youtube_vis_metric import encode_masks
from gvseg.formats.files import atomic_file
from gvseg.visualization import FrameSegments, predicted_segments
from gvseg.visualization.video_file import cannot_write

from .result_files import COPY_BYTES, ResultFile
from .video_source import VideoFrame


class CocoFile(ResultFile):
    """A COCO data set: ``images`` are the frames, ``annotations`` have compressed RLE masks and a ``track_id``.

    An image's ``id`` is the number of its frame, its ``file_name`` that of the picture, or the frame's number with
    ``.jpg`` (``000012.jpg``, as ``ffmpeg -i VIDEO -start_number 0 %06d.jpg`` writes them). A category's ``id`` is
    label + 1. Annotations are kept in a temporary file.

    Args:
        path: JSON file.
        names: class names.
        min_score: instances below are left out.
    """

    def __init__(self, path: Path, names: Sequence[str] = (), min_score: float = 0.3) -> None:
        self.path, self.names, self.min_score = path, names, min_score
        self.images: list[dict] = []
        self.categories: dict[int, str] = {label + 1: name for label, name in enumerate(names)}
        self.count = 0
        self._annotations = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Add an image and its annotations."""
        segments = predicted_segments(result, self.names, self.min_score)
        height, width = frame.image.shape[:2]
        number = len(self.images)
        picture = Path(frame.name)
        name = picture.name if picture.stem == frame.stem else f'{frame.stem}.jpg'
        self.images.append(dict(id=number, file_name=name, height=height, width=width, frame_index=number))
        try:
            for index in range(len(segments)):
                entry = self._annotation(segments, index, number)
                self._annotations.write((',\n' if entry['id'] > 1 else '').encode() + json.dumps(entry).encode())
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _annotation(self, segments: FrameSegments, index: int, image: int) -> dict:
        """The annotation of one segment; their ids count from 1."""
        self.count += 1
        label, rle = int(segments.labels[index]), encode_masks(segments.masks[index : index + 1])[0]
        self.categories.setdefault(label + 1, replace(segments, object_names=None).name(index))
        entry = dict(
            id=self.count,
            image_id=image,
            category_id=label + 1,
            track_id=int(segments.ids[index]),
            name=segments.name(index),
            segmentation=rle,
            area=int(coco_mask.area(rle)),
            bbox=coco_mask.toBbox(rle).tolist(),
            iscrowd=0,
        )
        return entry if segments.scores is None else dict(entry, score=float(segments.scores[index]))

    def close(self) -> None:
        """Write the file."""
        categories = [dict(id=number, name=name) for number, name in sorted(self.categories.items())]
        lead = json.dumps(dict(images=self.images, categories=categories))[:-1]
        try:
            with atomic_file(self.path) as file:
                file.write(lead.encode() + b', "annotations": [\n')
                self._annotations.seek(0)
                shutil.copyfileobj(self._annotations, file, COPY_BYTES)
                file.write(b']}\n')
        except OSError as error:
            raise cannot_write(self.path, error) from error
        finally:
            self._annotations.close()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)


class CutoutFolder(ResultFile):
    """Every segment cut out of every frame: an RGBA PNG of the frame's size, transparent outside.

    A folder for each object, named by its id (``003``), or for each class region, named by its class; in it
    ``STEM.png`` for the frames in which it is.

    Args:
        folder: where the folders go.
        names: class names.
        min_score: instances below are left out.
    """

    def __init__(self, folder: Path, names: Sequence[str] = (), min_score: float = 0.3) -> None:
        self.folder, self.names, self.min_score = folder, names, min_score

    def add(self, frame: VideoFrame, result: DetDataSample) -> None:
        """Write the segments of a frame."""
        segments = predicted_segments(result, self.names, self.min_score)
        for index, mask in enumerate(segments.masks):
            path = self.folder / self._name(segments, index) / f'{frame.stem}.png'
            try:
                with atomic_file(path) as file:
                    cut_out(frame.image, mask).save(file, format='PNG')
            except OSError as error:
                raise cannot_write(path, error) from error

    @staticmethod
    def _name(segments: FrameSegments, index: int) -> str:
        if segments.individual[index]:
            return f'{int(segments.ids[index]):03d}'
        return re.sub(r'[^\w-]+', '_', segments.name(index)).strip('_') or f'class_{int(segments.labels[index])}'

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folder."""
        return (self.folder,)


def cut_out(image: np.ndarray, mask: np.ndarray) -> Image.Image:
    """The pixels of a frame (H, W, 3) BGR inside a mask (H, W) bool, as an RGBA image; 0 outside."""
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask, :3] = image[mask][:, ::-1]
    pixels[mask, 3] = 255
    return Image.fromarray(pixels)
