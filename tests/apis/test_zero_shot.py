"""COCO weights alone track: the zero-shot configs, made narrow, through converter, segmenter and demo."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import Config

from gvseg.apis import VideoSegmenter
from gvseg.apis.weight_conversion import convert_file
from gvseg.utils.config import check_parts

from .conftest import HEIGHT, ROOT, WIDTH

pytestmark = pytest.mark.usefixtures('mmdet_scope')
CONFIGS = sorted((ROOT / 'configs').glob('v?s/gvseg-*_zero-shot_coco.py'))
CHANNELS = [16, 32, 64, 128]


def narrow(task: str, folder: Path) -> str:
    """The ResNet-50 config with few channels and layers, written to a file; untrained queries are shown too."""
    config = Config.fromfile(ROOT / f'configs/{task}/gvseg-{task}_r50_zero-shot_coco.py')
    config.model.backbone.update(base_channels=4, stem_channels=4)
    config.model.track_head.in_channels = CHANNELS
    config.model.track_head.pixel_decoder.encoder.num_layers = 1
    config.model.track_head.transformer_decoder.num_layers = 2
    config.model.task_output.min_score = 0.0
    config.test_dataloader.dataset.pipeline[0].short_sides = (64,)
    path = folder / f'{task}_narrow.py'
    config.dump(str(path))
    return str(path)


@pytest.fixture(scope='module')
def coco_file(mmdet_scope, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A narrow mmdet checkpoint of COCO's 133 classes."""
    folder = tmp_path_factory.mktemp('coco')
    config = Config.fromfile(narrow('vps', folder))
    torch.manual_seed(0)
    state = MODELS.build(config.model).state_dict()
    path = str(folder / 'mask2former.pth')
    torch.save(
        dict(state_dict={name.replace('track_head', 'panoptic_head'): value for name, value in state.items()}), path
    )
    return path


@pytest.fixture
def checkpoint(tmp_path: Path, coco_file: str):
    """Config and converted weights of a task."""

    def convert(task: str) -> tuple[str, str]:
        config, out = narrow(task, tmp_path), str(tmp_path / f'{task}.pth')
        content, report = convert_file(coco_file, config, 'mmdet')
        assert not report.missing and not report.unexpected and not report.fresh_classes
        torch.save(content, out)
        return config, out

    return convert


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_the_configs_name_known_parts(path: Path) -> None:
    check_parts(Config.fromfile(path), str(path))


def test_instances_keep_their_ids_in_a_still_video(checkpoint, frames: list[np.ndarray]) -> None:
    segmenter = VideoSegmenter(*checkpoint('vis'))
    assert len(segmenter.class_names) == 80 and segmenter.clip_length == 1
    results = [frame.pred_track_instances for frame in segmenter.stream([frames[0]] * 3)]
    assert results[0].masks.shape[1:] == (HEIGHT, WIDTH) and len(results[0]) > 0
    for later in results[1:]:
        assert later.instances_id.tolist() == results[0].instances_id.tolist()
        assert torch.equal(later.masks, results[0].masks)


def test_the_demo_draws_panoptic_segments(checkpoint, monkeypatch, video: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location('zero_shot_demo', ROOT / 'tools' / 'demo' / 'video_demo.py')
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    config, weights = checkpoint('vps')
    monkeypatch.setattr(
        sys,
        'argv',
        ['video_demo.py', str(video), '--config', config, '--checkpoint', weights, '--out', str(tmp_path / 'out.mp4')],
    )
    demo.main()
    assert (tmp_path / 'out.mp4').stat().st_size > 0 and (tmp_path / 'out.png').is_file()
