"""Memory of streaming, and the time of its stages."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import ROOT, tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture
def speed() -> ModuleType:
    return tool('speed_of_stages')


def test_a_stage_within_another_is_counted_once(speed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 6.0])
    monkeypatch.setattr(speed.time, 'process_time', lambda: next(clock))
    watch = speed.Stopwatch()
    with watch.stage('network'):  # from 0
        with watch.stage('descriptor'):  # from 1 to 4
            pass
    assert watch.seconds == dict(network=1.0 + 2.0, descriptor=3.0)


def test_every_stage_of_a_shipped_model_takes_time(speed: ModuleType, capsys: pytest.CaptureFixture) -> None:
    arguments = speed.parse_arguments(['--clips', '1'])
    config, weights, size = speed.MODELS[0]
    segmenter = speed.build(str(ROOT / config), str(ROOT / weights), arguments)
    seconds = speed.time_stages(segmenter, size, arguments)
    assert all(seconds[stage] > 0 for stage in speed.STAGES)
    share = speed.report(config, size, seconds, 'trained')
    assert share == pytest.approx((seconds['descriptor'] + seconds['association']) / seconds['network'])
    assert f'= {100 * share:.1f} %' in capsys.readouterr().out


def test_both_peaks_and_their_ratio_are_printed(capsys: pytest.CaptureFixture) -> None:
    memory = tool('memory_of_streaming')
    given = ['--task', 'vss', '--frames', '3', '6']
    ratios = memory.compare(memory.parse_arguments(given), given)
    assert 0.8 < ratios['memory'] < 1.2
    assert 'for 3 frames' in capsys.readouterr().out


def test_a_failing_child_is_reported(tmp_path: Path) -> None:
    memory = tool('memory_of_streaming')
    given = ['--config', str(tmp_path / 'none.py'), '--frames', '3', '3']
    with pytest.raises(memory.InputError, match='none.py'):
        memory.compare(memory.parse_arguments(given), given)


@pytest.mark.parametrize('task', ['vss', 'evs'])
def test_time_at_once_is_compared_with_one_after_the_other(capsys: pytest.CaptureFixture, task: str) -> None:
    overlap = tool('overlap_of_streaming')
    arguments = ['--task', task, '--frames', '4', '--shape', '96', '160', '--repeats', '1']
    ratio = overlap.compare(overlap.parse_arguments(arguments))
    said = capsys.readouterr().out
    assert ratio > 0 and f'at once: {100 * ratio:.0f} %' in said and 'decoding' in said and 'writing' in said
