"""VIPSeg: VPQ and STQ of a folder of results.

Layout: `<gt>/panoptic_gt_VIPSeg*.json`, `<gt>/panomasksRGB/<video>/<frame>.png`; `<pred>/pred.json`,
`<pred>/pan_pred/<video>/<frame>.png`; ids are R + 256 G + 65536 B, 0 is void.
"""

from functools import partial
from pathlib import Path

from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike
from gvseg.formats.panoptic_json import find_truth
from gvseg.formats.png_maps import read_panoptic_ids

from ..io.frame_tables import ListedSegments, listed_frame
from ..io.vipseg import TrueVideo, read_predicted, read_truth
from ..measures.panoptic_counts import PanopticCounts, count_video, paper_mean, quality_numbers, stq_numbers
from ..measures.panoptic_rules import PanopticClasses, PanopticRule
from ..protocols.panoptic import PAPER_WINDOWS, VIPSEG
from .job_pool import Progress, run_jobs

Job = tuple[TrueVideo, dict[str, ListedSegments]]


def score_video(job: Job, masks: Path, results: Path, rule: PanopticRule, classes: PanopticClasses) -> PanopticCounts:
    """Counts of one video; one pair of maps is loaded at a time.

    Raises:
        InputError: an invalid file; the message names it.
    """
    video, predicted = job
    tables = []
    for frame in video.frames:
        files = masks / video.name / frame.file_name, results / video.name / frame.file_name
        target, prediction = read_panoptic_ids(files[0]), read_panoptic_ids(files[1])
        tables.append(
            listed_frame(
                target,
                prediction,
                frame.segments,
                predicted[frame.name],
                (str(files[0]), str(files[1])),
                video.first_id,
            )
        )
    try:
        return count_video(video.name, tables, rule, classes)
    except InputError as error:
        raise InputError(f'{masks / video.name}: {error}') from None


def count_vipseg(
    gt_path: PathLike,
    pred_path: PathLike,
    jobs: int = 1,
    progress: Progress | None = None,
    split: str = 'val',
    rule: PanopticRule = VIPSEG,
) -> tuple[list[PanopticCounts], PanopticClasses]:
    """Counts of every video in a result folder, and the classes."""
    truth_file = find_truth(gt_path, split)
    truth = read_truth(truth_file)
    if not truth.videos or not all(video.frames for video in truth.videos):
        raise InputError(f'{truth_file}: lists no video, or one without frames')
    predicted = read_predicted(Path(pred_path) / 'pred.json', truth)
    task = partial(
        score_video,
        masks=Path(gt_path) / 'panomasksRGB',
        results=Path(pred_path) / 'pan_pred',
        rule=rule,
        classes=truth.classes,
    )
    work = [(video, predicted[video.name]) for video in truth.videos]
    return run_jobs(task, work, jobs, progress), truth.classes


def evaluate_vipseg(
    gt_path: PathLike,
    pred_path: PathLike,
    jobs: int = 1,
    progress: Progress | None = None,
    split: str = 'val',
    rule: PanopticRule = VIPSEG,
) -> dict[str, dict]:
    """VPQ<k> and its means in percent, and STQ (0..1).

    Args:
        gt_path, pred_path: folders, see the module.
        jobs: worker processes.
        progress: called as progress(done, total).
        split: selects one of several ground-truth files.
        rule: windows and averaging.
    """
    videos, classes = count_vipseg(gt_path, pred_path, jobs, progress, split, rule)
    windows = quality_numbers(videos, rule, classes)
    numbers: dict[str, dict] = {f'VPQ{length}': values for length, values in windows}
    if set(PAPER_WINDOWS) <= set(rule.windows):
        numbers['VPQ_1246_as_in_papers'] = paper_mean(windows, PAPER_WINDOWS)
    if rule.windows == VIPSEG.windows:
        numbers['VPQ_12468_as_the_script_writes'] = paper_mean(windows, rule.windows)
    numbers['STQ'] = stq_numbers(videos, classes)
    return numbers
