"""One file of weights segments by every recipe."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.registry import MODELS
from PIL import Image

from gvseg.apis import VideoSegmenter
from gvseg.cli.main import main
from gvseg.models.task_outputs import ExemplarOutput
from gvseg.utils.config import load_config
from gvseg.utils.errors import ConfigError

from .conftest import ROOT

pytestmark = pytest.mark.usefixtures('mmdet_scope')
GENERAL = str(ROOT / 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py')
FRAMES = np.random.default_rng(0).integers(0, 256, (4, 48, 64, 3), np.uint8)


@pytest.fixture(scope='module')
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of the tiny general model."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp('weights') / 'general.pth'
    torch.save(MODELS.build(load_config(GENERAL).model).state_dict(), path)
    return path


@pytest.mark.parametrize(
    ('recipe', 'classes', 'clip'), [('vis', 6, (4, 2)), ('vss', 11, (3, 0)), ('vps', 11, (4, 2)), ('evs', 1, (3, 1))]
)
def test_a_recipe_brings_its_classes_clips_and_result(weights: Path, recipe: str, classes: int, clip: tuple) -> None:
    segmenter = VideoSegmenter(GENERAL, weights, recipe=recipe)
    assert (segmenter.clip_length, segmenter.clip_overlap) == clip and len(segmenter.class_names) == classes
    assert segmenter.takes_objects == (recipe == 'evs')
    shown = [dict(frame_index=0, point=(20, 20))] if recipe == 'evs' else []
    result = segmenter(list(FRAMES), shown)
    assert len(result) == len(FRAMES)


def test_a_recipe_that_is_not_there_is_named(weights: Path) -> None:
    with pytest.raises(ConfigError, match="has no recipe 'vos'; it has vis, vss, vps, evs"):
        VideoSegmenter(GENERAL, weights, recipe='vos')


@pytest.mark.parametrize(('recipe', 'known'), [('vis', False), ('vps', False), ('evs', True)])
def test_prompts_choose_among_the_tubes_of_a_recipe(weights: Path, recipe: str, known: bool) -> None:
    """As of a model of one task; a recipe that takes prompts stays as it is."""
    segmenter = VideoSegmenter(GENERAL, weights, recipe=recipe, select_tracks=True)
    assert segmenter.takes_objects and segmenter.class_names == ('object',)
    assert (type(segmenter.model.task_output) is ExemplarOutput) == known
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Object 1, shown in frame 0, is in no tube')
        assert len(segmenter(list(FRAMES), [dict(frame_index=0, point=(20, 20))])) == len(FRAMES)


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps', 'evs'])
def test_the_command_segments_by_the_recipe_of_its_task(weights: Path, video: Path, tmp_path: Path, task: str) -> None:
    points = ['--points', '0:20,20'] if task == 'evs' else []
    model = ['--config', GENERAL, '--checkpoint', str(weights), '--task', task]
    out = ['--out', str(tmp_path / 'out.mp4'), '--columns', '0', '--save-png']
    assert main(['segment', str(video), *model, *points, *out]) == 0
    maps = sorted((tmp_path / 'out').iterdir())
    assert len(maps) == 7
    with Image.open(maps[0]) as first:
        assert first.mode == ('RGB' if task == 'vps' else 'P')  # things and stuff have KITTI-STEP's colours


def test_the_command_names_a_recipe_that_is_not_there(
    weights: Path, video: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(['segment', str(video), '--config', GENERAL, '--checkpoint', str(weights), '--task', 'vos'])
    assert stopped.value.code == 2 and "has no recipe 'vos'; it has vis, vss, vps, evs" in capsys.readouterr().err
