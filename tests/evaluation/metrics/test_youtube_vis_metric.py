"""The tube metric equals the file scorer, for any division into clips."""

import json
import pickle
import zipfile

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmengine.structures import InstanceData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.youtube_vis import evaluate_youtube_vis
from gvseg.formats.errors import InputError
from tests.evaluation.metric_fixtures import feed, sample
from tests.evaluation.tube_fixtures import SHAPE, annotation, box, dataset

BOX = box(2, 2, 10, 10)


def tube_frames(video, masks, class_scores):
    """Frames of a video from masks {slot: [mask or None]} and class scores {slot: [scores of each frame]}."""
    length = len(next(iter(masks.values())))
    frames = [sample(video, index, length) for index in range(length)]
    for index, frame in enumerate(frames):
        slots = [slot for slot in masks if masks[slot][index] is not None]
        scores = torch.tensor([class_scores[slot][index] for slot in slots]).reshape(-1, 2)
        frame.pred_track_instances = InstanceData(
            masks=torch.from_numpy(np.array([masks[slot][index] for slot in slots], bool).reshape(-1, *SHAPE)),
            instances_id=torch.tensor(slots, dtype=torch.long),
            class_scores=scores,
            labels=scores.argmax(-1) if slots else torch.zeros(0),
            scores=scores.amax(-1) if slots else torch.zeros(0),
        )
    return frames


@pytest.fixture
def vis(tmp_path):
    """Ground truth file and frames: slot 4 is right, reported in two of three frames; slot 9 misses."""
    moved = [np.roll(BOX, step, 1) for step in range(3)]
    truth = dataset({5: 3, 2: 1}, [annotation(1, 5, 2, moved), annotation(2, 2, 1, [BOX])])
    (tmp_path / 'gt.json').write_text(json.dumps(truth))
    first = tube_frames(
        5,
        {4: [moved[0], None, moved[2]], 9: [box(0, 25, 3, 3)] * 3},
        {4: [[0.1, 0.9], None, [0.3, 0.5]], 9: [[0.2, 0.4]] * 3},
    )
    second = tube_frames(2, {0: [BOX]}, {0: [[0.6, 0.1]]})
    return tmp_path, [first, second]


def written_entries(root):
    """Content of the result file."""
    with zipfile.ZipFile(root / 'out.zip') as archive:
        return json.loads(archive.read('results.json'))


@pytest.mark.parametrize(('over', 'expected'), [('present', 0.7), ('all', 1.4 / 3)])
@pytest.mark.parametrize('clip', [1, 2, 9])
def test_tube_metric_writes_means_of_class_scores(vis, over, expected, clip):
    root, videos = vis
    metric = METRICS.build(
        dict(
            type='YouTubeVISVideoMetric',
            ann_file=str(root / 'gt.json'),
            score_over=over,
            outfile_prefix=str(root / 'out'),
        )
    )
    metric.dataset_meta = {'category_ids': [1, 2]}
    feed(metric, videos, clip, as_dict=clip == 2)
    numbers = metric.evaluate(2)
    # IoU 2/3 in video 5 (found at 0.5..0.65), 1 in video 2.
    assert numbers['vis/AP50'] == pytest.approx(1) and numbers['vis/AP'] == pytest.approx((0.4 + 1) / 2)
    written = evaluate_youtube_vis(root / 'gt.json', root / 'out.zip')
    assert {f'vis/{name}': value for name, value in written.items()} == numbers
    entries = written_entries(root)
    best = max((entry for entry in entries if entry['video_id'] == 5), key=lambda entry: entry['score'])
    assert best['score'] == pytest.approx(expected) and best['category_id'] == 2
    assert [mask is None for mask in best['segmentations']] == [False, True, False]


def test_tube_metric_keeps_the_best_pairs_only(vis):
    root, videos = vis
    metric = METRICS.build(
        dict(
            type='YouTubeVISVideoMetric',
            ann_file=str(root / 'gt.json'),
            max_per_video=1,
            format_only=True,
            outfile_prefix=str(root / 'out'),
        )
    )
    feed(metric, videos, 3)
    assert metric.evaluate(2) == {}
    entries = written_entries(root)
    assert [(entry['video_id'], entry['category_id']) for entry in entries] == [(2, 1), (5, 2)]


def test_tube_results_are_merged_and_empty_videos_are_legal(vis):
    root, videos = vis
    parts = [METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(root / 'gt.json'))) for _ in range(2)]
    feed(parts[0], videos[:1], 3)
    feed(parts[1], [tube_frames(2, {0: [None]}, {})], 1)
    for part in parts:
        part._close()
    parts[0].results.extend(pickle.loads(pickle.dumps(parts[1].results)))
    assert parts[0].evaluate(2)['vis/AP'] == pytest.approx(0.4 / 2)


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (lambda frame: frame.set_metainfo(dict(video_id=77)), '77'),
        (lambda frame: delattr(frame, 'pred_track_instances'), 'pred_track_instances'),
        (lambda frame: setattr(frame.pred_track_instances, 'class_scores', torch.ones(2, 7)), '7 classes'),
    ],
)
def test_wrong_tube_frames_are_named(vis, change, word):
    root, videos = vis
    change(videos[0][0])
    with pytest.raises(InputError, match=word):
        feed(METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(root / 'gt.json'))), videos, 2)


def test_tube_arguments_are_checked():
    with pytest.raises(ValueError, match='benchmark'):
        METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file='x', benchmark='coco'))
    with pytest.raises(ValueError, match='score_over'):
        METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file='x', score_over='some'))
