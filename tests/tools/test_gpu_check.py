"""What ``gpu_check.py`` reports of its steps, without running them."""

import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import tool


@pytest.fixture
def script() -> ModuleType:
    return tool('gpu_check')


def test_errors_of_parts_count_too(script: ModuleType) -> None:
    found = {'fp32': {'ms': 1.0}, 'bf16': {'error': 'RuntimeError: no kernel'}, 'wall_s': 3.0}
    assert script.failures('training', found) == ['training/bf16']
    assert script.failures('stalls', dict(error='timed out')) == ['stalls']
    assert script.failures('hardware', dict(copy_GB=2.0)) == []


@pytest.mark.parametrize('device, limits', [('cuda:0', [300, 300]), ('cpu', [3000, 3000])])
def test_every_step_is_in_the_json_with_its_reason(
    script: ModuleType, device: str, limits: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(script, 'run_step', lambda name, arguments, seconds: left.append(seconds) or {name: 'done'})
    options = [str(tmp_path / 'out.json'), '--device', device, '--quick', '--steps', 'hardware', 'stalls', 'compile']
    assert script.main(options) == 0
    assert left == pytest.approx(limits, abs=5)
    assert json.loads((tmp_path / 'out.json').read_text()) == dict(
        hardware=dict(hardware='done'), stalls=dict(stalls='done'), compile=dict(skipped='--quick')
    )


def test_a_step_that_gets_no_time_says_so(script: ModuleType, tmp_path: Path) -> None:
    assert script.main([str(tmp_path / 'out.json'), '--limit', '5', '--steps', 'hardware']) == 1
    assert json.loads((tmp_path / 'out.json').read_text()) == dict(hardware=dict(error='no time left of 5 s'))
