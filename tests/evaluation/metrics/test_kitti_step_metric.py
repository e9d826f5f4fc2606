"""The KITTI-STEP metric equals the folder scorer."""

import numpy as np
import pytest
import torch
from mmdet.registry import METRICS
from mmengine.structures import PixelData

import gvseg.evaluation.metrics  # noqa: F401
from gvseg.evaluation.functional.benchmarks.kitti_step import evaluate_kitti_step
from tests.evaluation.metric_fixtures import feed, sample
from tests.evaluation.panoptic_fixtures import write_ids


@pytest.fixture
def kitti(tmp_path):
    """Folder, frames (labels: person 0, car 1, then stuff) and numbers of a KITTI-STEP case."""
    rng = np.random.default_rng(4)
    order = [11, 13] + [index for index in range(19) if index not in (11, 13)]
    frames = [
        sample('0002', index, 6, seg_map_path=str(tmp_path / 'gt' / '0002' / f'{index:04d}.png')) for index in range(6)
    ]
    for index, frame in enumerate(frames):
        cells = rng.choice([0, 8, 11, 13, 13, 255], (4, 6)).repeat(3, 0).repeat(3, 1)
        target = cells << 16 | np.where(np.isin(cells, (11, 13)), 1 + np.arange(18) // 6, 0)
        write_ids(tmp_path / 'gt' / '0002' / f'{index:04d}.png', target, red_is_high=True)
        answer = np.roll(np.where(cells == 255, 0, cells), 1, 1)
        instance = np.where(np.isin(answer, (11, 13)), 5 + np.arange(18) // 6, 0)
        write_ids(tmp_path / 'pred' / '0002' / f'{index:04d}.png', answer << 16 | instance, red_is_high=True)
        labels = np.vectorize(order.index)(answer)
        frame.pred_panoptic_seg = PixelData(sem_seg=torch.from_numpy(labels * 2**16 + instance)[None])
    return tmp_path, frames, evaluate_kitti_step(tmp_path / 'gt', tmp_path / 'pred'), {'category_ids': order}


def test_kitti_step_metric_equals_the_folder_scorer(kitti):
    root, frames, expected, meta = kitti
    metric = METRICS.build(dict(type='KITTIStepMetric', outfile_prefix=str(root / 'out')))
    metric.dataset_meta = meta
    feed(metric, [frames], 4)
    numbers = metric.evaluate(1)
    assert 100 * numbers['vps/VPQ'] == pytest.approx(expected['VPQ_mean_1234']['all'])
    assert 100 * numbers['vps/VPQ_th'] == pytest.approx(expected['VPQ_mean_1234']['thing'])
    assert numbers['vps/STQ'] == pytest.approx(expected['STQ']['STQ'])
    assert 0 < numbers['vps/AQ'] < 1 and 0 < numbers['vps/SQ'] < 1
    assert evaluate_kitti_step(root / 'gt', root / 'out') == expected
