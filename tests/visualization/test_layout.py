"""Under which identities ground truth is drawn beside a prediction."""

import numpy as np

from gvseg.visualization import FrameSegments
from gvseg.visualization.layout import identity_names


def test_ids_that_the_user_gave_are_not_renamed():
    """Objects 1 and 2 whose predictions have changed places keep their numbers in the ground truth's row."""
    masks = np.zeros((2, 4, 6), bool)
    masks[0, :, :3], masks[1, :, 3:] = True, True

    def segments(ids: list[int], given: bool) -> FrameSegments:
        return FrameSegments(masks, np.zeros(2, int), np.array(ids), np.ones(2, bool), ids_are_given=given)

    assert identity_names([segments([2, 1], True)], [segments([1, 2], False)]) == {1: 1, 2: 2}
    assert identity_names([segments([2, 1], False)], [segments([1, 2], False)]) == {1: 2, 2: 1}
