"""docs/openmmlab.md names what is there, and leaves no cell open."""

import re

import pytest

from tests.scripts import ROOT

PAGE = (ROOT / 'docs/openmmlab.md').read_text(encoding='utf-8')
MMDETS = {'eval_metric.py', 'print_config.py', 'coco_error_analysis.py'}


def rows() -> list[list[str]]:
    """Cells of the table of conventions."""
    lines = [line for line in PAGE.splitlines() if line.startswith('| ') and not line.startswith('| what')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]


def test_every_convention_has_an_answer() -> None:
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 3 and all(row), row
        assert not re.search(r'\b(missing|todo|not yet|none)\b', row[2].lower()), row


@pytest.mark.parametrize('name', sorted(set(re.findall(r'\w+\.py\b', ' '.join(row[2] for row in rows()))) - MMDETS))
def test_our_scripts_are_there(name: str) -> None:
    found = [path for folder in ('tools', 'configs', 'tests') for path in (ROOT / folder).rglob(name)]
    assert found or name in ('NAME.py', 'mine.py', 'benchmark.py')
