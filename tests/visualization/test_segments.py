"""Every kind of prediction, and ground truth, as FrameSegments."""

import numpy as np
import pytest
from mmdet.structures.mask import BitmapMasks

from gvseg.visualization import predicted_segments, true_segments

from .samples import (
    CLASSES,
    columns,
    empty_sample,
    with_instances,
    with_objects,
    with_panoptic,
    with_semantic,
    with_truth,
)


def test_instances_are_sorted_by_score_and_doubtful_ones_left_out() -> None:
    found = predicted_segments(with_instances(empty_sample()), CLASSES, min_score=0.3)
    assert found.ids.tolist() == [6, 5]  # the best is drawn last, on top
    assert found.labels.tolist() == [0, 1]
    assert found.individual.all()
    np.testing.assert_allclose(found.scores, [0.4, 0.9])
    np.testing.assert_array_equal(found.masks[1], columns(0, 2))
    assert [found.name(0), found.name(1)] == ['cat', 'dog']


def test_semantic_regions_have_their_class_as_id() -> None:
    found = predicted_segments(with_semantic(empty_sample()), CLASSES)
    assert found.ids.tolist() == found.labels.tolist() == [1, 2]
    assert not found.individual.any()
    assert found.scores is None


def test_panoptic_void_is_no_segment() -> None:
    found = predicted_segments(with_panoptic(empty_sample()), CLASSES)
    assert sorted(zip(found.labels.tolist(), found.ids.tolist(), found.individual.tolist())) == [
        (1, 5, True),
        (2, 2, False),
    ]
    assert found.masks.sum() == 4 * 2 + 4 * 4


def test_object_background_is_no_segment() -> None:
    found = predicted_segments(with_objects(empty_sample()), ('object',))
    assert found.ids.tolist() == [5]
    assert found.name(0) == 'object'
    np.testing.assert_array_equal(found.masks[0], columns(0, 2))


def test_a_map_of_background_only_gives_no_segments() -> None:
    sample = with_objects(empty_sample())
    sample.pred_object_map.sem_seg.zero_()
    assert len(predicted_segments(sample)) == 0


def test_truth_tells_things_from_stuff() -> None:
    found = true_segments(with_truth(empty_sample()), CLASSES)
    assert found.ids.tolist() == [31, 2]
    assert found.individual.tolist() == [True, False]


def test_truth_reads_bitmap_masks() -> None:
    sample = with_truth(empty_sample())
    sample.gt_instances.masks = BitmapMasks(sample.gt_instances.masks.numpy().astype(np.uint8), 4, 8)
    np.testing.assert_array_equal(true_segments(sample).masks[0], columns(0, 2))


def test_truth_may_be_absent() -> None:
    assert true_segments(empty_sample()) is None


def test_a_label_without_name_is_shown_as_a_number() -> None:
    assert predicted_segments(with_semantic(empty_sample())).name(1) == 'class 2'


def test_renaming_touches_individuals_only() -> None:
    found = true_segments(with_truth(empty_sample())).renamed({31: 5, 2: 9})
    assert found.ids.tolist() == [5, 2]


def test_a_frame_without_prediction_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match='pred_panoptic_seg'):
        predicted_segments(empty_sample())
