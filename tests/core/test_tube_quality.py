"""Confidence of masks that a reader can count."""
import math

import torch

from gvseg.core.tube_quality import mask_confidence


def test_confidence_is_the_mean_probability_of_the_pixels_inside():
    logits = torch.full((2, 2, 1, 3), -5.0)
    logits[0, 0, 0, 0] = math.log(3)  # probability 0.75
    logits[0, 1, 0, 2] = math.log(9)  # 0.9
    torch.testing.assert_close(mask_confidence(logits), torch.tensor([0.825, 0.0]))


def test_no_tubes():
    assert mask_confidence(torch.zeros(0, 2, 3, 3)).shape == (0, )
