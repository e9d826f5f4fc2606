"""COCO: photos to make pseudo videos of."""
from collections import Counter
from pathlib import Path
from typing import Any, Dict

from ..reading import DataError, read_json
from ..rle import rle_fault
from .common import Job, check_counts, first_existing, note, place_all, run_jobs, write_json

PUBLISHED = dict(train2017=118287, val2017=5000)
CHUNK = 200  # images that one job places


def convert_coco(job: Job, split: str = 'train2017') -> Dict[str, int]:
    """Write ``<split>/*.jpg`` and ``annotations/pseudo_<split>.json``: images with an object, crowds left out.

    Args:
        job: what to do.
        split: 'train2017' or 'val2017'.

    Returns:
        dict: images and objects.
    """
    path = first_existing(job.source, (f'annotations/instances_{split}.json', f'instances_{split}.json'), 'annotations')
    folder = first_existing(job.source, (split, f'images/{split}'), f'images of {split}')
    content = read_json(path)
    try:
        check_counts('COCO', {split: len(content['images'])}, {split: PUBLISHED[split]}, job)
        content = slim(path, content)
    except (KeyError, TypeError) as error:
        raise DataError(f'{path} is not in COCO layout (images, annotations, categories): {error!r}') from error
    names = [image['file_name'] for image in content['images']]
    items = [([(folder / name, job.out / split / name) for name in names[start:start + CHUNK]], job)
             for start in range(0, len(names), CHUNK)]
    run_jobs(place_all, items, job.jobs, f'times {CHUNK} images')
    write_json(job.out / 'annotations' / f'pseudo_{split}.json', content)
    return dict(images=len(names), objects=len(content['annotations']))


def slim(path: Path, content: Any) -> dict:
    """Images with objects that have a mask; what training does not read is dropped.

    Raises:
        DataError: names the first entry that is wrong.
    """
    images = {image['id']: image for image in content['images']}
    categories = {category['id'] for category in content['categories']}
    kept, dropped = [], Counter()
    for entry in content['annotations']:
        where = f'{path}: annotation {entry["id"]}'
        if entry['category_id'] not in categories:
            raise DataError(f'{where} has the category {entry["category_id"]}, which is not in the list "categories".')
        if entry['image_id'] not in images:
            raise DataError(f'{where} belongs to image {entry["image_id"]}, which is not in the list "images".')
        mask, image = entry.get('segmentation'), images[entry['image_id']]
        if entry.get('iscrowd'):
            dropped['crowds'] += 1
        elif not mask or entry.get('area') == 0:
            dropped['objects without area'] += 1
        else:
            fault = '' if isinstance(mask, list) else rle_fault(mask, image['height'], image['width'])
            if fault:
                raise DataError(f'{where} of image {image["file_name"]}: {fault}.')
            kept.append({key: entry[key] for key in ('id', 'image_id', 'category_id', 'bbox', 'segmentation')})
    used = {entry['image_id'] for entry in kept}
    dropped['images without objects'] = len(images) - len(used)
    note(f'{path}: left out ' + ', '.join(f'{number:,} {what}' for what, number in dropped.items()))
    fields = ('id', 'file_name', 'height', 'width')
    return dict(images=[{key: image[key] for key in fields} for image in content['images'] if image['id'] in used],
                categories=content['categories'], annotations=kept)
