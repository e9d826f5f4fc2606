"""BurstMetric writes BURST's result file and equals the file scorer."""

import json

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData, PixelData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.burst import evaluate_burst
from gvseg.formats.errors import InputError
from tests.evaluation.burst_fixtures import encode
from tests.evaluation.metric_fixtures import feed
from tests.evaluation.video_fixtures import object_video

LENGTH, SHAPE = 6, (48, 64)


def make_truth(folder, maps, categories):
    """Ground truth of one sequence; every other frame is annotated."""
    names = [f'frame{index:04d}.jpg' for index in range(0, LENGTH, 2)]
    frames = [{key: {'rle': encode(maps[index] == int(key))} for key in categories} for index in range(0, LENGTH, 2)]
    entry = {
        'id': 4,
        'dataset': 'X',
        'seq_name': 's',
        'width': SHAPE[1],
        'height': SHAPE[0],
        'annotated_image_paths': names,
        'segmentations': frames,
        'track_category_ids': categories,
        'neg_category_ids': [],
        'not_exhaustive_category_ids': [],
    }
    path = folder / 'all_classes.json'
    path.write_text(json.dumps({'split': 'val', 'sequences': [entry]}))
    return path


def frames_of(maps, labels=None):
    """Predicted frames: object maps, and track instances where labels are given."""
    samples = []
    for index, values in enumerate(maps):
        sample = DetDataSample(
            metainfo=dict(
                img_path=f'frames/X/s/frame{index:04d}.jpg', frame_id=index, video_id=0, video_length=len(maps)
            )
        )
        sample.pred_object_map = PixelData(sem_seg=torch.from_numpy(values.astype(np.int64))[None])
        if labels:
            ids = torch.arange(1, len(labels) + 1)
            masks = torch.from_numpy(values)[None] == ids[:, None, None]
            sample.pred_track_instances = InstanceData(
                masks=masks, instances_id=ids, labels=torch.tensor(labels), scores=torch.full((len(labels),), 0.5)
            )
        samples.append(sample)
    return samples


@pytest.mark.parametrize('task', ['exemplar_guided', 'class_guided'])
def test_metric_and_file_agree(tmp_path, task):
    maps = object_video(np.random.default_rng(0), 3, LENGTH)
    truth = make_truth(tmp_path, maps, {'1': 1, '2': 2, '3': 2})
    metric = METRICS.build(
        dict(
            type='BurstMetric',
            ann_file=str(truth),
            task=task,
            category_ids=[1, 2],
            outfile_prefix=str(tmp_path / 'out' / 'pred'),
        )
    )
    feed(metric, [frames_of(np.roll(maps, 2, 2), [0, 1, 1])], 4)
    numbers = metric.evaluate(1)
    expected = evaluate_burst(str(tmp_path), str(tmp_path / 'out' / 'pred.json'), task=task)
    assert 0 < numbers['burst/HOTA_all'] < 100
    assert numbers == {
        f'burst/{name}_{group}': pytest.approx(value, nan_ok=True)
        for name, values in expected.items()
        for group, value in values.items()
    }
    written = json.loads((tmp_path / 'out' / 'pred.json').read_text())['sequences'][0]
    assert written['annotated_image_paths'] == ['frame0000.jpg', 'frame0002.jpg', 'frame0004.jpg']
    assert written['track_category_ids'] == {'1': 1, '2': 2, '3': 2} and written['id'] == 4


def test_perfect_and_format_only(tmp_path):
    maps = object_video(np.random.default_rng(1), 2, LENGTH)
    truth = make_truth(tmp_path, maps, {'1': 1, '2': 5})
    metric = METRICS.build(dict(type='BurstMetric', ann_file=str(truth)))
    feed(metric, [frames_of(maps)], 2)
    assert metric.evaluate(1)['burst/HOTA_all'] == pytest.approx(100)
    metric = METRICS.build(
        dict(type='BurstMetric', ann_file=str(truth), format_only=True, outfile_prefix=str(tmp_path / 'p'))
    )
    feed(metric, [frames_of(maps)], 2)
    assert metric.evaluate(1) == {}
    assert evaluate_burst(str(truth), str(tmp_path / 'p.json'), task='exemplar_guided')['HOTA']['all'] == 100


def test_errors_are_named(tmp_path):
    maps = object_video(np.random.default_rng(1), 2, LENGTH)
    truth = make_truth(tmp_path, maps, {'1': 1})
    with pytest.raises(ValueError, match="task 'x' is not one of"):
        METRICS.build(dict(type='BurstMetric', ann_file=str(truth), task='x'))
    metric = METRICS.build(dict(type='BurstMetric', ann_file=str(truth)))
    feed(metric, [frames_of(maps)], 2)
    with pytest.raises(InputError, match='object 2 is not one of the exemplars'):
        metric.evaluate(1)
    metric = METRICS.build(dict(type='BurstMetric', ann_file=str(truth), task='class_guided'))
    with pytest.raises(InputError, match='pred_track_instances'):
        feed(metric, [frames_of(maps)], 2)
    frames = frames_of(maps)
    frames[0].set_metainfo(dict(img_path='frames/Y/s/frame0000.jpg'))
    with pytest.raises(InputError, match="no sequence 'Y/s'"):
        feed(METRICS.build(dict(type='BurstMetric', ann_file=str(truth))), [frames], 2)
