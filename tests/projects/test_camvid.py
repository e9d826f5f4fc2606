"""The CamVid project on a small tree of its layout: videos, classes, and both models."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import DATASETS, MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from PIL import Image

import gvseg.datasets
import gvseg.evaluation.metrics
import gvseg.models  # noqa: F401
from gvseg.datasets import STUFF_ID_OFFSET, DataError

pytestmark = pytest.mark.usefixtures('mmdet_scope')
CONFIGS = Path(__file__).resolve().parents[2] / 'projects/camvid_vss/configs'
SHARED = Path(__file__).resolve().parents[3] / 'shared/data/camvid'
# Ours and the per-frame baseline, trained alike.
GVSEG, BASELINE = (CONFIGS / f'{name}_mobilenet-v2_1xb2-short_camvid.py' for name in ('gvseg-vss', 'mmseg-fpn'))
LARGE = [CONFIGS / f'{name}_efficientnet-lite1_1xb8-gpu_camvid.py' for name in ('gvseg-vss', 'mmseg-fpn')]


@pytest.fixture
def camvid(tmp_path: Path) -> Path:
    """Two stretches of a sequence and one of another; road below, unlabelled at the left, sky elsewhere."""
    values = np.zeros((72, 96), np.uint8)
    values[36:], values[:, :8] = 3, 11
    for split, names in (
        ('train', [f'0006R0_f{n:05d}' for n in (930, 960, 990, 1200, 1230)] + ['0001TP_006690']),
        ('val', [f'0016E5_{n:05d}' for n in range(7959, 7969, 2)]),
    ):
        for name in names:
            for folder, image in ((split, np.full((72, 96, 3), 100, np.uint8)), (f'{split}annot', values)):
                (tmp_path / folder).mkdir(exist_ok=True)
                Image.fromarray(image).save(tmp_path / folder / f'{name}.{"png" if image.ndim == 2 else "jpg"}')
    return tmp_path


def loaded(path: Path, root: Path) -> Config:
    """A config of the project on the small tree, with small crops."""
    config = Config.fromfile(path)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.dataset.data_root = str(root)
    config.train_dataloader.dataset.pipeline[3].short_sides = (64,)
    config.train_dataloader.dataset.pipeline[4].size = (64, 64)
    return config


def test_videos_and_classes(camvid):
    config = loaded(GVSEG, camvid)
    data = DATASETS.build(config.train_dataloader.dataset)
    assert [(data.get_data_info(i)['video_id'], data.get_data_info(i)['video_length']) for i in range(len(data))] == [
        ('0001TP_006690', 1),
        ('0006R0_f00930', 3),
        ('0006R0_f01200', 2),
    ]
    clip = DATASETS.build(config.val_dataloader.dataset)[0, [0, 1, 2]]['data_samples']
    frame = clip.video_data_samples[0]
    found = frame.gt_instances
    assert dict(zip(found.instances_ids.tolist(), found.masks.masks.sum((1, 2)).tolist())) == {
        STUFF_ID_OFFSET: 36 * 88,
        STUFF_ID_OFFSET + 3: 36 * 88,
    }
    assert (frame.gt_sem_seg.sem_seg == 255).sum() == 72 * 8


def test_bad_value_and_missing_map(camvid):
    path = camvid / 'valannot/0016E5_07959.png'
    Image.fromarray(np.full((72, 96), 12, np.uint8)).save(path)
    data = loaded(GVSEG, camvid).val_dataloader.dataset
    with pytest.raises(DataError, match='0016E5_07959.png has the value 12, but there are 11 classes'):
        DATASETS.build(data)[0, [0]]
    path.unlink()
    with pytest.raises(DataError, match='valannot has no map for frame 0016E5_07959.jpg'):
        DATASETS.build(data)


@pytest.mark.parametrize('path', [GVSEG, BASELINE, *LARGE], ids=['gvseg', 'mmseg', 'gvseg-large', 'mmseg-large'])
def test_a_training_step_and_a_prediction(camvid, path):
    config = loaded(path, camvid)
    lines = path.read_text().splitlines()
    assert len(lines) <= 25 and ('Ours: mIoU' in lines[0]) == (path not in LARGE)
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    batch = pseudo_collate([DATASETS.build(config.train_dataloader.dataset)[1, 0]])
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    total = sum(value for name, value in losses.items() if 'loss' in name)
    assert torch.isfinite(total)
    total.backward()
    frames = list(range(config.clip_length))
    batch = pseudo_collate([DATASETS.build(config.val_dataloader.dataset)[0, frames]])
    with torch.no_grad():
        (result,) = model.eval()(**model.data_preprocessor(batch, False), mode='predict')
    assert isinstance(result, TrackDataSample)
    maps = [frame.pred_sem_seg.sem_seg for frame in result.video_data_samples]
    assert [tuple(found.shape) for found in maps] == [(1, 72, 96)] * len(frames)
    assert config.test_dataloader.sampler.clip_length == config.clip_length
    assert len(result.to_dict()['video_data_samples']) == len(frames)  # what mmengine gives to metrics


@pytest.mark.parametrize('pair', [(GVSEG, BASELINE), LARGE], ids=['small', 'large'])
def test_both_models_train_alike(pair):
    ours, theirs = map(Config.fromfile, pair)
    for key in ('train_dataloader', 'optim_wrapper', 'param_scheduler', 'train_cfg', 'val_evaluator', 'randomness'):
        assert ours[key] == theirs[key], key


@pytest.mark.skipif(not SHARED.is_dir(), reason='needs the real CamVid')
def test_real_camvid():
    config = loaded(GVSEG, SHARED)
    train = DATASETS.build(config.train_dataloader.dataset)
    assert sum(train.get_len_per_video(i) for i in range(len(train))) == 367
    val = DATASETS.build(config.val_dataloader.dataset)
    assert [val.get_len_per_video(i) for i in range(len(val))] == [101]
