"""VIPSeg: convert category maps to the panoptic PNGs and JSON that its evaluation reads."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gvseg.formats.class_lists import VIPSEG_CLASSES, VIPSEG_THINGS
from gvseg.formats.constants import VOID_VALUE_16BIT
from gvseg.formats.errors import InputError
from gvseg.formats.files import read_names, write_with
from gvseg.formats.images import annotated_orientation, read_header
from gvseg.formats.json_files import read_json, write_json
from gvseg.formats.panoptic_segments import read_categories
from gvseg.formats.png_maps import panoptic_colours, read_label_map

from .common import Files, Job, check_counts, first_existing, folder_files, place, present_videos, run_jobs

PUBLISHED = dict(train=2806, val=343, test=387)
ROOTS = ('imgs', 'VIPSeg/imgs', 'images')
HIDDEN = ('test',)  # splits without masks


@dataclass(frozen=True)
class VideoJob:
    """One video to convert; ``height`` 0 keeps the size of its files."""

    name: str
    source: Path
    job: Job
    height: int
    annotated: bool
    categories: frozenset


def convert_vipseg(job: Job, height: int = 0) -> dict[str, int]:
    """Write ``imgs/<video>/*.jpg``, ``panomasksRGB/<video>/*.png`` and ``panoptic_gt_VIPSeg_<split>.json``.

    The ids of segments are the values of ``panomasks``: class + 1 of stuff, (class + 1) * 100 + number of things.

    Args:
        job: what to do.
        height: new height of frames and masks as in the authors' script (720), 0 = as they are.

    Returns:
        dict: split -> videos.
    """
    images = first_existing(job.source, ROOTS, 'folder of frames')
    source = images.parent
    if height and source.resolve() == job.out.resolve():
        raise InputError(f'--height {height} changes the frames: give another folder with --out than {source}.')
    lists = {
        split: read_names(source / f'{split}.txt', 'List of videos')
        for split in PUBLISHED
        if (source / f'{split}.txt').is_file()
    }
    check_counts('VIPSeg', {split: len(names) for split, names in lists.items()}, PUBLISHED, job)
    categories = _categories(source)
    known = frozenset(entry['id'] for entry in categories)
    made = {}
    for split, names in lists.items():
        names = present_videos(names, images, job)
        items = [VideoJob(name, source, job, height, split not in HIDDEN, known) for name in names]
        parts = run_jobs(convert_video, items, job.jobs, f'videos of {split}')
        content = dict(videos=[part['video'] for part in parts], categories=categories)
        if split not in HIDDEN:
            content['annotations'] = [part['annotation'] for part in parts]
        write_json(job.out / f'panoptic_gt_VIPSeg_{split}.json', content)
        made[split] = len(names)
    return made


def _categories(source: Path) -> list[dict]:
    """Categories from the benchmark's file, or its class list without colours."""
    path = source / 'panoVIPSeg_categories.json'
    if path.is_file():
        content = read_json(path)
        read_categories(content, path)
        return content
    return [
        dict(id=number, name=name, isthing=int(name in VIPSEG_THINGS), color=[0, 0, 0])
        for number, name in enumerate(VIPSEG_CLASSES)
    ]


def convert_video(video: VideoJob) -> dict[str, Any]:
    """Convert one video, or read the result of an earlier run.

    Its folder of PNGs gets its name when it is complete; it holds the video's part of the JSON.

    Returns:
        dict: ``video`` and ``annotation`` as in the JSON.
    """
    folder = video.job.out / 'panomasksRGB' / video.name
    record = folder / 'segments.json'
    images = {
        source.stem: (source, target)
        for source, target in folder_files(
            _images(video.source) / video.name, video.job.out / 'imgs' / video.name, ('.jpg',)
        )
    }
    if not video.annotated:
        sizes = {stem: _place_image(source, target, video) for stem, (source, target) in images.items()}
        entries = [dict(id=stem, file_name=f'{stem}.jpg', height=h, width=w) for stem, (h, w) in sizes.items()]
        return dict(video=dict(video_id=video.name, images=entries))
    if record.is_file():
        return read_json(record)
    masks = folder_files(video.source / 'panomasks' / video.name, folder, ('.png',))
    missing = [source for source, _ in masks if source.stem not in images]
    if missing:
        raise InputError(f'{_images(video.source) / video.name} has no frame for {missing[0]}.')
    part = folder.with_name(f'{folder.name}.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        result = _write_maps(part, masks, images, video)
        write_json(part / record.name, result)
        os.replace(part, folder)
    except BaseException:  # a full disk, an interruption
        shutil.rmtree(part, ignore_errors=True)
        raise
    return result


def _write_maps(folder: Path, masks: Files, images: dict[str, tuple[Path, Path]], video: VideoJob) -> dict[str, Any]:
    """Write the PNGs of a video; returns its part of the JSON."""
    entries, annotations = [], []
    for source, target in masks:
        values = read_label_map(source, VOID_VALUE_16BIT)
        height, width = _place_image(*images[source.stem], video, values.shape)
        values = _resized(values, (height, width))
        entries.append(dict(id=source.stem, file_name=source.name, height=height, width=width))
        annotations.append(
            dict(
                image_id=source.stem, file_name=source.name, segments_info=segments_of(values, source, video.categories)
            )
        )
        Image.fromarray(panoptic_colours(values)).save(folder / target.name)
    return dict(
        video=dict(video_id=video.name, images=entries), annotation=dict(video_id=video.name, annotations=annotations)
    )


def _images(source: Path) -> Path:
    return source / ('imgs' if (source / 'imgs').is_dir() else 'images')


def segments_of(values: np.ndarray, path: Path, categories: frozenset) -> list[dict]:
    """The segments of a map of ``panomasks``, void (0) left out.

    Args:
        values: (H, W).
        path: its file, for messages.
        categories: known category ids.

    Raises:
        InputError: a value without a class.
    """
    segments = []
    for value, area in zip(*np.unique(values, return_counts=True)):
        if value == 0:
            continue
        category = int(value if value < 125 else value // 100) - 1
        if category not in categories:
            raise InputError(f'{path} has the value {value}, but there is no category {category}.')
        segments.append(dict(id=int(value), category_id=category, iscrowd=0, area=int(area)))
    return segments


def _resized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) int64 values of a map at the size of its frame."""
    if values.shape != size:
        values = np.asarray(Image.fromarray(values.astype(np.int32)).resize(size[::-1], Image.NEAREST))
    return values.astype(np.int64)


def _place_image(
    source: Path, target: Path, video: VideoJob, map_size: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Link or resize a frame, compare it with its map; (H, W) of the result.

    Raises:
        InputError: the frame has another size than its map, or an EXIF orientation.
    """
    header = read_header(source)
    if map_size is not None:
        if map_size not in (header.size, header.upright_size):
            raise InputError(f'{source} is {header.height}x{header.width} but its map is {map_size[0]}x{map_size[1]}.')
        if annotated_orientation(header, source, map_size):
            raise InputError(f'{source} is turned by its EXIF orientation. Save the frames upright.')
    if not video.height:
        place(source, target, video.job)
        return header.size
    width = int(video.height * header.width / header.height)
    if target.is_file() and read_header(target).size == (video.height, width):
        return video.height, width
    try:
        with Image.open(source) as image:
            resized = image.convert('RGB').resize((width, video.height), Image.BILINEAR)
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f'{source} is not a readable image: {error}. Fetch it again.') from error
    write_with(target, lambda file: resized.save(file, 'JPEG', quality=95))
    return video.height, width
