"""The command of the web demo."""

import subprocess
import sys
from pathlib import Path

import pytest

from projects.web_demo.app import limits_of, parse_arguments
from projects.web_demo.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


def test_only_this_computer_is_served_unless_asked() -> None:
    assert parse_arguments([]).host == '127.0.0.1'
    assert parse_arguments(['--host', '0.0.0.0']).host == '0.0.0.0'


def test_every_limit_is_an_argument() -> None:
    assert limits_of(parse_arguments([])) == Limits()
    given = (
        '--max-megabytes 1 --max-frames 2 --max-side 3 --max-objects 4 --max-sessions 5 --max-jobs 6 --max-waiting 7'
    )
    limits = limits_of(parse_arguments(given.split() + ['--idle-minutes', '8']))
    assert limits == Limits(1, 2, 3, 4, 5, 6, 7, 8)
    with pytest.raises(SystemExit):
        parse_arguments(['--max-jobs', '0'])


def test_options_are_read_before_any_large_library() -> None:
    code = 'import sys, projects.web_demo.app as app; app.parse_arguments([]); print(sorted(sys.modules))'
    run = subprocess.run([sys.executable, '-c', code], cwd=ROOT, text=True, capture_output=True, check=True)
    assert not {"'torch'", "'mmdet'"} & set(run.stdout.strip('[]\n').split(', ')) and run.stderr == ''
