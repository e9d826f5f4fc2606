"""Masks that a user shows."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gvseg.apis import ObjectPrompt


@pytest.mark.parametrize('value', [1, 7, 255])
def test_a_mask_of_one_value_is_what_is_not_zero(value: int) -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 5:15] = value
    assert np.array_equal(ObjectPrompt(1, 0, mask=mask).mask, mask > 0)


def test_soft_edges_end_at_the_middle_grey() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 255
    soft = np.array(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(1.5)))
    assert (soft > 0).sum() > (mask > 0).sum()
    assert np.array_equal(ObjectPrompt(1, 0, mask=soft).mask, soft >= 128)


def test_bool_masks_stay_as_they_are() -> None:
    mask = np.eye(4, dtype=bool)
    assert ObjectPrompt(1, 0, mask=mask).mask is mask
