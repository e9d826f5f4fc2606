"""BURST: annotations of its authors, frames of TAO."""
from pathlib import Path
from typing import Any, Dict, List

from ..reading import DataError, read_json
from ..rle import rle_fault
from .common import Files, Job, check_counts, complain, first_existing, place_all, run_jobs, write_json

PUBLISHED = dict(train=500, val=993, test=1421)
FILES = ('all_classes.json', 'common_classes.json', 'uncommon_classes.json', 'first_frame_annotations.json')


def convert_burst(job: Job) -> Dict[str, int]:
    """Write ``frames/<split>/<dataset>/<sequence>`` and ``annotations/<split>/*.json``.

    Returns:
        dict: split -> sequences.
    """
    root = first_existing(job.source, ('annotations', 'burst_annotations', '.'), 'folder of annotations')
    contents: Dict[str, Dict[str, Any]] = {}
    for split in PUBLISHED:
        contents[split] = {name: read_json(root / split / name) for name in FILES if (root / split / name).is_file()}
    contents = {split: files for split, files in contents.items() if FILES[0] in files}
    if not contents:
        raise DataError(f'{root} has no {FILES[0]} in train, val or test.')
    check_counts('BURST', {split: len(files[FILES[0]]['sequences']) for split, files in contents.items()},
                 PUBLISHED, job)
    for split, files in contents.items():
        for name, content in files.items():
            check_content(root / split / name, content)
    return {split: _write_split(split, files, job) for split, files in contents.items()}


def check_content(path: Path, content: Any) -> None:
    """Check masks, categories and lengths.

    Raises:
        DataError: names the first entry that is wrong.
    """
    try:
        categories = {category['id'] for category in content['categories']}
        for entry in content['sequences']:
            _check_sequence(path, entry, categories)
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f'{path} is not in BURST layout (sequences, categories): {error!r}') from error


def _check_sequence(path: Path, entry: dict, categories: set) -> None:
    where = f'{path}: sequence {_name(entry)}'
    if len(entry['segmentations']) != len(entry['annotated_image_paths']):
        raise DataError(f'{where} has {len(entry["segmentations"])} segmentations for '
                        f'{len(entry["annotated_image_paths"])} annotated frames.')
    size = [entry['height'], entry['width']]
    for image, masks in zip(entry['annotated_image_paths'], entry['segmentations']):
        for track, item in masks.items():
            category = entry['track_category_ids'].get(track)
            if category not in categories:
                raise DataError(f'{where}, frame {image}: track {track} has the category {category}, which is not in '
                                'the list "categories".')
            fault = rle_fault(dict(size=size, counts=item['rle']), *size)
            if fault:
                raise DataError(f'{where}, frame {image}, track {track}: {fault}.')


def _name(entry: dict) -> str:
    return f'{entry["dataset"]}/{entry["seq_name"]}'


def _write_split(split: str, files: Dict[str, Any], job: Job) -> int:
    source = first_existing(job.source, (f'frames/{split}', f'TAO/frames/{split}', f'images/{split}', split),
                            f'frames of {split}')
    target = job.out / 'frames' / split
    entries = files[FILES[0]]['sequences']
    missing = [_name(entry) for entry in entries if not (source / _name(entry)).is_dir()]
    if missing:
        complain(f'{source} lacks {len(missing)} of {len(entries)} sequences: {", ".join(missing[:5])}. TAO has the '
                 'frames of AVA and HACS on request only.', job)
    gone = set(missing)
    kept = [entry for entry in entries if _name(entry) not in gone]
    run_jobs(place_all, [(_frames(entry, source, target), job) for entry in kept], job.jobs, f'sequences of {split}')
    for name, content in files.items():
        sequences: List[dict] = [entry for entry in content['sequences'] if _name(entry) not in gone]
        write_json(job.out / 'annotations' / split / name, dict(content, sequences=sequences))
    return len(kept)


def _frames(entry: dict, source: Path, target: Path) -> Files:
    """The annotated frames, and those between them that are there."""
    folder = source / _name(entry)
    between = [name for name in entry.get('all_image_paths', []) if (folder / name).is_file()]
    names = dict.fromkeys([*entry['annotated_image_paths'], *between])
    return [(folder / name, target / _name(entry) / name) for name in names]
