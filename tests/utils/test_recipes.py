"""The recipe in use is chosen by one option."""

from pathlib import Path

import pytest
from mmengine.config import Config

from gvseg.utils.config import load_config
from gvseg.utils.errors import ConfigError
from gvseg.utils.recipes import CLASS_LISTS, choose_recipe, classes_of, recipe_head

ROOT = Path(__file__).resolve().parents[2]
GENERAL = str(ROOT / 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py')
SINGLE = str(ROOT / 'configs/vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py')


@pytest.mark.parametrize('option', ['recipe', 'model.recipe'])
def test_an_option_brings_the_test_of_its_recipe_and_other_options_change_it(option):
    config = load_config(GENERAL, {option: 'evs', 'test_dataloader.dataset.data_root': 'elsewhere'})
    assert config.recipe == config.model.recipe == 'evs'
    assert (config.test_evaluator.type, config.clip_length, config.clip_overlap) == ('VideoObjectMetric', 3, 1)
    assert config.test_dataloader.dataset.metainfo.recipe == 'evs'
    assert config.test_dataloader.dataset.data_root == 'elsewhere'
    assert config.recipe_tests.evs.test_dataloader.dataset.data_root != 'elsewhere'


def test_without_an_option_the_config_decides():
    config = load_config(GENERAL)
    assert config.recipe == 'vps' and config.test_evaluator.type == 'VideoPanopticMetric'
    assert config.test_dataloader == config.recipe_tests.vps.test_dataloader


def test_unknown_recipes_and_recipes_of_a_model_of_one_task_are_refused():
    with pytest.raises(ConfigError, match="no recipe 'vos'; it has vis, vss, vps, evs"):
        load_config(GENERAL, dict(recipe='vos'))
    with pytest.raises(ConfigError, match="leave the recipe 'vss' out"):
        choose_recipe(load_config(SINGLE), 'vss')


def test_a_head_is_that_of_a_model_of_one_task_with_the_widths_of_the_network():
    shared = dict(in_channels=[1, 2, 3, 4], feat_channels=6, out_channels=5, loss_cls=dict(loss_weight=2.0))
    things = dict(type='GridQueries', num_queries=7, classes=(0, 1))
    stuff = dict(type='PrototypeQueries', num_queries=2, classes=(1, 3))
    recipe = dict(
        classes=('cat', 'sky', 'sea'),
        no_object=0.4,
        track_head=dict(query_initializer=dict(type='CombinedQueries', parts=[things, stuff])),
    )
    head = recipe_head(recipe, shared)
    assert (head.num_classes, head.num_queries) == (3, 9)
    assert head.loss_cls == dict(loss_weight=2.0, class_weight=[1.0, 1.0, 1.0, 0.4])
    first, second = head.query_initializer.parts
    assert (first.in_channels, first.embed_dims, second.embed_dims) == (4, 6, 6)
    assert 'in_channels' not in second and 'embed_dims' not in things


def test_lists_of_classes_are_in_the_order_of_the_data_sets():
    assert {name: len(classes) for name, classes in CLASS_LISTS.items()} == dict(
        youtube_vis_2019=40, youtube_vis_2021=40, ovis=25, vspw=124, vipseg=124, kitti_step=19
    )
    assert CLASS_LISTS['kitti_step'][:3] == ('person', 'car', 'road') and CLASS_LISTS['vipseg'][57] == 'train'
    assert classes_of(dict(classes='ovis'))[0] == 'Person'
    with pytest.raises(ConfigError, match="not 'coco'"):
        classes_of(dict(classes='coco'))


@pytest.mark.parametrize('path', sorted((ROOT / 'configs/general').glob('*.py')), ids=lambda path: path.stem)
def test_recipes_data_and_tests_of_a_config_belong_together(path):
    config = Config.fromfile(path)
    recipes = set(config.model.recipes)
    assert set(config.recipe_tests) == recipes
    assert {part.metainfo.recipe for part in config.train_dataloader.dataset.datasets} == recipes
    for name, test in config.recipe_tests.items():
        sampler = test.test_dataloader.sampler
        length = test.get('clip_length', config.clip_length)
        assert test.test_dataloader.dataset.metainfo.recipe == name
        assert (sampler.clip_length, sampler.overlap) == (length, test.clip_overlap)
