"""KITTI-STEP: frames of KITTI's tracking benchmark and the panoptic maps."""
from typing import Dict

from ..kitti_step import SEQUENCES
from ..reading import DataError
from .common import Job, check_counts, first_existing, folder_files, place_all, run_jobs

PUBLISHED = dict(train=12, val=9)
IMAGES = ('training/image_02', 'data_tracking_image_2/training/image_02', 'image_02', 'images/training')
MAPS = ('panoptic_maps', 'kitti-step/panoptic_maps', 'kitti_step/panoptic_maps')


def convert_kitti_step(job: Job) -> Dict[str, int]:
    """Write ``<split>/images/<sequence>`` and ``<split>/panoptic_maps/<sequence>``.

    Returns:
        dict: split -> sequences.
    """
    images = first_existing(job.source, IMAGES, 'folder of frames')
    maps = first_existing(job.source, MAPS, 'folder of panoptic maps')
    found = {split: [name for name in names if (images / name).is_dir() and (maps / split / name).is_dir()]
             for split, names in SEQUENCES.items()}
    check_counts('KITTI-STEP', {split: len(names) for split, names in found.items()}, PUBLISHED, job)
    for split, names in found.items():
        items = []
        for name in names:
            frames = folder_files(images / name, job.out / split / 'images' / name, ('.png', '.jpg'))
            truth = folder_files(maps / split / name, job.out / split / 'panoptic_maps' / name, ('.png', ))
            missing = {source.stem for source, _ in truth} ^ {source.stem for source, _ in frames}
            if missing:
                raise DataError(f'Sequence {name}: {images / name} and {maps / split / name} do not have the same '
                                f'frames; only one has {min(missing)} ({len(missing)} in all).')
            items.append((frames + truth, job))
        run_jobs(place_all, items, job.jobs, f'sequences of {split}')
    return {split: len(names) for split, names in found.items()}
