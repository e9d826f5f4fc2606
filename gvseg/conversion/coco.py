"""COCO: images for pseudo videos."""

from collections import Counter
from typing import Any

from gvseg.formats.coco import CocoFile, check_annotation_mask, read_coco
from gvseg.formats.json_files import write_json

from .common import Job, check_counts, first_existing, link_or_copy_files, log, named_files, run_jobs

PUBLISHED = dict(train2017=118287, val2017=5000)
CHUNK = 200  # images per job
KEPT = ('id', 'image_id', 'category_id', 'bbox', 'segmentation')


def convert_coco(job: Job, split: str = 'train2017') -> dict[str, int]:
    """Write ``<split>/*.jpg`` and ``annotations/pseudo_<split>.json``: images with an object, crowds left out.

    Args:
        job: what to do.
        split: 'train2017' or 'val2017'.

    Returns:
        dict: images and objects.
    """
    path = first_existing(job.source, (f'annotations/instances_{split}.json', f'instances_{split}.json'), 'annotations')
    folder = first_existing(job.source, (split, f'images/{split}'), f'images of {split}')
    content = read_coco(path)
    check_counts('COCO', {split: len(content.images)}, {split: PUBLISHED[split]}, job)
    kept = slim(content)
    names = [image['file_name'] for image in kept['images']]
    items = [
        (named_files(folder, job.out / split, names[start : start + CHUNK], path), job)
        for start in range(0, len(names), CHUNK)
    ]
    run_jobs(link_or_copy_files, items, job.jobs, f'times {CHUNK} images')
    write_json(job.out / 'annotations' / f'pseudo_{split}.json', kept)
    return dict(images=len(names), objects=len(kept['annotations']))


def slim(content: CocoFile) -> dict[str, Any]:
    """Images with objects that have a mask; fields that training does not read are dropped.

    Raises:
        InputError: names the first invalid mask.
    """
    images, kept, dropped = [], [], Counter()
    for image in content.images:
        before = len(kept)
        for entry in image.annotations:
            if entry.get('iscrowd'):
                dropped['crowds'] += 1
            elif not entry.get('segmentation') or entry.get('area') == 0:
                dropped['objects without area'] += 1
            else:
                check_annotation_mask(entry, image, content.path)
                kept.append({key: entry[key] for key in KEPT if key in entry})
        if len(kept) > before:
            images.append(dict(id=image.id, file_name=image.file_name, height=image.height, width=image.width))
    dropped['images without objects'] = len(content.images) - len(images)
    log(f'{content.path}: left out ' + ', '.join(f'{number:,} {what}' for what, number in dropped.items()))
    return dict(images=images, categories=content.content['categories'], annotations=kept)
