"""KITTI-STEP: STQ and VPQ of a folder of results.

Layout: `<gt>/<sequence>/<frame>.png`, `<pred>/<sequence>/<frame>.png`; R is the class, 256 G + B the instance; class
255 is void, instance 0 of person and car is crowd for AQ.
"""
from functools import partial
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import numpy as np

from .file_readers import PathLike, list_maps
from .input_errors import BadInputError, MissingInputError
from .job_pool import Progress, run_jobs
from .panoptic_maps import read_rgb_codes
from .panoptic_quality import TRUE_POSITIVES, mean_of_windows, mean_quality
from .panoptic_video import PanopticCounts, count_video, quality_numbers, stq_numbers, sum_statistics
from .rules_panoptic import KITTI_STEP, KITTI_STEP_CLASSES, UNCLAIMED, VOID, PanopticClasses, PanopticRule
from .segment_counts import FrameTable, Segments, count_pairs

INSTANCE_BITS = 16
VOID_CLASS = 255


def map_segments(found: Tuple[np.ndarray, np.ndarray], limit: int, void: bool, where: str) -> Segments:
    """Segments of a map of class * 65536 + instance.

    Args:
        found: codes in the map and their pixels.
        limit: classes are 0..limit-1.
        void: whether the void class is legal here.
        where: file, for errors.

    Raises:
        BadInputError: a class out of range.
    """
    codes, areas = found
    labels, instances = codes >> INSTANCE_BITS, codes & (1 << INSTANCE_BITS) - 1
    wrong = (labels >= limit) & ~((labels == VOID_CLASS) & void)
    if wrong.any():
        reason = f'and {VOID_CLASS} for void' if void else 'in predictions; fill every pixel with a class'
        raise BadInputError(f'{where}: class {labels[wrong][0]} (id {codes[wrong][0]}) is out of range; classes are '
                            f'0..{limit - 1} {reason}')
    # The released VPQ subtracts only the pixels of void with instance 0 from unions.
    labels = np.where(labels == VOID_CLASS, np.where(instances == 0, VOID, UNCLAIMED), labels)
    return Segments.build(codes, labels, areas, untracked=instances == 0)


def score_sequence(sequence: str, truth: Path, results: Path, rule: PanopticRule, classes: PanopticClasses
                   ) -> PanopticCounts:
    """Counts of one sequence.

    Raises:
        BadInputError: a bad file; the message names it.
    """
    tables, limit = [], len(classes) + rule.extra_labels
    for file in list_maps(truth / sequence):
        other = results / sequence / file.name
        target, prediction = read_rgb_codes(file, red_is_high=True), read_rgb_codes(other, red_is_high=True)
        if target.shape != prediction.shape:
            raise BadInputError(f'{other}: size {prediction.shape[1]}x{prediction.shape[0]}, but the ground truth is '
                                f'{target.shape[1]}x{target.shape[0]} (width x height)')
        pairs = count_pairs(target, prediction)
        tables.append(FrameTable(map_segments(pairs.per_target(), limit, True, str(file)),
                                 map_segments(pairs.per_prediction(), limit, False, str(other)), pairs))
    return count_video(sequence, tables, rule, classes)


def list_sequences(root: PathLike) -> List[str]:
    """Names of the folders with PNGs below a folder, sorted.

    Raises:
        MissingInputError: no such folder, or none in it.
    """
    names = sorted(path.name for path in Path(root).iterdir() if path.is_dir()) if Path(root).is_dir() else []
    if not names:
        raise MissingInputError(f'{root}: no folders of sequences here')
    return names


def evaluate_kitti_step(gt_path: PathLike, pred_path: PathLike, jobs: int = 1, progress: Optional[Progress] = None,
                        rule: PanopticRule = KITTI_STEP, classes: PanopticClasses = KITTI_STEP_CLASSES
                        ) -> Dict[str, Dict]:
    """STQ (0..1) and VPQ of every window in percent.

    Args:
        gt_path, pred_path: folders, see the module.
        jobs: worker processes.
        progress: called as progress(done, total).
        rule: windows and averaging.
        classes: the classes; things are person and car only.
    """
    task = partial(score_sequence, truth=Path(gt_path), results=Path(pred_path), rule=rule, classes=classes)
    videos = run_jobs(task, list_sequences(gt_path), jobs, progress)
    vpq: Dict[str, Dict] = {}
    statistics = sum_statistics(videos, rule, classes)
    for (length, values), part in zip(quality_numbers(videos, rule, classes), statistics):
        seen = part[:len(classes), TRUE_POSITIVES:].sum(1) > 0
        vpq[f'k{length}'] = {**values, 'all_over_seen_classes': mean_quality(part, classes, 'seen')['all'],
                             'n_seen': int(seen.sum())}
    means = mean_of_windows([{key: value for key, value in values.items() if key != 'n_seen'}
                             for values in vpq.values()])
    return {'STQ': stq_numbers(videos, classes), 'VPQ': vpq,
            f'VPQ_mean_{"".join(str(length) for length in rule.windows)}': means}
