"""Pipelines of configs are made of named parts: none is cut by index, and none does a step twice."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from mmengine.config import Config

from gvseg.engine.config_checks import LOADERS, check_shared_settings

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / 'configs').rglob('*.py'), *(ROOT / 'projects').glob('*/configs/*.py')])
LEAVES = [
    path
    for path in SOURCES
    if path.parent.name != '_base_' and '_base_' not in path.parts and path.name.startswith(('gvseg-', 'mmseg-'))
]


def cuts(source: str) -> list[str]:
    """Places where a sequence is taken apart by position: ``x[3]``, ``x[2:]``, ``x[-1]``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript):
            constant = node.slice.operand if isinstance(node.slice, ast.UnaryOp) else node.slice
            if isinstance(constant, ast.Slice) or isinstance(getattr(constant, 'value', None), int):
                found.append(ast.unparse(node))
    return found


def pipelines(node: object) -> list[list[dict]]:
    """Every pipeline inside the data of a config."""
    if isinstance(node, dict):
        own = [node['pipeline']] if 'pipeline' in node else []
        return own + [one for child in node.values() for one in pipelines(child)]
    return [one for child in node for one in pipelines(child)] if isinstance(node, (list, tuple)) else []


def test_cuts_are_found():
    source = 'a = [*steps[:3], *steps[5:], x[0], x[-1], b["key"]]'
    assert set(cuts(source)) == {'steps[:3]', 'steps[5:]', 'x[0]', 'x[-1]'}


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: path.stem)
def test_no_config_takes_a_sequence_apart_by_position(path):
    assert cuts(path.read_text(encoding='utf-8')) == []


def test_no_example_of_the_docs_takes_a_sequence_apart_by_position():
    for page in sorted((ROOT / 'docs').rglob('*.md')):
        for source in re.findall(r'```python\n(# example.*?)```', page.read_text(encoding='utf-8'), re.DOTALL):
            assert cuts(source) == [], page.name


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_a_pipeline_does_every_step_once_and_packs_last(path):
    config = Config.fromfile(path)
    found = [steps for loader in LOADERS for steps in pipelines(config.get(loader) or {})]
    assert found
    for steps in found:
        names = [step['type'] for step in steps]
        # A photo may be shrunk before a video is made of it, and the video resized.
        made = next((names.index(name) for name in ('PseudoVideo', 'CameraPseudoVideo') if name in names), 0)
        for part in (names[:made], names[made:]):
            assert [name for name, count in Counter(part).items() if count > 1] == []
        assert names[-1] == 'PackClipInputs'
    check_shared_settings(config)
