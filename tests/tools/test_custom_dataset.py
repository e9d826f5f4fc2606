"""What new_dataset writes for each layout is a whole config: it loads its data and builds the shipped recipe."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import DATASETS, METRICS, MODELS
from mmengine.config import Config, ConfigDict
from PIL import Image

import gvseg.datasets
import gvseg.engine
import gvseg.evaluation.metrics
import gvseg.models
import gvseg.visualization  # noqa: F401
from gvseg.apis.new_config import SIZES, config_text
from gvseg.formats.layouts import find_layout
from gvseg.moving_shapes import SplitSettings, generate_split
from gvseg.utils.config import check_parts, load_config
from tests.scripts import ROOT, tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')
FOLDERS = dict(vis='ytvis', vss='vspw', vps='vipseg', evs='ytvos')


@pytest.fixture(scope='module')
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated videos as the page makes them, but few and small."""
    out = tmp_path_factory.mktemp('data')
    for split in ('train', 'val'):
        generate_split(out, SplitSettings(split, 2, 6, 0, (96, 160)))
    return out


def written(shapes: Path, task: str, model: str) -> str:
    """The config's source."""
    folders = [shapes / split / FOLDERS[task] for split in ('train', 'val')]
    return config_text(find_layout(folders[0]), find_layout(folders[1], 'val'), model)


@pytest.mark.parametrize('model', ['tiny', 'mobilenet-v2', 'r50'])
@pytest.mark.parametrize('task', ['vis', 'vss', 'vps', 'evs'])
def test_a_config_loads_its_data_and_builds(task: str, model: str, shapes: Path, tmp_path: Path) -> None:
    path = tmp_path / 'mine.py'
    path.write_text(written(shapes, task, model))
    config = load_config(str(path))
    check_parts(config, str(path))
    data = DATASETS.build(config.train_dataloader.dataset)
    num_classes = config.model.track_head.num_classes
    assert num_classes == len(data.metainfo['classes'])
    item = data[0, 0]
    labels = {int(label) for frame in item['data_samples'] for label in frame.gt_instances.labels}
    assert labels <= set(range(num_classes))
    # A frame's own size, in training as at test.
    clip = DATASETS.build(config.val_dataloader.dataset)[0, [0, 1, 2]]
    assert clip['inputs'].shape == (3, 3, 96, 160) and item['inputs'].shape[-2:] >= (86, 143)
    if task == 'vss':  # scores are those of whole frames
        assert [step.type for step in config.test_pipeline].index('LoadClipAnnotations') == 2
    METRICS.build(config.val_evaluator)
    MODELS.build(config.model)


def unmarked(part: ConfigDict) -> dict:
    """Without the mark that mmengine gives to dicts from a base of another package."""
    return {key: value for key, value in part.to_dict().items() if key != '_scope_'}


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps', 'evs'])
def test_the_model_is_that_of_the_shipped_recipe(task: str, shapes: Path, tmp_path: Path) -> None:
    path = tmp_path / 'mine.py'
    path.write_text(written(shapes, task, 'tiny'))
    stage = '' if task == 'vps' else '-small'
    (shipped,) = (ROOT / 'configs' / task).glob(f'gvseg-*_tiny_1xb2-[48]k_moving-shapes{stage}.py')
    expected = Config.fromfile(shipped)
    mine = load_config(str(path))
    assert unmarked(mine.model) == expected.model.to_dict() and mine.custom_hooks == expected.custom_hooks
    assert unmarked(mine.val_dataloader.sampler) == expected.val_dataloader.sampler.to_dict()


def test_the_large_model_is_that_of_the_papers_config(shapes: Path, tmp_path: Path) -> None:
    path = tmp_path / 'mine.py'
    path.write_text(written(shapes, 'evs', 'r50'))  # which has no classes of its own
    expected = Config.fromfile(ROOT / 'configs/evs/gvseg-evs_r50_8xb2-15k_youtube-vos-2018.py')
    mine = unmarked(load_config(str(path)).model)
    mine['backbone'].pop('init_cfg', None)
    assert mine == expected.model.to_dict()


def test_the_pages_example_is_what_is_written(shapes: Path) -> None:
    page = (ROOT / 'docs/custom_dataset.md').read_text()
    example = re.search(r'```python\n# example: vis\n(.*?)```', page, re.DOTALL)[1]
    text = written(shapes, 'vis', 'mobilenet-v2').replace(str(shapes), 'data/my_data')
    assert example == text


