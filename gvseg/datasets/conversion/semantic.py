"""VSPW."""
from pathlib import Path
from typing import Dict, List

from ..reading import DataError, read_lines
from .common import (Files, Job, check_counts, first_existing, folder_files, place_all, present_videos, run_jobs,
                     write_lines)

PUBLISHED = dict(train=2806, val=343)
SPLITS = ('train', 'val', 'test')
ROOTS = ('data', 'VSPW_480p/data', 'VSPW_data/data', 'VSPW/data')


def convert_vspw(job: Job) -> Dict[str, int]:
    """Write ``<split>.txt`` and ``data/<video>/{origin,mask}``; every training and validation frame has a mask.

    Returns:
        dict: split -> videos.
    """
    data = first_existing(job.source, ROOTS, 'folder of videos')
    lists = {split: read_lines(data.parent / f'{split}.txt') for split in SPLITS
             if (data.parent / f'{split}.txt').is_file()}
    check_counts('VSPW', {split: len(names) for split, names in lists.items()}, PUBLISHED, job)
    made = {}
    for split, names in lists.items():
        names = present_videos(names, data, job)
        items = [(_files(job, data, name, split in PUBLISHED), job) for name in names]
        run_jobs(place_all, items, job.jobs, f'videos of {split}')
        write_lines(job.out / f'{split}.txt', names)
        made[split] = len(names)
    return made


def _files(job: Job, data: Path, name: str, annotated: bool) -> Files:
    """Frames and masks of a video; their names agree where it is annotated."""
    frames = folder_files(data / name / 'origin', job.out / 'data' / name / 'origin', ('.jpg', '.png'))
    if not annotated and not (data / name / 'mask').is_dir():
        return frames
    masks = folder_files(data / name / 'mask', job.out / 'data' / name / 'mask', ('.png', ))
    missing = _without(frames, masks)
    if annotated and missing:
        raise DataError(f'{data / name / "mask"} has no mask for frame {missing[0]} ({len(missing)} are missing).')
    alone = _without(masks, frames)
    if alone:
        raise DataError(f'{data / name / "origin"} has no frame for mask {alone[0]} ({len(alone)} are missing).')
    return frames + masks


def _without(files: Files, others: Files) -> List[str]:
    """Stems of files that the others lack."""
    known = {source.stem for source, _ in others}
    return [source.stem for source, _ in files if source.stem not in known]
