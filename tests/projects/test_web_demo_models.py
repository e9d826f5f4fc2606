"""Further models of the page: public weights, and what the user has trained."""

from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS

from gvseg.apis.loading import GENERAL_CONFIG, shipped_model
from gvseg.utils.config import load_config
from gvseg.utils.errors import InputError
from projects.web_demo import models
from projects.web_demo.app import parse_arguments

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def general(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of training of the tiny general model, with random weights."""
    config = load_config(GENERAL_CONFIG)
    torch.manual_seed(0)
    state = MODELS.build(config.model).state_dict()
    path = tmp_path_factory.mktemp('my run') / 'iter_5.pth'
    torch.save(dict(state_dict=state, meta=dict(cfg=config.pretty_text)), path)
    return path


def test_public_weights_are_offered_for_their_task_and_for_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = shipped_model('vis')
    monkeypatch.setattr(models, 'find_model', lambda name: shipped)
    names = parse_arguments(['--model', 'mask2former-swin-tiny-coco-instance']).model
    found = models.added_models(names)
    assert list(found) == [f'{task}-{names[0]}' for task in ('vis', 'evs')]
    own, objects = found.values()
    assert (own.takes_objects, objects.takes_objects) == (False, True) and 'CC BY-NC 4.0' in own.note
    assert Path(own.config.filename) == shipped[0] and own.short_side == 480
    pool = models.SegmenterPool()
    for choice in (own, objects):
        with pool.borrow(choice) as segmenter:
            assert segmenter.takes_objects == choice.takes_objects


def test_every_recipe_of_a_general_model_is_offered_for_its_task(general: Path) -> None:
    found = models.added_models([str(general)])
    title = f'{general.parent.name}/iter_5'
    assert {choice.task: (choice.title, choice.recipe) for choice in found.values()} == {
        task: (title, task) for task in models.TASKS
    }
    pool, clips = models.SegmenterPool(), dict(vis=4, vss=3, vps=4, evs=3)
    for choice in found.values():
        assert set(choice.key) <= set('abcdefghijklmnopqrstuvwxyz_-0123456789')
        with pool.borrow(choice) as segmenter:
            assert segmenter.clip_length == clips[choice.task]
            assert segmenter.takes_objects == (choice.task == 'evs')


def test_recipes_of_one_task_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config('gvseg-general_r50_8xb2-60k_benchmarks.py')
    monkeypatch.setattr(models, 'find_model', lambda name: (config, 'weights.pth'))
    found = models.added_models(['benchmarks'])
    assert list(found) == ['vis-benchmarks-vis', 'vis-benchmarks-ovis'] + [
        f'{task}-benchmarks{recipe}' for task, recipe in (('vps', '-vps'), ('vps', '-step'), ('vss', ''), ('evs', ''))
    ]
    assert found['vis-benchmarks-ovis'].title == 'benchmarks (ovis)'


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match='did you mean mask2former-swin-tiny-coco-instance'):
        models.added_models(['mask2former-swin-tiny-coco-instanc'])
