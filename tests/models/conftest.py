"""Models are built in mmdet's registry scope."""

import pytest


@pytest.fixture(autouse=True, scope='module')
def in_mmdet_scope(mmdet_scope):
    """For every test of this folder."""
