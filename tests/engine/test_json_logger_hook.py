"""Undefined scores are null in the JSON files of a run."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from mmdet.registry import HOOKS, VISBACKENDS

from gvseg.engine import JsonLoggerHook
from gvseg.visualization import JsonVisBackend
from tests.scripts import ROOT

NOTHING = float('nan')


def strict(text: str) -> dict:
    """Parse strict JSON: NaN is refused."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def test_the_results_of_a_test_are_json(tmp_path: Path) -> None:
    hook = HOOKS.build(dict(type='JsonLoggerHook'))
    assert isinstance(hook, JsonLoggerHook)
    hook.json_log_path = 'test.json'
    scores = {'vss/mIoU': 0.5, 'vss/mVC16': NOTHING, 'vss/IoU': [np.float64(1), NOTHING]}
    runner = SimpleNamespace(
        log_dir=str(tmp_path),
        test_dataloader=[],
        logger=SimpleNamespace(info=lambda text: None),
        log_processor=SimpleNamespace(get_log_after_epoch=lambda *args, **kwargs: (scores, '')),
    )
    hook.after_test_epoch(runner)
    assert strict((tmp_path / 'test.json').read_text()) == {'vss/mIoU': 0.5, 'vss/mVC16': None, 'vss/IoU': [1.0, None]}


def test_scalars_are_json(tmp_path: Path) -> None:
    backend = VISBACKENDS.build(dict(type='JsonVisBackend', save_dir=str(tmp_path)))
    assert isinstance(backend, JsonVisBackend)
    backend.add_scalars({'vss/mVC16': NOTHING, 'loss': math.inf, 'vss/mIoU': 0.5}, step=3)
    assert strict((tmp_path / 'scalars.json').read_text()) == {
        'vss/mVC16': None,
        'loss': None,
        'vss/mIoU': 0.5,
        'step': 3,
    }


def test_the_metrics_that_test_py_writes_are_json(tmp_path: Path) -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location('test_tool', ROOT / 'tools/test.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write_metrics({'a': NOTHING, 'b': np.float32(0.5)}, str(tmp_path / 'out.json'))
    assert strict((tmp_path / 'out.json').read_text()) == dict(a=None, b=0.5)
