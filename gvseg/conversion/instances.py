"""YouTube-VIS 2019 / 2021 and OVIS."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES
from gvseg.formats.errors import InputError
from gvseg.formats.json_files import write_json
from gvseg.formats.tube_masks import tube_masks
from gvseg.formats.youtube_vis import TubeFile, TubeVideo, check_length, read_tubes

from .common import (
    Job,
    check_counts,
    check_video_names,
    first_existing,
    is_held_out,
    link_or_copy_files,
    log,
    named_files,
    present_videos,
    run_jobs,
)


@dataclass(frozen=True)
class Benchmark:
    """Published facts: name, classes, videos of each split."""

    name: str
    classes: tuple[str, ...]
    videos: dict[str, int]


BENCHMARKS = dict(
    youtube_vis_2019=Benchmark('YouTube-VIS 2019', YOUTUBE_VIS_2019_CLASSES, dict(train=2238, valid=302)),
    youtube_vis_2021=Benchmark('YouTube-VIS 2021', YOUTUBE_VIS_2021_CLASSES, dict(train=2985, valid=421)),
    ovis=Benchmark('OVIS', OVIS_CLASSES, dict(train=607, valid=140)),
)
SPLITS = ('train', 'valid', 'test')
ANNOTATIONS = (
    '{0}/instances.json',
    '{0}.json',
    'annotations_{0}.json',
    'instances_{0}.json',
    'annotations/{0}.json',
    'annotations/instances_{0}.json',
    'annotations/annotations_{0}.json',
)


def convert_instances(job: Job, benchmark: str) -> dict[str, int]:
    """Write ``<split>/JPEGImages/<video>/`` and ``<split>/instances.json`` with compressed masks; for train also
    ``instances_fit.json`` and ``instances_held_out.json``.

    Args:
        job: what to do.
        benchmark: key of ``BENCHMARKS``.

    Returns:
        dict: split -> videos.
    """
    facts = BENCHMARKS[benchmark]
    contents: dict[str, TubeFile] = {}
    for split in SPLITS:
        path = first_existing(job.source, [name.format(split) for name in ANNOTATIONS], 'annotations', False)
        if path is not None:
            contents[split] = read_tubes(path, needs_annotations=False)
    if not contents:
        raise InputError(
            f'{job.source} has no annotation file: looked for '
            f'{", ".join(name.format("train") for name in ANNOTATIONS)} and the same of valid and test.'
        )
    for content in contents.values():
        check_content(content, facts.classes)
    check_counts(facts.name, {split: len(content.videos) for split, content in contents.items()}, facts.videos, job)
    return {split: _write_split(split, content, job) for split, content in contents.items()}


def check_content(content: TubeFile, classes: tuple[str, ...]) -> None:
    """Check a file against its classes, and its masks; compress its masks in place.

    Raises:
        InputError: names the first invalid entry.
    """
    path = content.path
    for video in content.videos:
        if not video.file_names:
            raise InputError(f'{path}: video {video.id} has no frames.')
    names = tuple(name for _, name in sorted(content.categories.items()))
    if names != classes:
        odd = sorted(set(names) ^ set(classes))
        raise InputError(f'{path} has other classes than the benchmark: {odd[:6] or "in another order"}.')
    empty = [fault for video in content.videos for fault in _compress_tubes(video, path)]
    if empty:
        log(f'warning: {path} has {len(empty)} masks without a pixel, which count as absent; the first: {empty[0]}')
    without = [str(video.id) for video in content.videos if not video.annotations]
    if without and len(without) < len(content.videos):
        log(f'warning: {path} has {len(without)} videos without objects: {", ".join(without[:5])}')


def _compress_tubes(video: TubeVideo, path: str) -> list[str]:
    """Compress the masks of a video; empty ones become null and their names are returned."""
    empty = []
    for tube in video.annotations:
        check_length(tube, video, f'{path}: annotation {tube["id"]}')
    found = tube_masks(video.annotations, video, lambda tube: f'{path}: annotation {tube["id"]} of video {video.id}')
    for tube, (masks, areas) in zip(video.annotations, found):
        tube['segmentations'][:] = [mask if area else None for mask, area in zip(masks, areas)]
        for frame in [frame for frame, mask in enumerate(masks) if mask and not areas[frame]]:
            empty.append(f'annotation {tube["id"]}, frame {frame}')
            for key in ('bboxes', 'areas'):
                if isinstance(tube.get(key), list) and len(tube[key]) > frame:
                    tube[key][frame] = None
    return empty


def _write_split(split: str, tubes: TubeFile, job: Job) -> int:
    target = job.out / split / 'JPEGImages'
    names = {video.id: video.file_names[0].rpartition('/')[0] for video in tubes.videos}
    check_video_names(list(names.values()), tubes.path)
    folder = _frames_folder(split, list(names.values()), job)
    present = set(present_videos(list(names.values()), folder, job))
    kept = [video for video in tubes.videos if names[video.id] in present]
    items = [(named_files(folder, target, video.file_names, tubes.path), job) for video in kept]
    run_jobs(link_or_copy_files, items, job.jobs, f'videos of {split}')
    content = _subset(tubes.content, [video.id for video in kept])
    write_json(job.out / split / 'instances.json', content)
    if split == 'train':
        for name, wanted in (('fit', False), ('held_out', True)):
            ids = [video.id for video in kept if is_held_out(names[video.id]) == wanted]
            write_json(job.out / split / f'instances_{name}.json', _subset(content, ids))
    return len(kept)


def _frames_folder(split: str, names: list[str], job: Job) -> Path:
    """The folder with most of the videos; an interrupted in-place run leaves a second one."""
    places = [f'{split}/JPEGImages', split, 'JPEGImages']
    first_existing(job.source, places, f'frames of {split}')
    return max(
        (job.source / place for place in places), key=lambda folder: sum((folder / name).is_dir() for name in names)
    )


def _subset(content: dict, videos: list[Any]) -> dict:
    """The content of the file with some of its videos."""
    ids = set(videos)
    result = dict(content, videos=[video for video in content['videos'] if video['id'] in ids])
    if content.get('annotations'):
        result['annotations'] = [tube for tube in content['annotations'] if tube['video_id'] in ids]
    return result
