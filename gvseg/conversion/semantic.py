"""VSPW."""

from pathlib import Path

from gvseg.formats.files import read_names, write_lines
from gvseg.formats.vspw import IMAGE_SUFFIXES, read_labels

from .common import (
    AnnotatedVideo,
    Job,
    check_counts,
    check_pairs,
    first_existing,
    folder_files,
    place_video,
    present_videos,
    run_jobs,
)

PUBLISHED = dict(train=2806, val=343)
SPLITS = ('train', 'val', 'test')
ROOTS = ('data', 'VSPW_480p/data', 'VSPW_data/data', 'VSPW/data')


def convert_vspw(job: Job) -> dict[str, int]:
    """Write ``<split>.txt`` and ``data/<video>/{origin,mask}``; every training and validation frame has a mask.

    Returns:
        dict: split -> videos.
    """
    data = first_existing(job.source, ROOTS, 'folder of videos')
    lists = {
        split: read_names(data.parent / f'{split}.txt', 'List of videos')
        for split in SPLITS
        if (data.parent / f'{split}.txt').is_file()
    }
    check_counts('VSPW', {split: len(names) for split, names in lists.items()}, PUBLISHED, job)
    made = {}
    for split, names in lists.items():
        names = present_videos(names, data, job)
        items = [_files(job, data, name, split in PUBLISHED) for name in names]
        run_jobs(place_video, items, job.jobs, f'videos of {split}')
        write_lines(job.out / f'{split}.txt', names)
        made[split] = len(names)
    return made


def _files(job: Job, data: Path, name: str, annotated: bool) -> AnnotatedVideo:
    """Frames and masks of a video; checks that their names agree where it is annotated."""
    frames = folder_files(data / name / 'origin', job.out / 'data' / name / 'origin', IMAGE_SUFFIXES)
    if not annotated and not (data / name / 'mask').is_dir():
        return AnnotatedVideo(frames, [], job, read_labels)
    masks = folder_files(data / name / 'mask', job.out / 'data' / name / 'mask', ('.png',))
    check_pairs(frames, masks)
    return AnnotatedVideo(frames, masks, job, read_labels)
