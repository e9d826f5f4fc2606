"""Ground truth of the tube metric: ids of any kind, and everything checked when the metric is built."""

import json

import pytest
import torch
from mmdet.registry import METRICS
from mmengine.structures import InstanceData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.formats.errors import InputError
from tests.evaluation.metric_fixtures import feed, sample
from tests.evaluation.metrics.test_youtube_vis_metric import BOX
from tests.evaluation.tube_fixtures import annotation, dataset


def test_text_ids_of_videos_are_scored(tmp_path):
    """One perfect tube in each of two videos whose ids are strings."""
    truth = dataset({1: 1, 2: 1}, [annotation(video, video, 1, [BOX]) for video in (1, 2)])
    for video, tube in zip(truth['videos'], truth['annotations']):
        video['id'] = tube['video_id'] = f'clip_{video["id"]}'
    (tmp_path / 'gt.json').write_text(json.dumps(truth))
    metric = METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(tmp_path / 'gt.json')))
    frames = [sample(f'clip_{video}', 0, 1) for video in (1, 2)]
    for frame in frames:
        frame.pred_track_instances = InstanceData(
            masks=torch.from_numpy(BOX)[None], instances_id=torch.tensor([0]), class_scores=torch.tensor([[0.9, 0.1]])
        )
    feed(metric, [[frame] for frame in frames], 1)
    assert metric.evaluate(2)['vis/AP'] == pytest.approx(1)


def test_scores_that_are_no_numbers(tmp_path):
    (tmp_path / 'gt.json').write_text(json.dumps(dataset({1: 1}, [annotation(1, 1, 1, [BOX])])))
    metric = METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(tmp_path / 'gt.json')))
    frame = sample(1, 0, 1)
    frame.pred_track_instances = InstanceData(
        masks=torch.from_numpy(BOX)[None],
        instances_id=torch.tensor([0]),
        class_scores=torch.tensor([[float('nan'), 0.1]]),
    )
    with pytest.raises(InputError, match='frame 0 .*class_scores are not finite'):
        feed(metric, [[frame]], 1)


@pytest.mark.parametrize(
    ('edit', 'message'),
    [
        (lambda tube: tube['segmentations'][0].update(counts='!!'), 'annotation 1 .*frame 0.*damaged RLE'),
        (lambda tube: tube.update(segmentations=[]), 'annotation 1 .*has 0 segmentations'),
        (lambda tube: tube.update(video_id='1'), 'annotation 1 belongs to video 1'),
        (lambda tube: tube.update(areas='x'), 'annotation 1 .*areas'),
    ],
)
def test_ground_truth_is_checked_when_the_metric_is_built(tmp_path, edit, message):
    """Checked before the first training iteration, not at the first validation."""
    truth = dataset({1: 1}, [annotation(1, 1, 1, [BOX])])
    edit(truth['annotations'][0])
    (tmp_path / 'gt.json').write_text(json.dumps(truth))
    with pytest.raises(InputError, match=f'gt.json: {message}'):
        METRICS.build(dict(type='YouTubeVISVideoMetric', ann_file=str(tmp_path / 'gt.json')))
