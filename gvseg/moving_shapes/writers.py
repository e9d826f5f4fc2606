"""Write rendered videos in the file formats of the four benchmarks.

Each writer has ``add_video`` (writes the frames' files of one video and
returns what the split's index needs) and ``finish`` (writes that index).
``add_video`` may run in another process.

Shapes: T frames, H W frame size, n instances.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pycocotools.mask as coco_mask
from PIL import Image

from gvseg.formats.constants import VOID_VALUE, voc_palette
from gvseg.formats.files import write_bytes, write_lines, write_with
from gvseg.formats.json_files import write_json

from .render import CLASSES, Frame
from .scene import THING_CLASSES
from .textures import STUFF_CLASSES

# VIPSeg's class list mixes things and stuff.
VIPSEG_ORDER = STUFF_CLASSES + THING_CLASSES


def _palette_png(path: Path, ids: np.ndarray) -> None:
    image = Image.fromarray(ids.astype(np.uint8), 'P')
    image.putpalette(voc_palette())
    _write_png(path, image)


def _write_png(path: Path, image: Image.Image) -> None:
    """Write a PNG atomically."""
    write_with(path, lambda file: image.save(file, 'PNG'))


def _place_images(sources: Sequence[Path], folder: Path) -> None:
    """Hard-link the JPEGs into a folder, copy where links do not work."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        target = folder / source.name
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except OSError:
            write_bytes(target, source.read_bytes())


class YouTubeVISWriter:
    """``JPEGImages/<video>/*.jpg`` and ``instances.json``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add_video(self, name: str, frames: Sequence[Frame], images: Sequence[Path]) -> dict[str, Any]:
        """Encode one video's tubes; annotation ids come in ``finish``."""
        height, width = frames[0].labels.shape
        tubes = []
        for instance in range(1, 1 + max(f.instances.max() for f in frames)):
            masks = [frame.instances == instance for frame in frames]
            seen = [i for i, mask in enumerate(masks) if mask.any()]
            if not seen:
                continue
            label = frames[seen[0]].labels[masks[seen[0]]][0]
            tubes.append(self._tube(masks, int(label), height, width))
        video = dict(
            width=width, height=height, length=len(frames), file_names=[f'{name}/{path.name}' for path in images]
        )
        return dict(video=video, annotations=tubes)

    @staticmethod
    def _tube(masks: list[np.ndarray], label: int, height: int, width: int) -> dict[str, Any]:
        runs, boxes, areas = [], [], []
        for mask in masks:
            if not mask.any():
                runs.append(None), boxes.append(None), areas.append(None)
                continue
            run = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
            boxes.append([float(v) for v in coco_mask.toBbox(run)])
            areas.append(int(mask.sum()))
            runs.append(dict(size=run['size'], counts=run['counts'].decode()))
        return dict(
            category_id=label + 1,
            segmentations=runs,
            bboxes=boxes,
            areas=areas,
            iscrowd=0,
            width=width,
            height=height,
            length=len(masks),
        )

    def finish(self, names: Sequence[str], parts: Sequence[dict]) -> None:
        """Write ``instances.json``."""
        videos, annotations = [], []
        for number, part in enumerate(parts, 1):
            videos.append(dict(id=number, **part['video']))
            for tube in part['annotations']:
                annotations.append(dict(id=len(annotations) + 1, video_id=number, **tube))
        categories = [dict(id=i + 1, name=name, supercategory='shape') for i, name in enumerate(THING_CLASSES)]
        write_json(
            self.root / 'instances.json',
            dict(
                info=dict(description='Moving Shapes'),
                licenses=[],
                videos=videos,
                annotations=annotations,
                categories=categories,
            ),
        )


class VSPWWriter:
    """``data/<video>/{origin,mask}`` and ``<split>.txt``; 0 is void."""

    def __init__(self, root: Path, split: str) -> None:
        self.root, self.split = root, split

    def add_video(self, name: str, frames: Sequence[Frame], images: Sequence[Path]) -> None:
        """Write the label maps of one video."""
        folder = self.root / 'data' / name
        _place_images(images, folder / 'origin')
        (folder / 'mask').mkdir(parents=True, exist_ok=True)
        for frame, path in zip(frames, images):
            shifted = frame.labels.astype(np.int64) + 1
            shifted[frame.labels == VOID_VALUE] = 0
            _write_png(folder / 'mask' / f'{path.stem}.png', Image.fromarray(shifted.astype(np.uint8)))

    def finish(self, names: Sequence[str], parts: Sequence[Any]) -> None:
        """Write the list of videos and the names of the classes."""
        write_lines(self.root / f'{self.split}.txt', names)
        write_json(self.root / 'label_num_dic_final.json', {name: i + 1 for i, name in enumerate(CLASSES)})


