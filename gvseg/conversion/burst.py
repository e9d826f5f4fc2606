"""BURST: annotations of its authors, frames of TAO."""

from pathlib import Path

from gvseg.formats.burst import BurstFile, BurstSequence, check_masks, read_burst
from gvseg.formats.errors import InputError
from gvseg.formats.files import safe_join
from gvseg.formats.json_files import write_json

from .common import Files, Job, check_counts, first_existing, link_or_copy_files, named_files, run_jobs, warn_or_raise

PUBLISHED = dict(train=500, val=988, test=1421)
"""Sequences in the files of the download; the paper counts 993 of val."""
ALL = 'all_classes.json'
OTHERS = ('common_classes.json', 'uncommon_classes.json', 'first_frame_annotations.json')


def convert_burst(job: Job) -> dict[str, int]:
    """Write ``frames/<split>/<dataset>/<sequence>`` and ``annotations/<split>/*.json``.

    Returns:
        dict: split -> sequences.
    """
    root = first_existing(job.source, ('annotations', 'burst_annotations', '.'), 'folder of annotations')
    contents = {split: _read_split(root / split, split) for split in PUBLISHED}
    contents = {split: files for split, files in contents.items() if files}
    if not contents:
        raise InputError(f'{root} has no {ALL} in train, val or test.')
    check_counts('BURST', {split: len(files[ALL].sequences) for split, files in contents.items()}, PUBLISHED, job)
    for files in contents.values():
        for file in files.values():
            check_masks(file)
    return {split: _write_split(split, files, job) for split, files in contents.items()}


def _read_split(folder: Path, split: str) -> dict[str, BurstFile]:
    """The files of a split under their names after conversion: the download has ``train/train.json``, no
    ``train/all_classes.json``."""
    path = next((folder / name for name in (ALL, f'{split}.json') if (folder / name).is_file()), None)
    if path is None:
        return {}
    return {ALL: read_burst(path), **{name: read_burst(folder / name) for name in OTHERS if (folder / name).is_file()}}


def _write_split(split: str, files: dict[str, BurstFile], job: Job) -> int:
    source = first_existing(
        job.source, (f'frames/{split}', f'TAO/frames/{split}', f'images/{split}', split), f'frames of {split}'
    )
    target = job.out / 'frames' / split
    sequences, path = files[ALL].sequences, files[ALL].path
    missing = [item.name for item in sequences if not safe_join(source, item.name, path).is_dir()]
    if missing:
        warn_or_raise(
            f'{source} lacks {len(missing)} of {len(sequences)} sequences: {", ".join(missing[:5])}. TAO has '
            'the frames of AVA and HACS on request only.',
            job,
        )
    gone = set(missing)
    items = [(_frames(item, source, target, path), job) for item in sequences if item.name not in gone]
    run_jobs(link_or_copy_files, items, job.jobs, f'sequences of {split}')
    for name, file in files.items():
        kept = [item.entry for item in file.sequences if item.name not in gone]
        write_json(job.out / 'annotations' / split / name, dict(file.content, sequences=kept))
    return len(items)


def _frames(sequence: BurstSequence, source: Path, target: Path, path: str) -> Files:
    """The annotated frames, and the frames between them that exist."""
    folder, place = safe_join(source, sequence.name, path), safe_join(target, sequence.name, path)
    between = [name for name in sequence.all_frames if safe_join(folder, name, path).is_file()]
    return named_files(folder, place, list(dict.fromkeys([*sequence.frames, *between])), path)
