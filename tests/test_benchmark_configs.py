"""The paper's configs read the benchmarks as the converters leave them: a training item, a test clip, the metric."""

from pathlib import Path

import pytest
from mmdet.registry import DATASETS, METRICS
from mmengine.config import Config

import gvseg.datasets
import gvseg.evaluation.metrics  # noqa: F401
from gvseg.conversion.burst import convert_burst
from gvseg.conversion.coco import convert_coco
from gvseg.conversion.common import Job
from gvseg.conversion.instances import convert_instances
from gvseg.conversion.kitti_step import convert_kitti_step
from gvseg.conversion.objects import convert_youtube_vos
from gvseg.conversion.semantic import convert_vspw
from gvseg.conversion.vipseg import convert_vipseg
from gvseg.datasets.kitti_step import SEQUENCES
from gvseg.formats.class_lists import OVIS_CLASSES, YOUTUBE_VIS_2019_CLASSES, YOUTUBE_VIS_2021_CLASSES
from gvseg.utils.recipes import classes_of
from tests.datasets import benchmark_trees as trees

pytestmark = pytest.mark.usefixtures('mmdet_scope')
ROOT = Path(__file__).resolve().parents[1]
LEAVES = sorted((ROOT / 'configs').glob('v?s/*_8xb2-*.py')) + sorted((ROOT / 'configs').glob('evs/*_8xb2-*.py'))
GENERAL = sorted((ROOT / 'configs/general').glob('*_benchmarks.py'))
MIXED = {'youtube-vis-2019', 'youtube-vis-2021', 'youtube-vos-2018', 'burst'}
# Table 1: three of VIPSeg, two of KITTI-STEP, three of VSPW; 2: two of OVIS and of YouTube-VIS 2021; 3: two of
# YouTube-VOS and of BURST; S1: one. Four data sets with hidden truth have a local split beside them.
CELLS = 3 + 2 + 3 + 2 + 2 + 2 + 2 + 1


