"""VSPW: mIoU, accuracies, VC8 and VC16 of a folder of results.

Layout: `<gt>/val.txt`, `<gt>/data/<video>/mask/*.png` (0 void, 1..124 classes, 255 unlabelled),
`<pred>/<video>/*.png` (0..123).
"""

from functools import partial
from pathlib import Path

from gvseg.formats.files import check_name, list_files, read_names
from gvseg.formats.png_maps import check_same_size, read_label_map
from gvseg.formats.vspw import read_labels

from ..measures.semantic import SemanticRule, VideoCounter, VideoCounts, semantic_numbers
from ..protocols.semantic import VSPW
from .job_pool import Progress, run_jobs


def count_video(video: str, masks: Path, predictions: Path, rule: SemanticRule = VSPW) -> VideoCounts:
    """Counts of one video; every mask needs a prediction of the same name, additional predictions are ignored."""
    counter = VideoCounter(video, rule)
    for name in list_files(masks / video / 'mask', ('.png',), 'map'):
        file, predicted = masks / video / 'mask' / name, predictions / video / name
        target, prediction = read_labels(file, rule.num_classes), read_label_map(predicted)
        check_same_size(target, prediction, predicted)
        counter.add(target, prediction, str(predicted))
    return counter.finish()


def evaluate_vspw(
    gt_path: str,
    pred_path: str,
    jobs: int = 1,
    progress: Progress | None = None,
    split: str = 'val',
    rule: SemanticRule = VSPW,
) -> dict[str, float]:
    """Score a folder of results.

    Args:
        gt_path: VSPW root.
        pred_path: folder with one folder of PNGs per video.
        jobs: worker processes.
        progress: called as progress(done, total).
        split: name of the list of videos.
        rule: counting rule.
    """
    names_file = Path(gt_path) / f'{split}.txt'
    videos = [check_name(name, names_file) for name in read_names(names_file, 'List of videos')]
    task = partial(count_video, masks=Path(gt_path) / 'data', predictions=Path(pred_path), rule=rule)
    return semantic_numbers(run_jobs(task, videos, jobs, progress), rule)
