"""Logs become curves and times; parameters, operations and speed are measured on clips of noise."""

import argparse
import json
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from gvseg.apis.dummy_clip import dummy_clip
from gvseg.apis.loading import load_model
from gvseg.utils.config import load_config
from gvseg.utils.errors import ConfigError
from tests.scripts import ROOT, tool
from tests.shrinking import shrink

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def small(task: str) -> Config:
    """The tiny config of a task."""
    (path,) = (ROOT / 'configs' / task).glob('gvseg-*_tiny_*_moving-shapes.py')
    return shrink(Config.fromfile(path))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A run of four steps that was resumed after the second."""
    for start, losses in (('20260101_000000', {1: 4.0, 2: 3.0, 3: 9.0}), ('20260102_000000', {3: 2.0, 4: 1.0})):
        folder = tmp_path / 'run' / start / 'vis_data'
        folder.mkdir(parents=True)
        lines = [dict(loss=loss, time=0.1 * step, step=step) for step, loss in losses.items()]
        lines += [{'vps/VPQ': 0.25, 'step': 4}] if 4 in losses else []
        (folder / 'scalars.json').write_text('\n'.join(map(json.dumps, lines)))
    return tmp_path / 'run'


def test_curves_of_a_resumed_run(log: Path) -> None:
    logs = tool('analyze_logs')
    lines = logs.read_log(log)
    assert logs.curve_of(lines, 'loss', 1, log) == ([1, 2, 3, 4], [4.0, 3.0, 2.0, 1.0])
    assert logs.curve_of(lines, 'loss', 2, log)[1] == [4.0, 3.5, 2.5, 1.5]
    assert logs.curve_of(lines, 'vps/VPQ', 1, log) == ([4], [0.25])


def test_a_picture_and_times(log: Path, tmp_path: Path, capsys) -> None:
    logs = tool('analyze_logs')
    given = argparse.Namespace(logs=[log], keys=['loss'], legend=None, title='', smooth=1, out=tmp_path / 'a/loss.png')
    logs.plot_curves(given)
    logs.print_times(given)
    assert given.out.stat().st_size > 1000
    assert '0.2500 s per iteration (median 0.2500, minimum 0.1000, maximum 0.4000, 4 lines)' in capsys.readouterr().out


def test_bad_logs_are_named(log: Path, tmp_path: Path) -> None:
    logs = tool('analyze_logs')
    with pytest.raises(ConfigError, match=r"has no value 'los'; it has loss, step, time, vps/VPQ\."):
        logs.curve_of(logs.read_log(log), 'los', 1, log)
    with pytest.raises(ConfigError, match='is no log: name a work directory'):
        logs.read_log(tmp_path / 'missing')
    (log / '20260102_000000/vis_data/scalars.json').write_text('{"loss": 1')
    with pytest.raises(ConfigError, match='scalars.json, line 1 is no JSON'):
        logs.read_log(log)


def test_parameters_and_operations() -> None:
    flops = tool('get_flops')
    model, config = load_model(small('vps'), None)
    parameters = flops.count_parameters(model)
    assert parameters['all'] == sum(p.numel() for p in model.parameters())
    once = flops.count_operations(model, config, (64, 96))
    twice = flops.count_operations(model, config, (128, 96))
    assert 0 < once['track_head.transformer_decoder'] < once['all']
    # All of the backbone is convolutions: twice the pixels, twice the operations.
    assert twice['backbone'] == 2 * once['backbone'] > 0


def test_an_encoder_only_network_is_counted_by_its_own_parts() -> None:
    flops = tool('get_flops')
    config = load_config(str(ROOT / 'configs/vps/gvseg-vps_vit-tiny_1xb2-short_moving-shapes.py'))
    model, config = load_model(config, None)
    operations = flops.count_operations(model, config, (64, 96))
    assert list(operations) == ['all', 'backbone', 'track_head.blocks', 'track_head.upscale']
    assert min(operations.values()) > 0


@pytest.mark.parametrize('task', ['vis', 'evs'])
def test_a_model_is_timed_clip_after_clip(task: str) -> None:
    benchmark = tool('benchmark')
    given = argparse.Namespace(checkpoint=None, device='cpu', shape=[50, 64], num_warmup=1, max_iter=2)
    result = benchmark.time_model(small(task), given)
    assert result['fps'] > 0 and result['median_ms'] > 0


def test_the_made_up_clip_shows_objects_once() -> None:
    config = small('evs')
    inputs, first = dummy_clip(config, (64, 96))
    later = dummy_clip(config, (64, 96), start=inputs.shape[1])[1]
    assert inputs.shape == (1, 3, 3, 64, 96)
    assert [len(frame.exemplars) for frame in first.video_data_samples] == [3, 0, 0]
    assert [len(frame.exemplars) for frame in later.video_data_samples] == [0, 0, 0]


def test_a_data_set_opens_without_a_look_into_its_frames(tmp_path: Path) -> None:
    opening = tool('benchmark_opening')
    path = opening.write(tmp_path, argparse.Namespace(videos=3, frames=2, objects=1))
    assert {frame.stat().st_size for frame in tmp_path.rglob('*.jpg')} == {0}
    init_default_scope('mmdet')
    assert opening.opened(path.parent) > 0
