"""Models, class names and shipped weights; what does not fit or is missing is named."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from gvseg.apis import class_names, load_model, real_video_model, shipped_model

from .conftest import ROOT, tiny_config


def test_weights_of_other_classes_are_refused(segmenters: dict, tmp_path: Path) -> None:
    path = tmp_path / 'vss.pth'
    torch.save(dict(state_dict=segmenters['vss'].model.state_dict()), path)
    with pytest.raises(ValueError, match='vss.pth'):
        load_model(tiny_config('vis'), path)


def test_half_precision_weights_are_read(segmenters: dict, tmp_path: Path) -> None:
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in segmenters['vss'].model.state_dict().items()
    }
    torch.save(dict(state_dict=state, meta=dict(dataset_meta=dict(classes=('a', 'b')))), tmp_path / 'half.pth')
    model, config = load_model(tiny_config('vss'), tmp_path / 'half.pth')
    assert next(model.parameters()).dtype == torch.float32
    assert class_names(config, tmp_path / 'half.pth') == ('a', 'b')
    assert class_names(config)[-1] == 'brick'


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='gone.py does not exist'):
        load_model(tmp_path / 'gone.py', None)
    with pytest.raises(ValueError, match='gone.pth does not exist'):
        load_model(tiny_config('vis'), tmp_path / 'gone.pth')


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    config = Config.fromfile(tiny_config('vis'))
    config.model.associator.type = 'SPAAssociatorr'
    with pytest.raises(ValueError, match='"SPAAssociatorr".*did you mean SPAAssociator'):
        load_model(config, None)


def test_shipped_models_are_found_or_named(tmp_path: Path) -> None:
    folder = tmp_path / 'configs' / 'vis'
    folder.mkdir(parents=True)
    config = folder / 'gvseg-vis_tiny_1xb2-6k_moving-shapes.py'
    config.write_text('')
    with pytest.raises(ValueError, match="no shipped config for task 'vos'.*vis"):
        shipped_model('vos', tmp_path)
    with pytest.raises(ValueError, match='gvseg-vis_tiny_moving-shapes.pth are missing.*git checkout'):
        shipped_model('vis', tmp_path)
    weights = tmp_path / 'weights' / 'gvseg-vis_tiny_moving-shapes.pth'
    weights.parent.mkdir()
    weights.write_bytes(b'')
    assert shipped_model('vis', tmp_path) == (config, weights)
    assert real_video_model('vis', tmp_path) is None
    with pytest.raises(ValueError, match='gvseg-evs_mobilenet-v2_davis-coco128.pth are missing.*git checkout'):
        real_video_model('evs', tmp_path)
    assert all(path.is_file() for path in real_video_model('evs', ROOT))
