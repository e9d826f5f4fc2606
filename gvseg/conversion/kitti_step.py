"""KITTI-STEP: frames of KITTI's tracking benchmark and the panoptic maps."""

from pathlib import Path

import numpy as np

from gvseg.formats.class_lists import KITTI_STEP_SEQUENCES
from gvseg.formats.kitti_step import read_codes, split_codes

from .common import AnnotatedVideo, Job, check_counts, check_pairs, first_existing, folder_files, place_video, run_jobs

PUBLISHED = dict(train=12, val=9)
IMAGES = ('training/image_02', 'data_tracking_image_2/training/image_02', 'image_02', 'images/training')
MAPS = ('panoptic_maps', 'kitti-step/panoptic_maps', 'kitti_step/panoptic_maps')


def read_checked(path: Path) -> np.ndarray:
    """(H, W) codes of a map whose classes are all known.

    Raises:
        InputError: a class out of range.
    """
    codes = read_codes(path)
    split_codes(np.unique(codes), path)
    return codes


def convert_kitti_step(job: Job) -> dict[str, int]:
    """Write ``<split>/images/<sequence>`` and ``<split>/panoptic_maps/<sequence>``.

    Returns:
        dict: split -> sequences.
    """
    images = first_existing(job.source, IMAGES, 'folder of frames')
    maps = first_existing(job.source, MAPS, 'folder of panoptic maps')
    found = {
        split: [name for name in names if (images / name).is_dir() and (maps / split / name).is_dir()]
        for split, names in KITTI_STEP_SEQUENCES.items()
    }
    check_counts('KITTI-STEP', {split: len(names) for split, names in found.items()}, PUBLISHED, job)
    for split, names in found.items():
        items = []
        for name in names:
            frames = folder_files(images / name, job.out / split / 'images' / name, ('.png', '.jpg'))
            truth = folder_files(maps / split / name, job.out / split / 'panoptic_maps' / name, ('.png',))
            check_pairs(frames, truth)
            items.append(AnnotatedVideo(frames, truth, job, read_checked))
        run_jobs(place_video, items, job.jobs, f'sequences of {split}')
    return {split: len(names) for split, names in found.items()}
