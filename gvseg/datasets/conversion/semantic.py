"""VSPW."""
from pathlib import Path
from typing import Dict

from gvseg.formats.files import write_lines

from ..reading import read_lines
from .common import (Files, Job, check_counts, check_pairs, first_existing, folder_files, place_all, present_videos,
                     run_jobs)

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
    check_pairs(frames, masks)
    return frames + masks