@pytest.fixture(scope='module')
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with ``data/`` in which every benchmark has been converted."""
    root = tmp_path_factory.mktemp('benchmarks')

    def job(name: str) -> Job:
        (root / 'download' / name).mkdir(parents=True)
        return Job(root / 'download' / name, root / 'data' / name, jobs=1, allow_partial=True)

    classes = dict(
        ovis=OVIS_CLASSES, youtube_vis_2019=YOUTUBE_VIS_2019_CLASSES, youtube_vis_2021=YOUTUBE_VIS_2021_CLASSES
    )
    for name, names in classes.items():
        trees.youtube_vis((task := job(name)).source, dict(train=12, valid=1), names)
        convert_instances(task, name)
    trees.vspw((task := job('vspw')).source, dict(train=1, val=1))
    convert_vspw(task)
    trees.vipseg((task := job('vipseg_720p')).source, dict(train=1, val=1))
    convert_vipseg(task)
    trees.kitti_step((task := job('kitti_step')).source, SEQUENCES)
    convert_kitti_step(task)
    trees.youtube_vos((task := job('youtube_vos_2018')).source, dict(train=12, valid=1))
    convert_youtube_vos(task)
    trees.burst((task := job('burst')).source, dict(val=1))
    convert_burst(task)
    trees.coco((task := job('coco')).source)
    convert_coco(task)
    return root


def data_of(path: Path) -> str:
    """The data set's part of a config's name."""
    return path.stem.rsplit('_', 1)[1].removesuffix('-local')


def test_every_cell_of_the_tables_has_a_config() -> None:
    local = [path for path in LEAVES if path.stem.endswith('-local')]
    assert len(local) == 4 and len(LEAVES) - len(local) == CELLS


def test_schedules_are_the_papers() -> None:
    for path in LEAVES:
        config = Config.fromfile(path)
        end, step = (15000, 11000) if data_of(path) in MIXED else (10000, 7000)
        assert config.train_cfg.max_iters == config.param_scheduler.end == end
        assert config.param_scheduler.milestones == [step] and config.param_scheduler.gamma == 0.1
        assert config.optim_wrapper.optimizer.lr == 0.001 and 8 * config.train_dataloader.batch_size == 16


def test_sizes_are_the_papers() -> None:
    for path in LEAVES:
        config, swin, data = Config.fromfile(path), 'swin' in path.stem, data_of(path)
        small = data.startswith('youtube')
        part = config.train_dataloader.dataset
        pipelines = [part.pipeline] if 'pipeline' in part else [one.pipeline for one in part.datasets]
        (resize,) = {str(step.short_sides) for steps in pipelines for step in steps if step.type == 'ClipResize'}
        expected = ((360, 600) if swin else (240, 480)) if small or data == 'burst' else (480, 800)
        sides = [int(side) for side in resize.strip('()').split(', ')]
        assert (min(sides), max(sides)) == expected, path.stem
        (crop,) = {
            (step.get('size'), step.get('long_side'))
            for steps in pipelines
            for step in steps
            if step.type == 'ClipRandomCrop'
        }
        assert crop == ((None, 1024 if swin else 768) if expected[0] < 480 else ((640, 1066), None)), path.stem
        (test,) = [step.short_sides for step in config.test_dataloader.dataset.pipeline if step.type == 'ClipResize']
        assert tuple(test) == (((480,) if swin else (360,)) if small else (720,)), path.stem


def test_references_are_chosen_by_the_change_of_descriptors_where_there_are_instances() -> None:
    for path in LEAVES:
        data = Config.fromfile(path).train_dataloader.dataset
        sampling = (data.datasets[0] if 'datasets' in data else data).pipeline[0]
        preference = sampling.get('smart')
        assert (preference is None) == (path.parent.name == 'vss'), path.stem
        assert preference is None or (preference.type, preference.threshold) == ('ReferenceFrameSelector', 0.2)


def test_exemplars_are_read_from_the_finest_level_and_the_latest_frame() -> None:
    """docs/method.md, "Exemplars over time": 2.8 points of J by the latest frame alone."""
    for path in (path for path in LEAVES if path.parent.name == 'evs'):
        head = Config.fromfile(path).model.track_head
        queries = head.query_initializer
        assert (queries.level, queries.first_weight, queries.in_channels) == (-1, 0.0, head.out_channels), path.stem


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_data_as_converted_reach_the_model(path: Path, converted: Path, monkeypatch) -> None:
    monkeypatch.chdir(converted)
    config = Config.fromfile(path)
    head = config.model.track_head
    training = DATASETS.build(config.train_dataloader.dataset)
    parts = training.datasets if hasattr(training, 'datasets') else [training]
    assert len(parts) == (2 if data_of(path) in MIXED else 1)
    for part in parts:
        assert len(part.metainfo['classes']) == head.num_classes
        item = part[0, 0]
        assert len(item['inputs']) == 2 * head.num_frames
        labels = [label for frame in item['data_samples'] for label in frame.gt_instances.labels.tolist()]
        assert labels and max(labels) < head.num_classes
    testing = DATASETS.build(config.test_dataloader.dataset)
    clip = testing[0, [0, 1, 1]]
    assert len(clip['inputs']) == head.num_frames and clip['data_samples'][0].ori_shape == trees.SIZE
    assert METRICS.build(config.test_evaluator).default_prefix


@pytest.mark.parametrize('path', GENERAL, ids=lambda path: path.stem)
def test_data_as_converted_reach_every_recipe_of_a_general_model(path: Path, converted: Path, monkeypatch) -> None:
    monkeypatch.chdir(converted)
    config = Config.fromfile(path)
    classes = {name: classes_of(recipe) for name, recipe in config.model.recipes.items()}
    training = DATASETS.build(config.train_dataloader.dataset)
    assert training.metainfo['recipes'] == classes
    for part in training.datasets:
        item, recipe = part[0, 0], part.metainfo['recipe']
        frames = item['data_samples'].video_data_samples
        labels = [label for frame in frames for label in frame.gt_instances.labels.tolist()]
        assert len(frames) == 2 * config.model.track_head.num_frames and labels and max(labels) < len(classes[recipe])
        assert {frame.metainfo['recipe'] for frame in frames} == {recipe}
    for name, test in config.recipe_tests.items():
        testing = DATASETS.build(test.test_dataloader.dataset)
        assert tuple(testing.metainfo['classes']) == classes[name]
        assert testing[0, [0, 1, 1]]['data_samples'][0].metainfo['recipe'] == name
        assert METRICS.build(test.test_evaluator).default_prefix
