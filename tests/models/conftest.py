"""Models are built in mmdet's registry scope, as its Runner does."""
import pytest
from mmengine.registry import DefaultScope, init_default_scope


@pytest.fixture(autouse=True, scope='package')
def mmdet_scope():
    """mmdet's scope for the tests of this folder; the one before is restored by name."""
    before = DefaultScope.get_current_instance()
    init_default_scope('mmdet')
    yield
    if before is not None:
        init_default_scope(before.scope_name)
