"""YouTube-VIS and OVIS: tube AP and AR of a result file.

Layout: ground truth {videos, categories, annotations}; results a list of {video_id, category_id, score, segmentations},
or a zip of that list.
"""

from collections.abc import Mapping
from functools import partial

from gvseg.formats.files import PathLike
from gvseg.formats.youtube_vis import TubeVideo, read_tube_results, read_tubes

from ..io.youtube_vis import result_tubes, truth_tubes
from ..measures.tube_ap import VideoMatches, match_video, tube_numbers
from ..measures.tube_rules import TubeRule
from ..protocols.tubes import YOUTUBE_VIS
from .job_pool import Progress, run_jobs


def score_video(job: tuple[TubeVideo, list[Mapping]], rule: TubeRule, gt_path: str, pred_path: str) -> VideoMatches:
    """Matches of one video."""
    video, entries = job
    return match_video(result_tubes(entries, video, rule, pred_path), truth_tubes(video, rule, gt_path), rule)


def evaluate_youtube_vis(
    gt_path: PathLike,
    pred_path: PathLike,
    jobs: int = 1,
    progress: Progress | None = None,
    rule: TubeRule = YOUTUBE_VIS,
) -> dict[str, float]:
    """AP and AR, 0..1 (-1 if there is no ground truth).

    Args:
        gt_path: annotation file.
        pred_path: result file.
        jobs: worker processes.
        progress: called as progress(done, total).
        rule: YOUTUBE_VIS or OVIS.
    """
    truth = read_tubes(gt_path, needs_frames=False)
    results = read_tube_results(pred_path, truth)
    # Ties between scores of different videos are broken by video id.
    videos = sorted(truth.videos, key=lambda video: video.id)
    task = partial(score_video, rule=rule, gt_path=str(gt_path), pred_path=str(pred_path))
    matches = run_jobs(task, [(video, results[video.id]) for video in videos], jobs, progress)
    return tube_numbers(matches, sorted(truth.categories), rule)
