"""Every tensor of the published detectron2 files finds its place and shape in the paper-size network."""

import pickle
from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import Config

import gvseg.models  # noqa: F401
from gvseg.apis.weight_conversion import convert_weights
from gvseg.utils.errors import CheckpointError
from gvseg.utils.weight_conversion import DIALECTS, WeightFile, read_weights, translate
from tests.model_converters.detectron2_keys import SWIN_T_CHANNELS, published
from tests.model_converters.small_networks import ROOT

pytestmark = pytest.mark.usefixtures('mmdet_scope')
COUNTS = dict(resnet=(265, 117, 176), swin=(189, 117, 176))  # backbone, pixel decoder, predictor with criterion


def config_of(backbone: str) -> Config:
    """The zero-shot VPS config, its backbone exchanged for Swin-T where asked."""
    config = Config.fromfile(ROOT / 'configs/vps/gvseg-vps_r50_zero-shot_coco.py')
    if backbone == 'swin':
        config.model.backbone = dict(
            type='SwinTransformer',
            embed_dims=96,
            depths=[2, 2, 6, 2],
            num_heads=[3, 6, 12, 24],
            window_size=7,
            out_indices=(0, 1, 2, 3),
        )
        config.model.track_head.in_channels = SWIN_T_CHANNELS
    return config


def shapes_only(config: Config, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """The network without memory for its values."""
    linspace = torch.linspace
    monkeypatch.setattr(torch, 'linspace', lambda *args, **kwargs: linspace(*args, **dict(kwargs, device='cpu')))
    with torch.device('meta'):
        return MODELS.build(config.model)


@pytest.mark.parametrize('backbone', ['resnet', 'swin'])
def test_every_published_tensor_has_its_place(monkeypatch: pytest.MonkeyPatch, backbone: str) -> None:
    names = published(backbone, num_classes=133)
    assert len(names) == sum(COUNTS[backbone])
    config = config_of(backbone)
    model = shapes_only(config, monkeypatch)
    file = WeightFile('model_final.pkl', {name: torch.empty(shape, device='meta') for name, shape in names.items()})
    state, report = convert_weights(file, model, config, 'detectron2')
    assert not report.missing and not report.unexpected and not report.fresh_classes
    assert len(report.kept_classes) == 133
    left = {name for name in model.state_dict() if name not in report.loaded}
    assert all(name.endswith(('num_batches_tracked', 'relative_position_index')) for name in left)
    assert [line for line in report.reshaped if 'reorder' not in line] == []
    assert len(report.reshaped) == (9 if backbone == 'swin' else 0)  # three mergings of three tensors each


def test_names_one_by_one() -> None:
    rename = DIALECTS['detectron2'].rename
    assert rename('backbone.res3.0.shortcut.norm.running_var') == 'backbone.layer2.0.downsample.1.running_var'
    assert rename('backbone.res5.2.conv3.weight') == 'backbone.layer4.2.conv3.weight'
    assert rename('sem_seg_head.predictor.static_query.weight') == 'track_head.query_feat.weight'
    assert rename('sem_seg_head.predictor.mask_embed.layers.2.bias') == 'track_head.mask_embed.4.bias'
    assert rename('roi_heads.box_predictor.cls_score.weight') == ''


def test_patch_merging_is_reordered_as_mmdet_unfolds() -> None:
    """Cells (row, column) 00, 10, 01, 11 of two channels become channel 0: 00, 01, 10, 11, then channel 1."""
    name = 'backbone.layers.0.downsample.norm.weight'
    found = translate({name: torch.tensor([0.0, 100, 10, 110, 1, 101, 11, 111])}, DIALECTS['detectron2'])
    expected = torch.tensor([0.0, 1, 10, 11, 100, 101, 110, 111])
    assert torch.equal(found.weights['backbone.stages.0.downsample.norm.weight'], expected)


def test_a_pickle_of_arrays_is_read(tmp_path: Path) -> None:
    path = tmp_path / 'model_final.pkl'
    path.write_bytes(pickle.dumps(dict(model={'a': torch.arange(6.0).reshape(2, 3).numpy()}, __author__='someone')))
    assert torch.equal(read_weights(str(path)).weights['a'], torch.arange(6.0).reshape(2, 3))


def test_a_minvis_file_must_say_which_forty_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    names = published('resnet', num_classes=40)
    config = config_of('resnet')
    model = shapes_only(config, monkeypatch)
    file = WeightFile('minvis.pth', {name: torch.empty(shape, device='meta') for name, shape in names.items()})
    with pytest.raises(CheckpointError, match='minvis.pth was trained for 40 classes .*--source-classes'):
        convert_weights(file, model, config, 'detectron2')
    _, report = convert_weights(file, model, config, 'detectron2', source_classes='youtube-vis-2021')
    assert ('motorcycle', 'motorbike') in report.kept_classes and ('bear', 'bear') in report.kept_classes
    assert 'banner' in report.fresh_classes and not report.missing
