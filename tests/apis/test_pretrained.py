"""A name stands for a config and weights: tasks, shipped weights, checkpoints and work directories of training."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from gvseg.apis import VideoSegmenter, class_names
from gvseg.apis.pretrained import find_model, settings_of, shapes_model
from gvseg.utils.errors import CheckpointError, ConfigError

from .conftest import tiny_config


def test_a_task_is_enough() -> None:
    segmenter = VideoSegmenter('evs')
    assert segmenter.takes_objects and 'mobilenet-v2' in str(segmenter.config.filename)


@pytest.mark.parametrize('name', ['gvseg-vps_tiny_moving-shapes', 'gvseg://gvseg-vps_tiny_moving-shapes.pth'])
def test_names_of_shipped_weights(name: str) -> None:
    config, weights = find_model(name)
    path = str(config.filename if isinstance(config, Config) else config)
    assert 'gvseg-vps_tiny' in path and Path(weights).name == 'gvseg-vps_tiny_moving-shapes.pth'


@pytest.mark.parametrize(('task', 'classes'), [('vis', 6), ('vss', 11), ('vps', 11)])
def test_tasks_are_recipes_of_one_file(task: str, classes: int) -> None:
    config, weights = shapes_model(task)
    assert config.recipe == config.model.recipe == task and len(class_names(config, weights)) == classes
    assert Path(weights).name == 'gvseg-general_tiny_moving-shapes.pth'


@pytest.mark.parametrize(
    ('task', 'name', 'first'),
    [
        ('vis', 'gvseg-general_tiny_moving-shapes', 'disk'),
        ('vps', 'gvseg-general_tiny_moving-shapes', 'disk'),
        ('vss', 'gvseg-vss_mobilenet-v2_camvid', 'sky'),
        ('evs', 'gvseg-evs_mobilenet-v2_davis-coco128', 'object'),
    ],
)
def test_a_task_takes_its_model_of_real_video_if_there_is_one(task: str, name: str, first: str) -> None:
    config, weights = find_model(task)
    config = config if isinstance(config, Config) else Config.fromfile(config)
    assert Path(weights).stem == name and class_names(config, weights)[0] == first


def test_what_is_nothing_is_said() -> None:
    with pytest.raises(CheckpointError, match='mine is no model: there is no such file, folder or task. Shipped w'):
        VideoSegmenter.from_pretrained('mine')
    with pytest.raises(ConfigError, match='needs a checkpoint'):
        VideoSegmenter(tiny_config('vss'))


@pytest.fixture
def trained(segmenters: dict[str, VideoSegmenter], tmp_path: Path) -> Path:
    """A work directory as training leaves it."""
    config = Config.fromfile(tiny_config('vss'))
    state = segmenters['vss'].model.state_dict()
    torch.save(dict(state_dict=state, meta=dict(cfg=config.pretty_text)), tmp_path / 'iter_3.pth')
    config.dump(str(tmp_path / 'mine.py'))
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'iter_3.pth'))
    return tmp_path


def test_a_checkpoint_brings_its_config(trained: Path, segmenters: dict[str, VideoSegmenter]) -> None:
    segmenter = VideoSegmenter.from_pretrained(trained / 'iter_3.pth', clip_length=1)
    assert segmenter.clip_length == 1
    config, weights = find_model(trained)
    assert (config, weights) == (trained / 'mine.py', trained / 'iter_3.pth')
    own, theirs = (one.model.state_dict() for one in (segmenter, segmenters['vss']))
    assert all(torch.equal(own[name], value) for name, value in theirs.items())


def test_a_moved_work_directory_is_found(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = trained.rename(tmp_path_factory.mktemp('elsewhere') / 'run')
    assert find_model(moved)[1] == moved / 'iter_3.pth'
    (moved / 'last_checkpoint').unlink()
    with pytest.raises(CheckpointError, match='is no work directory of training'):
        find_model(moved)


def test_the_config_of_a_checkpoint_is_not_executed(tmp_path: Path) -> None:
    path = tmp_path / 'a.pth'
    torch.save(dict(state_dict=dict(a=torch.zeros(1)), meta=dict(cfg='import os\nmodel = dict(x=os.getcwd())')), path)
    with pytest.raises(CheckpointError, match='cannot be read .line 1 is no plain setting.: give config'):
        find_model(path)
    torch.save(dict(state_dict=dict(a=torch.zeros(1)), meta={}), path)
    with pytest.raises(CheckpointError, match='holds no config'):
        find_model(path)


def test_settings_are_literals_lists_and_dicts() -> None:
    assert settings_of('a = dict(b=[1, (2, -3.5)], c={"d": None})') == dict(a=dict(b=[1, (2, -3.5)], c=dict(d=None)))
    with pytest.raises(ValueError):
        settings_of('a = dict(b=open("x"))')
