"""Shared by all tests."""

import pytest
from mmengine.registry import DefaultScope, init_default_scope

import gvseg  # noqa: F401  (before mmcv.ops and mmdet: stands in for missing operators)


@pytest.fixture(scope='module')
def mmdet_scope():
    """mmdet's registry scope, in which its Runner builds everything; the one before is restored by name."""
    before = DefaultScope.get_current_instance()
    init_default_scope('mmdet')
    yield
    if before is not None:
        init_default_scope(before.scope_name)