class VIPSegWriter:
    """``imgs``, ``panomasksRGB`` and ``panoptic_gt.json``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add_video(self, name: str, frames: Sequence[Frame], images: Sequence[Path]) -> dict[str, Any]:
        """Write the panoptic maps of one video."""
        _place_images(images, self.root / 'imgs' / name)
        folder = self.root / 'panomasksRGB' / name
        folder.mkdir(parents=True, exist_ok=True)
        height, width = frames[0].labels.shape
        entries, listed = [], []
        for frame, path in zip(frames, images):
            ids, segments = self._segments(frame)
            # Channels: id = R + 256 G + 65536 B.
            rgb = np.stack([ids >> shift & 255 for shift in (0, 8, 16)], -1)
            _write_png(folder / f'{path.stem}.png', Image.fromarray(rgb.astype(np.uint8)))
            entries.append(dict(image_id=path.stem, file_name=f'{path.stem}.png', segments_info=segments))
            listed.append(dict(id=path.stem, width=width, height=height, file_name=path.name))
        return dict(video=dict(video_id=name, images=listed), annotation=dict(video_id=name, annotations=entries))

    @staticmethod
    def _segments(frame: Frame) -> tuple:
        """Segment ids (H, W), equal over a video's frames, and their list."""
        order = np.array([VIPSEG_ORDER.index(name) for name in CLASSES])
        void = frame.labels == VOID_VALUE
        category = order[np.where(void, 0, frame.labels)]
        ids = (category + 1) * 1000 + frame.instances.astype(np.int64)
        ids[void] = 0
        segments = []
        for value in np.unique(ids[ids > 0]):
            rows, columns = np.nonzero(ids == value)
            box = [int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1]
            segments.append(
                dict(id=int(value), iscrowd=0, bbox=box, category_id=int(value) // 1000 - 1, area=len(rows))
            )
        return ids, segments

    def finish(self, names: Sequence[str], parts: Sequence[dict]) -> None:
        """Write ``panoptic_gt.json``."""
        colours = np.reshape(voc_palette(), (-1, 3))[1 : len(VIPSEG_ORDER) + 1].tolist()
        categories = [
            dict(id=i, name=name, isthing=int(name in THING_CLASSES), color=colours[i])
            for i, name in enumerate(VIPSEG_ORDER)
        ]
        write_json(
            self.root / 'panoptic_gt.json',
            dict(
                videos=[p['video'] for p in parts], annotations=[p['annotation'] for p in parts], categories=categories
            ),
        )


class YouTubeVOSWriter:
    """``JPEGImages``, palette PNGs in ``Annotations`` and ``meta.json``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add_video(self, name: str, frames: Sequence[Frame], images: Sequence[Path]) -> dict[str, Any]:
        """Write the object maps of one video; ids follow first appearance."""
        _place_images(images, self.root / 'JPEGImages' / name)
        folder = self.root / 'Annotations' / name
        folder.mkdir(parents=True, exist_ok=True)
        numbers: dict[int, int] = {}
        objects: dict[str, dict] = {}
        for frame, path in zip(frames, images):
            ids = np.zeros_like(frame.instances)
            for instance in np.unique(frame.instances[frame.instances > 0]):
                inside = frame.instances == instance
                number = numbers.setdefault(int(instance), len(numbers) + 1)
                ids[inside] = number
                category = CLASSES[frame.labels[inside][0]]
                entry = objects.setdefault(str(number), dict(category=category, frames=[]))
                entry['frames'].append(path.stem)
            _palette_png(folder / f'{path.stem}.png', ids)
        return dict(objects=objects)

    def finish(self, names: Sequence[str], parts: Sequence[dict]) -> None:
        """Write ``meta.json``."""
        write_json(self.root / 'meta.json', dict(videos=dict(zip(names, parts))))
