"""The day of an OpenMMLab user on the packages that are installed; the script runs on either line of them."""

import os
import subprocess
import sys

import pytest

from tests.scripts import ROOT


@pytest.mark.slow
def test_the_day_goes_well() -> None:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='-1')
    result = subprocess.run(
        [sys.executable, str(ROOT / 'tests/openmmlab_day.py')],
        text=True,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=900,
    )
    assert result.returncode == 0 and result.stdout.rstrip().endswith('the day is done'), result.stdout[-3000:]
