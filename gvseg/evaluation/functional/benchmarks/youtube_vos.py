"""YouTube-VOS 2018/2019 by its published protocol: J and F of seen and unseen classes, and G.

The server's code is not public; this implements the published description. Each object is scored with DAVIS' J and F on
the annotated frames after its first one; objects are averaged per group; G is the mean of the four.

Layout: `<gt>/meta.json` {videos: {video: {objects: {id: {category, frames}}}}}, `<gt>/unseen_categories.txt`,
`<gt>/Annotations/<video>/*.png`, `<pred>/Annotations/<video>/*.png`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gvseg.formats.png_maps import read_label_map

from ..io.youtube_vos import GROUPS, VideoSpans, read_spans, read_unseen, required_frames
from ..protocols.video_objects import YOUTUBE_VOS, ObjectCounter, ObjectRule, ObjectScores
from .job_pool import Progress, run_jobs


def score_video(
    item: tuple[str, VideoSpans], annotations: Path, predictions: Path, rule: ObjectRule = YOUTUBE_VOS
) -> list[ObjectScores]:
    """Scores of every object of one video, on the frames in its objects' spans."""
    video, spans = item
    counter = ObjectCounter(video, rule, spans)
    for frame in required_frames(spans):
        if not any(span.scores(frame) for span in spans.values()):
            continue
        predicted = predictions / video / f'{frame}.png'
        target = read_label_map(annotations / video / f'{frame}.png')
        counter.add(frame, target, read_label_map(predicted), str(predicted))
    order = {identity: place for place, identity in enumerate(spans)}
    return sorted(counter.finish(), key=lambda scores: order[scores.identity])


def youtube_vos_numbers(objects: Sequence[ObjectScores]) -> dict[str, Any]:
    """J and F per group, the group sizes, G and the values per object, 0..1.

    An object that appears only in its video's last annotated frame has no scored frame and is left out; a group
    without objects gives nan.
    """
    scored = [item for item in objects if len(item.region)]
    numbers: dict[str, Any] = {}
    for group in GROUPS:
        members = [item for item in scored if item.group == group]
        empty = float('nan')
        numbers[f'J_{group}'] = float(np.mean([item.region.mean() for item in members])) if members else empty
        numbers[f'F_{group}'] = float(np.mean([item.boundary.mean() for item in members])) if members else empty
        numbers[f'n_{group}'] = len(members)
    numbers['G'] = float(np.mean([numbers[f'{name}_{group}'] for group in GROUPS for name in 'JF']))
    numbers['per_object'] = [
        {
            'video': item.video,
            'object': str(item.identity),
            'split': item.group,
            'J': float(item.region.mean()),
            'F': float(item.boundary.mean()),
        }
        for item in scored
    ]
    return numbers


def evaluate_youtube_vos(
    gt_path: str, pred_path: str, jobs: int = 1, progress: Progress | None = None, rule: ObjectRule = YOUTUBE_VOS
) -> Mapping[str, Any]:
    """Score a folder of results.

    Args:
        gt_path: folder with meta.json, unseen_categories.txt and Annotations.
        pred_path: folder with Annotations.
        jobs: worker processes.
        progress: called as progress(done, total).
        rule: scoring rule.
    """
    root = Path(gt_path)
    spans = read_spans(str(root / 'meta.json'), read_unseen(str(root / 'unseen_categories.txt')))
    task = partial(
        score_video, annotations=root / 'Annotations', predictions=Path(pred_path) / 'Annotations', rule=rule
    )
    return youtube_vos_numbers(
        [item for found in run_jobs(task, list(spans.items()), jobs, progress) for item in found]
    )
