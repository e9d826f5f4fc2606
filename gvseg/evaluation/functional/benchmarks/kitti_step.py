"""KITTI-STEP: STQ and VPQ of a folder of results.

Layout: `<gt>/<sequence>/<frame>.png`, `<pred>/<sequence>/<frame>.png`; R is the class, 256 G + B the instance; class
255 is void, instance 0 of person and car is crowd for AQ.
"""

from functools import partial
from pathlib import Path

from gvseg.formats.files import PathLike, list_files, list_folders
from gvseg.formats.kitti_step import read_codes
from gvseg.formats.png_maps import check_same_size

from ..io.frame_tables import map_segments
from ..measures.panoptic_counts import PanopticCounts, count_video, quality_numbers, stq_numbers, sum_statistics
from ..measures.panoptic_quality import TRUE_POSITIVES, mean_of_windows, mean_quality
from ..measures.panoptic_rules import PanopticClasses, PanopticRule
from ..measures.segment_counts import FrameTable, count_pairs
from ..protocols.panoptic import KITTI_STEP, KITTI_STEP_CLASSES
from .job_pool import Progress, run_jobs


def score_sequence(
    sequence: str, truth: Path, results: Path, rule: PanopticRule, classes: PanopticClasses
) -> PanopticCounts:
    """Counts of one sequence.

    Raises:
        InputError: an invalid file; the message names it.
    """
    tables, limit = [], len(classes) + rule.extra_labels
    for name in list_files(truth / sequence, ('.png',), 'map'):
        file, other = truth / sequence / name, results / sequence / name
        target, prediction = read_codes(file), read_codes(other)
        check_same_size(target, prediction, other)
        pairs = count_pairs(target, prediction)
        tables.append(
            FrameTable(
                map_segments(pairs.per_target(), limit, True, str(file)),
                map_segments(pairs.per_prediction(), limit, False, str(other)),
                pairs,
            )
        )
    return count_video(sequence, tables, rule, classes)


def evaluate_kitti_step(
    gt_path: PathLike,
    pred_path: PathLike,
    jobs: int = 1,
    progress: Progress | None = None,
    rule: PanopticRule = KITTI_STEP,
    classes: PanopticClasses = KITTI_STEP_CLASSES,
) -> dict[str, dict]:
    """STQ (0..1) and VPQ of every window in percent.

    Args:
        gt_path, pred_path: folders, see the module.
        jobs: worker processes.
        progress: called as progress(done, total).
        rule: windows and averaging.
        classes: the classes; things are person and car only.
    """
    task = partial(score_sequence, truth=Path(gt_path), results=Path(pred_path), rule=rule, classes=classes)
    videos = run_jobs(task, list_folders(gt_path, 'folder of a sequence'), jobs, progress)
    vpq: dict[str, dict] = {}
    statistics = sum_statistics(videos, rule, classes)
    for (length, values), part in zip(quality_numbers(videos, rule, classes), statistics):
        seen = part[: len(classes), TRUE_POSITIVES:].sum(1) > 0
        vpq[f'k{length}'] = {
            **values,
            'all_over_seen_classes': mean_quality(part, classes, 'seen')['all'],
            'n_seen': int(seen.sum()),
        }
    means = mean_of_windows(
        [{key: value for key, value in values.items() if key != 'n_seen'} for values in vpq.values()]
    )
    return {
        'STQ': stq_numbers(videos, classes),
        'VPQ': vpq,
        f'VPQ_mean_{"".join(str(length) for length in rule.windows)}': means,
    }
