"""DAVIS-2017, semi-supervised: J, F, their recall and decay.

Source: the public DAVIS-2017 scorer's definition. Layout: `<gt>/ImageSets/2017/val.txt`,
`<gt>/Annotations/480p/<sequence>/*.png`, `<pred>/<sequence>/*.png` (palette PNGs of object ids).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.files import list_files
from gvseg.formats.object_maps import read_object_ids
from gvseg.formats.png_maps import read_label_map
from gvseg.formats.vos import read_davis_list

from ..protocols.video_objects import DAVIS, ObjectCounter, ObjectRule, ObjectScores, decay, recall
from .job_pool import Progress, run_jobs


def score_sequence(sequence: str, annotations: Path, predictions: Path, rule: ObjectRule = DAVIS) -> list[ObjectScores]:
    """Scores of every object of one sequence; predictions are read on scored frames only.

    Raises:
        InputError: missing or damaged file, wrong size, unknown id, or too few annotated frames.
    """
    files = [annotations / sequence / name for name in list_files(annotations / sequence, ('.png',), 'map')]
    if len(files) < 3:
        raise InputError(
            f'{annotations / sequence}: {len(files)} annotated frames; at least 3 are needed because '
            'the first and the last are not scored'
        )
    counter, folder = ObjectCounter(sequence, rule), str(predictions / sequence)
    counter.add(files[0].stem, read_object_ids(files[0]), None)
    if not counter.scores:
        raise InputError(f'{files[0]}: no object in the first annotated frame')
    for file in files[1:-1]:
        predicted = f'{folder}/{file.name}'
        counter.add(file.stem, read_label_map(file), read_label_map(predicted), predicted)
    return counter.finish(last_seen=False)


def davis_numbers(objects: Sequence[ObjectScores], rule: ObjectRule = DAVIS) -> dict[str, Any]:
    """Means over all objects of all sequences (not per sequence), 0..1.

    Returns:
        J&F-Mean, Mean, Recall and Decay of J and F, and J_per_object, F_per_object keyed '<sequence>_<id>'.
    """
    values = {'J': [item.region for item in objects], 'F': [item.boundary for item in objects]}
    numbers: dict[str, Any] = {'J&F-Mean': float('nan')}
    for name, series in values.items():
        numbers[f'{name}-Mean'] = float(np.mean([item.mean() for item in series]))
        numbers[f'{name}-Recall'] = float(np.mean([recall(item, rule) for item in series]))
        numbers[f'{name}-Decay'] = float(np.mean([decay(item, rule) for item in series]))
    numbers['J&F-Mean'] = (numbers['J-Mean'] + numbers['F-Mean']) / 2
    for name, series in values.items():
        numbers[f'{name}_per_object'] = {
            f'{item.video}_{item.identity}': float(value.mean()) for item, value in zip(objects, series)
        }
    return numbers


def evaluate_davis(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    split: str = 'val',
    rule: ObjectRule = DAVIS,
) -> dict[str, Any]:
    """Score a folder of results.

    Args:
        gt_path: DAVIS root.
        pred_path: folder with one folder of PNGs per sequence.
        jobs: worker processes.
        progress: called as progress(done, total).
        split: list of sequences in ImageSets/2017.
        rule: scoring rule.
    """
    names_file = Path(gt_path) / 'ImageSets' / '2017' / f'{split}.txt'
    sequences = read_davis_list(names_file)
    task = partial(
        score_sequence, annotations=Path(gt_path) / 'Annotations' / '480p', predictions=Path(pred_path), rule=rule
    )
    objects = [item for found in run_jobs(task, sequences, jobs, progress) for item in found]
    return davis_numbers(objects, rule)
