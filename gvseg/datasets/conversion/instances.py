"""YouTube-VIS 2019 / 2021 and OVIS."""
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Tuple

from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES

from ..reading import DataError, read_json
from ..rle import compressed, rle_area, rle_fault
from .common import (Job, check_counts, first_existing, is_held_out, note, place_all, present_videos, run_jobs,
                     write_json)


@dataclass(frozen=True)
class Benchmark:
    """Published facts: name, classes, videos of each split."""
    name: str
    classes: Tuple[str, ...]
    videos: Dict[str, int]


BENCHMARKS = dict(
    youtube_vis_2019=Benchmark('YouTube-VIS 2019', YOUTUBE_VIS_2019_CLASSES, dict(train=2238, valid=302)),
    youtube_vis_2021=Benchmark('YouTube-VIS 2021', YOUTUBE_VIS_2021_CLASSES, dict(train=2985, valid=421)),
    ovis=Benchmark('OVIS', OVIS_CLASSES, dict(train=607, valid=140)))
SPLITS = ('train', 'valid', 'test')
ANNOTATIONS = ('{0}/instances.json', '{0}.json', 'annotations_{0}.json', 'instances_{0}.json',
               'annotations/{0}.json', 'annotations/instances_{0}.json', 'annotations/annotations_{0}.json')


def convert_instances(job: Job, benchmark: str) -> Dict[str, int]:
    """Write ``<split>/JPEGImages/<video>/`` and ``<split>/instances.json`` with compressed masks; for train also
    ``instances_fit.json`` and ``instances_held_out.json``.

    Args:
        job: what to do.
        benchmark: key of ``BENCHMARKS``.

    Returns:
        dict: split -> videos.
    """
    facts = BENCHMARKS[benchmark]
    contents: Dict[str, Tuple[Path, Any]] = {}
    for split in SPLITS:
        path = first_existing(job.source, [name.format(split) for name in ANNOTATIONS], 'annotations', False)
        if path is not None:
            contents[split] = (path, read_json(path))
    if not contents:
        raise DataError(f'{job.source} has no annotation file: looked for '
                        f'{", ".join(name.format("train") for name in ANNOTATIONS)} and the same of valid and test.')
    for path, content in contents.values():
        check_content(path, content, facts.classes)
    check_counts(facts.name, {split: len(content['videos']) for split, (_, content) in contents.items()},
                 facts.videos, job)
    return {split: _write_split(split, path, content, job) for split, (path, content) in contents.items()}


def check_content(path: Path, content: Any, classes: Tuple[str, ...]) -> None:
    """Check a file against itself and its classes; compress its masks in place.

    Raises:
        DataError: names the first entry that is wrong.
    """
    try:
        names = tuple(entry['name'] for entry in sorted(content['categories'], key=lambda entry: entry['id']))
        categories = {entry['id'] for entry in content['categories']}
        videos = {video['id']: video for video in content['videos']}
        for video in videos.values():
            if not video['file_names']:
                raise DataError(f'{path}: video {video["id"]} has no frames.')
        if names != classes:
            odd = sorted(set(names) ^ set(classes))
            raise DataError(f'{path} has other classes than the benchmark: {odd[:6] or "in another order"}.')
        empty = [fault for tube in content.get('annotations') or []
                 for fault in _check_tube(path, tube, videos, categories)]
    except (KeyError, TypeError) as error:
        raise DataError(f'{path} is not in YouTube-VIS layout (videos, annotations, categories): {error!r}') from error
    if empty:
        note(f'warning: {path} has {len(empty)} masks without a pixel, which count as absent; the first: {empty[0]}')
    if content.get('annotations'):
        known = {tube['video_id'] for tube in content['annotations']}
        without = [str(video) for video in videos if video not in known]
        if without:
            note(f'warning: {path} has {len(without)} videos without objects: {", ".join(without[:5])}')


def _check_tube(path: Path, tube: dict, videos: Dict[Any, dict], categories: set) -> List[str]:
    """Compress the masks of an annotation; returns names of those without a pixel, which become null."""
    where = f'{path}: annotation {tube["id"]}'
    if tube['category_id'] not in categories:
        raise DataError(f'{where} has the category {tube["category_id"]}, which is not in the list "categories".')
    if tube['video_id'] not in videos:
        raise DataError(f'{where} belongs to video {tube["video_id"]}, which is not in the list "videos".')
    video = videos[tube['video_id']]
    if len(tube['segmentations']) != len(video['file_names']):
        raise DataError(f'{where} has {len(tube["segmentations"])} segmentations but video {video["id"]} has '
                        f'{len(video["file_names"])} frames.')
    empty = []
    for frame, mask in enumerate(tube['segmentations']):
        if not mask:
            continue
        fault = rle_fault(mask, video['height'], video['width'])
        if fault:
            raise DataError(f'{where}, frame {frame} ({video["file_names"][frame]} of '
                            f'{video["height"]}x{video["width"]}): {fault}.')
        absent = rle_area(mask) == 0
        tube['segmentations'][frame] = None if absent else compressed(mask)
        if absent:
            empty.append(f'annotation {tube["id"]}, frame {frame}')
            for key in ('bboxes', 'areas'):
                if tube.get(key):
                    tube[key][frame] = None
    return empty


def _write_split(split: str, path: Path, content: Any, job: Job) -> int:
    target = job.out / split / 'JPEGImages'
    names = {video['id']: video['file_names'][0].rpartition('/')[0] for video in content['videos']}
    folder = _frames_folder(split, list(names.values()), job)
    present = set(present_videos(list(names.values()), folder, job))
    kept = [video for video in content['videos'] if names[video['id']] in present]
    run_jobs(place_all, [([(folder / name, target / name) for name in video['file_names']], job) for video in kept],
             job.jobs, f'videos of {split}')
    content = _subset(content, [video['id'] for video in kept])
    write_json(job.out / split / 'instances.json', content)
    if split == 'train':
        for name, wanted in (('fit', False), ('held_out', True)):
            ids = [video['id'] for video in kept if is_held_out(names[video['id']]) == wanted]
            write_json(job.out / split / f'instances_{name}.json', _subset(content, ids))
    return len(kept)


def _frames_folder(split: str, names: List[str], job: Job) -> Path:
    """The folder that has most of the videos; an interrupted run in the download itself leaves a second one."""
    places = [f'{split}/JPEGImages', split, 'JPEGImages']
    first_existing(job.source, places, f'frames of {split}')
    return max((job.source / place for place in places),
               key=lambda folder: sum((folder / name).is_dir() for name in names))


def _subset(content: dict, videos: List[Any]) -> dict:
    """The same file with some of its videos only."""
    ids = set(videos)
    result = dict(content, videos=[video for video in content['videos'] if video['id'] in ids])
    if content.get('annotations'):
        result['annotations'] = [tube for tube in content['annotations'] if tube['video_id'] in ids]
    return result
