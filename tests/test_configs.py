"""Every shipped config names known parts, keeps to the rules of configs, trains a step and segments a clip."""

import re
from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config

import gvseg.datasets
import gvseg.engine
import gvseg.evaluation.metrics
import gvseg.models
import gvseg.visualization  # noqa: F401
from gvseg.utils.config import check_parts
from tests.models.samples import SIZE, clip_sample, pixels
from tests.shrinking import shrink

pytestmark = pytest.mark.usefixtures('mmdet_scope')
ROOT = Path(__file__).resolve().parents[1]
LEAVES = sorted(path for path in (ROOT / 'configs').glob('*/*.py') if path.parent.name != '_base_')
# Configs that are never trained: tests/apis/test_zero_shot.py; general ones: tests/models/test_general.py.
TRAINED = [path for path in LEAVES if '_zero-shot_' not in path.name and path.parent.name != 'general']
NAME = re.compile(
    r'gvseg-(vis|vss|vps|evs|general)_[a-z0-9-]+_(\d+xb\d+-[a-z0-9]+|zero-shot)_[a-z0-9-]+'
    r'(_(4[a-e]|cues|prototypes|vit|pretrain)-[a-z0-9-]+)?\.py'
)


def small_model(config: Config) -> torch.nn.Module:
    """The config's model with random weights and few points; those of the paper's size are made narrow."""
    torch.manual_seed(0)
    return MODELS.build(shrink(config).model)


def item(config: Config, video: object, clips: int) -> TrackDataSample:
    """Clips of two moving objects whose labels the model knows, each shown in the first frame of its clip."""
    frames = config.model.track_head.num_frames
    label = dict(label=0) if config.model.track_head.num_classes == 1 else {}
    parts = [
        clip_sample(video, [frames * clip + i for i in range(frames)], 99, exemplars=True, **label)
        for clip in range(clips)
    ]
    return TrackDataSample(video_data_samples=[frame for part in parts for frame in part.video_data_samples])


def test_there_is_a_config_for_every_task():
    assert {'vis', 'vss', 'vps', 'evs', 'general', 'ablation'} <= {path.parent.name for path in LEAVES}


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_rules_of_leaves(path):
    assert NAME.fullmatch(path.name), f'{path.name}: gvseg-TASK_BACKBONE_GPUSxbBATCH-SCHEDULE_DATASET.py'
    lines = path.read_text().splitlines()
    assert len(lines) <= 25, f'{path.name} has {len(lines)} lines'
    assert lines[0].startswith(('"""', 'r"""')), f'{path.name} says in a docstring what it is'


@pytest.fixture(scope='module')
def tested() -> dict:
    """Text of each model that has been tested -> its config: configs that differ in their data share the work."""
    return {}


@pytest.mark.parametrize('path', TRAINED, ids=lambda path: path.stem)
def test_known_parts_a_training_step_and_a_clip(path, tested):
    config = Config.fromfile(path)
    check_parts(config, str(path))
    if tested.setdefault(repr(config.model), path) != path:
        return
    model = small_model(config).train()
    frames = config.model.track_head.num_frames
    losses = model.loss(pixels(2, frames).view(1, 2 * frames, 3, *SIZE), [item(config, 'a', clips=2)])
    total = sum(losses.values())
    assert torch.isfinite(total)
    total.backward()
    untouched = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not untouched, 'parameters without gradient break distributed training'
    with torch.no_grad():
        (result,) = model.eval().predict(pixels(1, frames), [item(config, 'a', clips=1)])
    assert [frame.frame_id for frame in result.video_data_samples] == list(range(frames))


def test_test_clips_are_as_long_as_training_clips_unless_they_overlap():
    for path in LEAVES:
        config = Config.fromfile(path)
        sampler = config.test_dataloader.sampler
        assert (sampler.clip_length, sampler.overlap) == (config.clip_length, config.clip_overlap), path.name
        longer = config.clip_length - config.model.track_head.num_frames
        assert longer == 0 or longer > 0 and config.clip_overlap > 0, path.name