@pytest.mark.parametrize('task', ['vis', 'vss', 'vps', 'evs'])
@pytest.mark.parametrize('model', list(SIZES))
def test_lines_are_short(task: str, model: str, shapes: Path) -> None:
    text = written(shapes, task, model).replace(str(shapes), 'data')
    assert max(map(len, text.splitlines())) <= 120


def test_sizes_follow_the_frames(shapes: Path) -> None:
    from dataclasses import replace

    found = find_layout(shapes / 'train/ytvis')
    text = config_text(replace(found, size=(1080, 1920)), found, 'mobilenet-v2')
    assert 'short_sides=(216, 240, 264, 300)' in text and 'size=(240, 427)' in text and 'short_sides=(240, )' in text
    portrait = config_text(replace(found, size=(1920, 1080)), found, 'r50')
    assert 'size=(853, 480)' in portrait


def test_objects_without_a_meta_file(shapes: Path, tmp_path: Path) -> None:
    for split in ('train', 'val'):
        for name in ('JPEGImages', 'Annotations'):
            shutil.copytree(shapes / split / 'ytvos' / name, tmp_path / split / name)
    found = [find_layout(tmp_path / split) for split in ('train', 'val')]
    (tmp_path / 'mine.py').write_text(config_text(*found, 'tiny'))
    config = load_config(str(tmp_path / 'mine.py'))
    data = DATASETS.build(config.val_dataloader.dataset)
    assert len(data) == 2 and len(data[0, [0]]['data_samples'][0].exemplars) > 0
    METRICS.build(config.val_evaluator)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """The tool's command line."""
    monkeypatch.setattr('sys.argv', ['new_dataset.py', *map(str, arguments)])
    tool('new_dataset').main()


def test_the_tool_tells_what_it_found_and_keeps_files(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / 'new/mine.py'
    run(monkeypatch, shapes / 'train/vspw', '--out', out)
    said = capsys.readouterr()
    assert "VSPWDataset's layout: 2 videos of 6 or more frames, 12 in all, 96 x 160" in said.out and out.is_file()
    assert 'Name the classes' in said.err
    with pytest.raises(SystemExit):
        run(monkeypatch, shapes / 'train/vspw', '--out', out)
    assert 'mine.py: exists; choose another name or add --force' in capsys.readouterr().err


def test_classes_that_differ_are_said(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, shapes / 'train/ytvis', '--val', shapes / 'val/vipseg', '--out', tmp_path / 'mine.py')
    assert 'both files need the same list of categories' in capsys.readouterr().err


def test_maps_of_objects_become_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for frame, values in enumerate(([[0, 1], [255, 2]], [[0, 1], [1, 0]])):
        for folder, suffix in (('JPEGImages', 'jpg'), ('Annotations', 'png')):
            path = tmp_path / folder / 'v' / f'{frame}.{suffix}'
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.array(values, np.uint8)).save(path)
    (tmp_path / 'classes.json').write_text('{"v": {"1": "dog", "2": "cat"}}')
    monkeypatch.setattr('sys.argv', ['object_maps.py', str(tmp_path), '--classes', str(tmp_path / 'classes.json')])
    tool('object_maps').main()
    found = json.loads((tmp_path / 'instances.json').read_text())
    assert [entry['name'] for entry in found['categories']] == ['cat', 'dog']
    dog, cat = found['annotations']
    assert (dog['category_id'], dog['areas'], cat['category_id'], cat['areas']) == (2, [1, 2], 1, [1, None])
    assert dog['bboxes'][0] == [1, 0, 1, 1] and cat['segmentations'][1] is None
    assert find_layout(tmp_path).classes == ('cat', 'dog')


def test_an_object_without_a_class_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    for folder, suffix in (('JPEGImages', 'jpg'), ('Annotations', 'png')):
        (tmp_path / folder / 'v').mkdir(parents=True)
        Image.fromarray(np.full((2, 2), 3, np.uint8)).save(tmp_path / folder / 'v' / f'0.{suffix}')
    (tmp_path / 'classes.json').write_text('{"v": {"1": "dog"}}')
    monkeypatch.setattr('sys.argv', ['object_maps.py', str(tmp_path), '--classes', str(tmp_path / 'classes.json')])
    with pytest.raises(SystemExit):
        tool('object_maps').main()
    assert 'classes.json: has no class for object 3 of video v' in capsys.readouterr().err
