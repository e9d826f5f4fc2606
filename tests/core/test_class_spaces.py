"""One list of classes for several data sets."""

import pytest

from gvseg.core.class_spaces import class_rows, shared_classes


def test_equal_names_are_one_class_however_they_are_written():
    instances, panoptic, objects = ('Person', 'giant_panda'), ('car', 'person', 'sky'), ('object',)
    shared = shared_classes([instances, panoptic, objects])
    assert shared == ('Person', 'giant_panda', 'car', 'sky', 'object')
    assert class_rows(panoptic, shared) == [2, 0, 3]
    assert class_rows(('Giant Panda',), shared) == [1]


def test_a_class_that_is_not_in_the_list_and_one_that_occurs_twice_are_refused():
    with pytest.raises(ValueError, match="'dog' is not in the shared list"):
        class_rows(('cat', 'dog'), ('cat',))
    with pytest.raises(ValueError, match="'traffic_light' occurs twice"):
        class_rows(('traffic light', 'traffic_light'), ('traffic light',))
