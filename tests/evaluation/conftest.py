"""Small cases of the instance and panoptic benchmarks, valid and to be damaged."""

import json
import shutil

import numpy as np
import pytest

from .panoptic_fixtures import make_vipseg, write_ids
from .tube_fixtures import random_case


@pytest.fixture(scope='session')
def originals(tmp_path_factory):
    """One small case per benchmark."""
    root = tmp_path_factory.mktemp('cases')
    make_vipseg(root / 'vipseg', lengths=(3, 2))
    rng = np.random.default_rng(0)
    for side in ('gt', 'pred'):
        for index in range(3):
            classes = rng.choice([0, 11, 13], (8, 9))
            write_ids(root / 'kitti_step' / side / '0002' / f'{index:06d}.png', classes << 16 | 7, red_is_high=True)
    for name in ('ytvis', 'ovis'):
        truth, results = random_case(11)
        (root / name).mkdir()
        (root / name / 'gt.json').write_text(json.dumps(truth))
        (root / name / 'pred.json').write_text(json.dumps(results))
    return root


@pytest.fixture
def folder(originals, tmp_path):
    """A copy to damage."""
    shutil.copytree(originals, tmp_path / 'cases')
    return tmp_path / 'cases'
