"""Files of a result, made when they are asked for.

Shapes: H W frame size.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from gvseg.apis import FrameResult, VideoSource
from gvseg.apis.exported_files import cut_out
from gvseg.visualization import VideoFile, overlay
from gvseg.visualization.drawing import Style, enlarge
from gvseg.visualization.layout import side_by_side
from gvseg.visualization.sound import SoundTrack

from .results import segment_table, segments_of

PALETTE_VALUES = 256

NOTE = (
    'Each PNG has the size of its frame; its values are listed below under "segments", 0 is no segment. A value '
    'is one thing or object over the whole video, or all regions of a class. Where instances overlap, the one with '
    'the best score is on top. With more than 255 segments a PNG is 16 bit grey without colours.'
)


@dataclass(frozen=True)
class ResultVideo:
    """What is exported.

    Attributes:
        frames: results of consecutive frames.
        source: the frames.
        sound: file with its sound, and the time of the first frame in it; ``None``: no sound.
    """

    frames: Sequence[FrameResult]
    source: VideoSource
    sound: tuple[Path, float] | None = None

    def __iter__(self) -> Iterator[FrameResult]:
        """Copies of the results: each keeps its masks decompressed once they have been used."""
        return map(replace, self.frames)


@dataclass(frozen=True)
class Export:
    """A kind of file: text for the page, name of the file, and what writes it to a path."""

    title: str
    file: str
    write: Callable[[ResultVideo, Path], None]


def write_video(video: ResultVideo, path: Path) -> None:
    """An mp4 with masks drawn over the frames."""
    _write_mp4(video, path, lambda image, drawn: drawn)


def write_comparison(video: ResultVideo, path: Path) -> None:
    """An mp4 with every frame beside the same frame with masks."""
    _write_mp4(video, path, lambda image, drawn: side_by_side([enlarge(image, Style()), drawn], ['input', 'masks']))


def _write_mp4(video: ResultVideo, path: Path, arrange: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    with VideoFile(path, video.source.fps) as file, closing(video.source.frames()) as frames:
        if video.sound:
            file.sound = SoundTrack(*video.sound)
        for frame, result in zip(frames, video):
            image = np.ascontiguousarray(frame.image[..., ::-1])
            file.write(arrange(image, overlay(image, segments_of(result))), frame.time)


def write_masks(video: ResultVideo, path: Path) -> None:
    """A zip with a palette PNG of every frame and ``segments.json``, which lists their values."""
    table = [dict(value=value, **entry) for value, entry in enumerate(segment_table(video.frames), 1)]
    values = {(entry['id'] is not None, entry['id'] or entry['name']): entry['value'] for entry in table}
    colours = palette([entry['colour'] for entry in table])
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as file:
        for index, result in enumerate(video):
            picture = np.zeros(result.size, np.uint16)
            for row, mask in enumerate(result.masks):
                thing = bool(result.is_thing[row])
                picture[mask] = values[thing, int(result.ids[row]) if thing else result.names[row]]
            file.writestr(f'{index:05d}.png', _png(picture, colours))
        file.writestr('segments.json', json.dumps(dict(note=NOTE, segments=table), indent=1))


def write_coco(video: ResultVideo, path: Path) -> None:
    """A COCO data set: ``images`` are the frames as ``masks.zip`` names them, ``annotations`` have masks as RLE and a
    ``track_id``, ``categories`` are the names of objects and classes."""
    categories: dict[str, int] = {}
    images, annotations = [], []
    for index, result in enumerate(video):
        height, width = result.size
        images.append(dict(id=index, file_name=f'{index:05d}.png', height=height, width=width, frame_index=index))
        for entry, name in zip(result.to_coco(), result.names):
            changes = dict(
                id=len(annotations) + 1,
                image_id=index,
                category_id=categories.setdefault(name, len(categories) + 1),
                segmentation=_readable(entry['segmentation']),
                iscrowd=0,
            )
            annotations.append(entry | changes)
    content = dict(
        images=images,
        categories=[dict(id=number, name=name) for name, number in categories.items()],
        annotations=annotations,
    )
    path.write_text(json.dumps(content), encoding='utf-8')


def write_cutouts(video: ResultVideo, path: Path) -> None:
    """A zip with every object and class cut out of every frame, ``NAME_ID/FRAME.png``, transparent outside."""
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as file, closing(video.source.frames()) as frames:
        for index, (frame, result) in enumerate(zip(frames, video)):
            for row, mask in enumerate(result.masks):
                name = re.sub(r'[^\w-]+', '_', result.names[row]).strip('_') or 'object'
                folder = f'{name}_{int(result.ids[row])}' if result.is_thing[row] else name
                file.writestr(f'{folder}/{index:05d}.png', _png_bytes(cut_out(frame.image, mask)))


EXPORTS = dict(
    video=Export('Video', 'result.mp4', write_video),
    comparison=Export('Side by side', 'comparison.mp4', write_comparison),
    masks=Export('Masks (PNG)', 'masks.zip', write_masks),
    cutouts=Export('Cut-outs (PNG)', 'cutouts.zip', write_cutouts),
    coco=Export('COCO (JSON)', 'coco.json', write_coco),
)
"""Kinds of files by their key in requests."""


def palette(colours: Sequence[str]) -> list[int]:
    """Flat palette from the colours ``#rrggbb`` of the values from 1; 0 is black."""
    flat = [0, 0, 0]
    for colour in colours[: PALETTE_VALUES - 1]:
        flat.extend(bytes.fromhex(colour[1:]))
    return flat


def _png(values: np.ndarray, colours: list[int]) -> bytes:
    """A map (H, W) as a PNG of 8 bits with a palette, or of 16 bits where there are more values."""
    if values.max(initial=0) >= PALETTE_VALUES:
        return cv2.imencode('.png', values)[1].tobytes()
    image = Image.fromarray(values.astype(np.uint8), 'L')
    image.putpalette(colours)
    return _png_bytes(image)


def _png_bytes(image: Image.Image) -> bytes:
    with io.BytesIO() as file:
        image.save(file, format='PNG')
        return file.getvalue()


def _readable(rle: dict) -> dict:
    counts = rle['counts']
    return dict(rle, counts=counts.decode() if isinstance(counts, bytes) else counts)
