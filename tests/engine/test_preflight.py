"""Preflight checks on a dataset of generated videos."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mmdet.registry import DATASETS
from torch import nn

import gvseg.datasets  # noqa: F401
from gvseg.engine import PreflightHook
from gvseg.engine.preflight import Split, check_classes, check_recipes, notes, splits_of
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.errors import ConfigError

SAMPLE = dict(type='TemporalContrastiveFrameSample', clip_length=2, num_references=1, scope='video')
LOAD = [dict(type='LoadClipFrames'), dict(type='LoadClipAnnotations')]


@pytest.fixture(scope='module')
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos of three frames of 96 x 160."""
    root = tmp_path_factory.mktemp('moving_shapes')
    generate_split(root, SplitSettings(split='train', videos=2, frames=3, seed=3))
    return root / 'train/vipseg'


def data_set(root: Path, *steps: dict, test_mode: bool = False) -> Any:
    """A dataset whose frames are scaled by two and then transformed."""
    first = [dict(type='LoadClipFrames')] if test_mode else [SAMPLE, *LOAD]
    return DATASETS.build(
        dict(
            type='VIPSegDataset',
            data_root=str(root),
            ann_file='panoptic_gt.json',
            test_mode=test_mode,
            data_prefix=dict(img_path='imgs', seg_map_path='panomasksRGB'),
            pipeline=[*first, dict(type='ClipResize', short_sides=(192,)), *steps, dict(type='PackClipInputs')],
        )
    )


def test_what_the_network_sees(mmdet_scope: None, root: Path) -> None:
    """A 96 x 160 crop covers a quarter of a 192 x 320 frame."""
    (split,) = splits_of('train', data_set(root, dict(type='ClipRandomCrop', size=(96, 160))))
    assert (split.videos, split.frames, len(split.classes), split.frame) == (2, 6, 11, (96, 160))
    assert split.scale == pytest.approx(2) and split.share == pytest.approx(0.25)
    (whole,) = splits_of('val', data_set(root, test_mode=True))
    assert whole.scale == pytest.approx(2) and whole.share == pytest.approx(1)
    assert 'covers 25% of a frame' in notes([split, whole])[0] and len(notes([split, whole])) == 1


def test_a_look_leaves_the_draws_of_the_run_alone(mmdet_scope: None, root: Path) -> None:
    looked_at, fresh = data_set(root), data_set(root)
    list(splits_of('train', looked_at))
    first, second = (item[0, 5]['data_samples'].video_data_samples for item in (looked_at, fresh))
    assert [frame.img_path for frame in first] == [frame.img_path for frame in second]


def test_a_missing_frame(mmdet_scope: None, root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / 'copy')
    gone = sorted((tmp_path / 'copy/imgs').rglob('*.jpg'))[-1]
    gone.unlink()
    with pytest.raises(ConfigError, match=f'the file {gone} of video'):
        list(splits_of('val', data_set(tmp_path / 'copy', test_mode=True)))


def split(name: str, classes: str, scale: float = 1.0, share: float = 1.0) -> Split:
    return Split(name, 'Any', f'{name}.json', tuple(classes), 1, 1, (4, 4), scale, share)


@pytest.mark.parametrize('count', [2, 5])
def test_both_numbers_of_classes_are_told(count: int) -> None:
    with pytest.raises(ConfigError, match=f'num_classes is {count}, but the train data .train.json. has 3 classes'):
        check_classes([split('train', 'abc')], count)


def test_classes_in_another_order() -> None:
    check_classes([split('train', 'abc'), split('val', 'abc'), split('test', '')], 3)
    with pytest.raises(ConfigError, match=r"Class 1 is 'b' in the train data .*, but 'c' in the val data \(val.json\)"):
        check_classes([split('train', 'abc'), split('val', 'acb')], 3)


def test_every_recipe_has_the_classes_of_its_data() -> None:
    """A general model of two recipes; a list of another length, another order, and a recipe it does not have."""
    spaces = dict(vis=('a', 'b'), evs=('object',))
    instances, objects = replace(split('train', 'ab'), recipe='vis'), replace(split('train', ''), recipe='evs')
    check_recipes([instances, objects], spaces)
    for classes in ('ba', 'abc'):
        with pytest.raises(ConfigError, match='model.recipes.vis.classes are a, b, ... .2.: give the recipe the'):
            check_recipes([objects, replace(instances, classes=tuple(classes))], spaces)
    with pytest.raises(ConfigError, match='names the recipe None, but the model has vis, evs'):
        check_recipes([split('val', 'ab')], spaces)


def test_sizes_that_differ_between_training_and_test() -> None:
    assert notes([split('train', 'a', 0.5), split('val', 'a', 0.6)]) == []
    (note,) = notes([split('train', 'a', 0.5), split('val', 'a', 1.7)])
    assert 'frames are 3.4 times larger at val than in training' in note


class Metric:
    """Metric that reads its ground truth lazily."""

    ann_file = 'truth.json'

    @property
    def truth(self) -> None:
        raise ConfigError('truth.json is empty')


def runner_with(metric: Any, dataset: Any) -> SimpleNamespace:
    """Minimal runner for the hook."""
    model = nn.Linear(1, 1)
    model.track_head = SimpleNamespace(num_classes=11, num_queries=7)
    loop = SimpleNamespace(dataloader=SimpleNamespace(dataset=dataset), evaluator=SimpleNamespace(metrics=[metric]))
    return SimpleNamespace(
        model=model,
        _test_loop=loop,
        _train_loop=dict(type='IterBasedTrainLoop'),
        _val_loop=None,
        _resume=False,
        _load_from='a.pth',
        world_size=1,
        work_dir='w',
        logger=logging.getLogger('gv'),
    )


def test_a_dry_run_prints_one_screen_and_stops(mmdet_scope: None, root: Path, caplog: Any) -> None:
    runner = runner_with(SimpleNamespace(), data_set(root, test_mode=True))
    with caplog.at_level(logging.INFO, 'gv'), pytest.raises(SystemExit) as caught:
        PreflightHook(dry_run=True).before_run(runner)
    assert caught.value.code == 0
    for words in ('11 classes, 7 queries', '2 videos, 6 frames', '96x160', 'weights of a.pth', 'on cpu'):
        assert words in caplog.text
    PreflightHook().before_run(runner)  # does not raise


def test_ground_truth_is_read_before_the_first_iteration(mmdet_scope: None, root: Path) -> None:
    with pytest.raises(ConfigError, match='truth.json is empty'):
        PreflightHook().before_run(runner_with(Metric(), data_set(root, test_mode=True)))
