"""YouTube-VOS 2018 and DAVIS 2016 / 2017."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from gvseg.formats.errors import InputError
from gvseg.formats.files import write_lines
from gvseg.formats.json_files import read_json, write_json
from gvseg.formats.object_maps import read_binary_mask, read_object_ids
from gvseg.formats.vos import VosVideo, first_frames, read_davis_list, read_vos_meta

from .common import (
    AnnotatedVideo,
    Files,
    Job,
    check_counts,
    check_pairs,
    first_existing,
    folder_files,
    is_held_out,
    link_or_copy_files,
    log,
    place_video,
    present_videos,
    run_jobs,
)

YOUTUBE_VOS = dict(train=3471, valid=474)
DAVIS = {'2016': dict(train=30, val=20), '2017': dict(train=60, val=30)}


def convert_youtube_vos(job: Job) -> dict[str, int]:
    """Write ``<split>/{JPEGImages,Annotations}/<video>`` and ``<split>/meta.json``; for train also ``meta_fit.json``
    and ``meta_held_out.json``.

    Returns:
        dict: split -> videos.
    """
    metas = {split: job.source / split / 'meta.json' for split in ('train', 'valid', 'test')}
    contents = {split: read_vos_meta(path) for split, path in metas.items() if path.is_file()}
    if not contents:
        raise InputError(f'{job.source} has neither train/meta.json nor valid/meta.json.')
    check_counts('YouTube-VOS 2018', {split: len(content) for split, content in contents.items()}, YOUTUBE_VOS, job)
    return {split: _write_youtube_vos(split, content, job) for split, content in contents.items()}


def _write_youtube_vos(split: str, meta: dict[str, VosVideo], job: Job) -> int:
    source, target = job.source / split, job.out / split
    content = read_json(source / 'meta.json')
    names = present_videos(list(meta), source / 'JPEGImages', job)
    empty = [name for name in names if not meta[name]]
    if empty:
        log(f'warning: {source / "meta.json"} has {len(empty)} videos without objects: {", ".join(empty[:5])}')
    items = [(_youtube_vos_files(source, target, name, meta[name]), job) for name in names]
    run_jobs(link_or_copy_files, items, job.jobs, f'videos of {split}')
    write_json(target / 'meta.json', _subset(content, names))
    if split == 'train':
        write_json(target / 'meta_fit.json', _subset(content, [n for n in names if not is_held_out(n)]))
        write_json(target / 'meta_held_out.json', _subset(content, [n for n in names if is_held_out(n)]))
    return len(names)


def _youtube_vos_files(source: Path, target: Path, name: str, objects: VosVideo) -> Files:
    """Frames and maps of a video; checks that the frames listed in meta.json exist."""
    frames = folder_files(source / 'JPEGImages' / name, target / 'JPEGImages' / name, ('.jpg', '.png'))
    first_frames(objects, [path.stem for path, _ in frames], f'{source / "meta.json"}, video {name}')
    return frames + folder_files(source / 'Annotations' / name, target / 'Annotations' / name, ('.png',))


def _subset(content: Any, names: Sequence[str]) -> Any:
    return dict(content, videos={name: content['videos'][name] for name in names})


def convert_davis(job: Job, year: str = '2017') -> dict[str, int]:
    """Write ``{JPEGImages,Annotations}/480p/<sequence>`` and ``ImageSets/<year>/{train,val}.txt`` of plain names.

    Args:
        job: what to do.
        year: '2016' (one object a video) or '2017'.

    Returns:
        dict: split -> sequences.
    """
    root = first_existing(job.source, ('JPEGImages', 'DAVIS/JPEGImages'), 'JPEGImages').parent
    lists = {}
    for split in DAVIS[year]:
        path = first_existing(
            root, (f'ImageSets/{year}/{split}.txt', f'ImageSets/480p/{split}.txt'), f'list of {split}', required=False
        )
        if path is not None:
            lists[split] = read_davis_list(path)
    check_counts(f'DAVIS {year}', {split: len(names) for split, names in lists.items()}, DAVIS[year], job)
    for split, names in lists.items():
        lists[split] = present_videos(names, root / 'JPEGImages/480p', job)
        read = read_binary_mask if year == '2016' else partial(read_object_ids, void_alone=True)
        items = [AnnotatedVideo(*_davis_files(root, job.out, name), job, read) for name in lists[split]]
        run_jobs(place_video, items, job.jobs, f'sequences of {split}')
        write_lines(job.out / f'ImageSets/{year}/{split}.txt', lists[split])
    return {split: len(names) for split, names in lists.items()}


def _davis_files(source: Path, target: Path, name: str) -> tuple[Files, Files]:
    """Frames and masks of a sequence; checks that their names agree."""
    frames, masks = (
        folder_files(source / folder / name, target / folder / name, (suffix,))
        for folder, suffix in (('JPEGImages/480p', '.jpg'), ('Annotations/480p', '.png'))
    )
    check_pairs(frames, masks)
    return frames, masks
