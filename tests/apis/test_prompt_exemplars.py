"""Prompts of one object in one frame become one exemplar."""

import numpy as np
import pytest

from gvseg.apis import ObjectPrompt
from gvseg.apis.prompt_exemplars import frame_exemplars
from gvseg.models.exemplars import BACKGROUND, background_id

SIZE = (20, 40)


def point(x: float, y: float, identity: int = 1, **kwargs) -> ObjectPrompt:
    return ObjectPrompt(identity, 0, point=(x, y), **kwargs)


def square(left: int, right: int) -> np.ndarray:
    """A mask of rows 5 to 14 between two columns."""
    mask = np.zeros(SIZE, bool)
    mask[5:15, left:right] = True
    return mask


def test_points_of_one_object_are_one_exemplar_with_their_mean() -> None:
    (shown,) = frame_exemplars([point(8, 4), point(16, 8)], SIZE, (10, 20))
    assert shown.kind == 'point' and not shown.region.any()
    np.testing.assert_allclose(shown.points.mean(0), (6, 3))  # half of (12, 6): the network sees half the size
    assert {tuple(place) for place in shown.points.tolist()} == {(4, 2), (8, 4)}


def test_the_order_of_prompts_does_not_matter() -> None:
    prompts = [point(1, 1), point(5, 9), point(30, 2), point(7, 7, 2), point(3, 3, positive=False)]
    one, other = (frame_exemplars(order, SIZE, SIZE) for order in (prompts, prompts[::-1]))
    assert [shown.identity for shown in one] == [1, 2, background_id(1, 0, 0)]
    for left, right in zip(one, other):
        assert left.identity == right.identity
        np.testing.assert_array_equal(left.points, right.points)


def test_a_box_says_where_the_object_ends_and_points_what_it_looks_like() -> None:
    box = ObjectPrompt(1, 0, box=(10, 5, 30, 15))
    (shown,) = frame_exemplars([box, point(12, 6)], SIZE, SIZE)
    assert shown.kind == 'box'
    np.testing.assert_array_equal(shown.region, square(10, 30))
    np.testing.assert_allclose(shown.points, np.tile((12, 6), (len(shown.points), 1)))


def test_boxes_are_united() -> None:
    boxes = [ObjectPrompt(1, 0, box=(10, 5, 20, 15)), ObjectPrompt(1, 0, box=(20, 5, 30, 15))]
    (shown,) = frame_exemplars(boxes, SIZE, SIZE)
    np.testing.assert_array_equal(shown.region, square(10, 30))
    assert shown.points[:, 0].min() < 20 < shown.points[:, 0].max()


def test_masks_are_united_and_negative_ones_cut_out() -> None:
    prompts = [
        ObjectPrompt(1, 0, mask=square(18, 22), positive=False),
        ObjectPrompt(1, 0, mask=square(10, 20)),
        ObjectPrompt(1, 0, mask=square(16, 30)),
        point(2, 2),  # a point beside a mask changes nothing
    ]
    shown, background = frame_exemplars(prompts, SIZE, SIZE)
    np.testing.assert_array_equal(shown.given_mask, square(10, 18) | square(22, 30))
    np.testing.assert_array_equal(shown.region, shown.given_mask)
    assert background.identity == background_id(1, 0, 0)
    np.testing.assert_array_equal(background.given_mask, square(18, 22))


def test_nothing_left_of_a_mask_is_an_error() -> None:
    prompts = [ObjectPrompt(3, 0, mask=square(10, 20)), ObjectPrompt(3, 0, mask=square(5, 25), positive=False)]
    with pytest.raises(ValueError, match='Negative masks cover all of the mask of object 3 in frame 0'):
        frame_exemplars(prompts, SIZE, SIZE)


def test_each_negative_prompt_is_a_background_exemplar_of_its_object() -> None:
    prompts = [point(1, 1, 7), point(3, 3, 7, positive=False), point(9, 9, 7, positive=False)]
    shown = frame_exemplars(prompts, SIZE, SIZE)
    assert [one.identity % BACKGROUND for one in shown] == [7, 7, 7]
    assert len({one.identity for one in shown}) == 3 and shown[0].identity == 7
    np.testing.assert_allclose([one.points[0] for one in shown], [(1, 1), (3, 3), (9, 9)])


def test_a_correction_may_be_negative_alone() -> None:
    (background,) = frame_exemplars([point(3, 3, positive=False)], SIZE, SIZE)
    assert background.identity >= BACKGROUND


def test_background_ids_differ_between_objects_frames_and_prompts() -> None:
    ids = {background_id(owner, frame, index) for owner in (1, 2) for frame in (0, 1, 900) for index in (0, 1)}
    assert len(ids) == 12


def test_too_many_points_are_refused() -> None:
    with pytest.raises(ValueError, match='33 positive points on one object in one frame: at most 32'):
        frame_exemplars([point(x, 1) for x in range(33)], SIZE, SIZE)
