"""BURST: HOTA, DetA, AssA and AP of the class-guided and exemplar-guided tasks, in percent.

Source: BURST (Athar et al. 2023) section 5, HOTA (Luiten et al. 2021). Numbers are means over thresholds, then over
classes: all, common, uncommon. Layout: ground truth `all_classes.json` (or its folder), prediction one JSON file.
"""

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Items
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gvseg.formats.class_lists import BURST_COMMON_IDS
from gvseg.formats.errors import InputError

from ..io.burst import PredictionReader, read_truth
from ..io.burst_data import Frames, Sequence, SequenceKey, Truth
from ..measures.hota import HotaCounts, hota_numbers, sum_counts
from ..measures.tube_ap import VideoMatches
from ..protocols.burst import OVERLAPS, TASKS, BurstRule, count_classes
from ..protocols.burst_tracks import match_tracks, track_precision
from .job_pool import Progress, run_jobs

NAMES = ('HOTA', 'DetA', 'AssA', 'AP')
GROUPS: dict[str, Callable[[int], bool]] = {
    'all': lambda category: True,
    'common': lambda category: category in BURST_COMMON_IDS,
    'uncommon': lambda category: category not in BURST_COMMON_IDS,
}


class SequenceScores(NamedTuple):
    """Result of one sequence: HOTA counts per class, and the track matches for AP (None: not computed)."""

    counts: dict[int, HotaCounts]
    matches: VideoMatches | None


def score_sequence(item: tuple[Sequence, Frames], rule: BurstRule, with_ap: bool = True) -> SequenceScores:
    """Scores of one sequence."""
    return SequenceScores(count_classes(*item, rule), match_tracks(*item) if with_ap else None)


def burst_numbers(scores: Items[SequenceScores], evaluated: Items[int]) -> dict[str, dict[str, float]]:
    """Means over classes, in percent.

    Args:
        scores: of the sequences, in order of their names (which breaks ties between equal scores in AP).
        evaluated: the classes that have ground truth, without distractors.

    Returns:
        {'HOTA'|'DetA'|'AssA'|'AP': {'all'|'common'|'uncommon': value}}; nan for a group without classes, and for AP
        if a sequence has no matches of tracks.
    """
    matches = [found.matches for found in scores if found.matches is not None]
    whole = len(matches) == len(scores)
    precision = track_precision(matches, evaluated) if whole else dict.fromkeys(evaluated, np.nan)
    per_class: dict[int, dict[str, float]] = {}
    for category in evaluated:
        total = sum_counts(found.counts[category] for found in scores if category in found.counts)
        per_class[category] = {name: float(values.mean()) for name, values in hota_numbers(total).items()}
        per_class[category]['AP'] = precision[category]
    numbers: dict[str, dict[str, float]] = {name: {} for name in NAMES}
    for group, belongs in GROUPS.items():
        members = [values for category, values in per_class.items() if belongs(category)]
        for name in NAMES:
            mean = np.mean([values[name] for values in members]) if members else np.nan
            numbers[name][group] = 100 * float(mean)
    return numbers


def evaluated_classes(sequences: Items[Sequence], rule: BurstRule) -> list[int]:
    """Classes with ground truth in the split, without distractors."""
    present = {category for sequence in sequences for category in sequence.tracks.values() if category is not None}
    return sorted(present - rule.reading.distractors)


def find_file(path: str, name: str) -> Path:
    """`path` itself, or the file `name` in it when it is a folder."""
    return Path(path) / name if Path(path).is_dir() else Path(path)


def evaluate_burst(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    task: str = 'class_guided',
    similarity: str = 'box',
    with_ap: bool = True,
) -> dict[str, Any]:
    """Score a prediction file.

    Args:
        gt_path: all_classes.json, or its folder.
        pred_path: the prediction file, or a folder with pred.json.
        jobs: worker processes.
        progress: called as progress(done, total).
        task: 'class_guided', 'exemplar_guided', or 'exemplar_guided_released' (as computed by the released command).
        similarity: 'box' reproduces the released scorer, 'mask' compares masks.
        with_ap: whether to compute AP, about half of the time; nan otherwise.

    Raises:
        InputError: unknown task or similarity, malformed files, or ground truth without a class.
    """
    if task not in TASKS:
        raise InputError(f'task {task!r} is not one of {sorted(TASKS)}')
    if similarity not in OVERLAPS:
        raise InputError(f'similarity {similarity!r} is not one of {sorted(OVERLAPS)}')
    rule = replace(TASKS[task], similarity=similarity)
    truth = read_truth(find_file(gt_path, 'all_classes.json'), rule.reading)
    found = PredictionReader(find_file(pred_path, 'pred.json'), truth, rule.reading).read()
    return score_sequences(truth, found, rule, jobs, progress, with_ap)


def score_sequences(
    truth: Truth,
    found: Mapping[SequenceKey, Frames],
    rule: BurstRule,
    jobs: int = 1,
    progress: Progress | None = None,
    with_ap: bool = True,
) -> dict[str, dict[str, float]]:
    """Scores of predictions in memory.

    Args:
        truth: ground truth.
        found: predicted detections of the sequences that have any.
        rule, jobs, progress, with_ap: as in `evaluate_burst`.

    Raises:
        InputError: no class of the ground truth is evaluated.
    """
    evaluated = evaluated_classes(truth.sequences, rule)
    if not evaluated:
        raise InputError(f'{truth.path}: no track of an evaluated class')
    ordered = sorted(truth.sequences, key=lambda sequence: '-'.join(sequence.key))
    items = [(sequence, found.get(sequence.key, {})) for sequence in ordered]
    return burst_numbers(
        run_jobs(partial(score_sequence, rule=rule, with_ap=with_ap), items, jobs, progress), evaluated
    )
