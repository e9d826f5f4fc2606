"""Confidence of masks that a reader can count."""

import math

import numpy as np
import torch

from gvseg.core.tracking.tubes import mask_confidence, tube_iou, tube_nms


def test_confidence_is_the_mean_probability_of_the_pixels_inside():
    logits = torch.full((2, 2, 1, 3), -5.0)
    logits[0, 0, 0, 0] = math.log(3)  # probability 0.75
    logits[0, 1, 0, 2] = math.log(9)  # 0.9
    torch.testing.assert_close(mask_confidence(logits), torch.tensor([0.825, 0.0]))


def test_no_tubes():
    assert mask_confidence(torch.zeros(0, 2, 3, 3)).shape == (0,)


def tubes(*boxes: tuple[slice, slice]) -> torch.Tensor:
    """Tubes of one frame of 6 x 8 pixels."""
    masks = torch.zeros(len(boxes), 1, 6, 8, dtype=torch.bool)
    for mask, (rows, columns) in zip(masks, boxes):
        mask[0, rows, columns] = True
    return masks


def test_overlap_is_the_iou_of_every_pair() -> None:
    left = tubes((slice(0, 2), slice(0, 4)))
    right = tubes((slice(0, 2), slice(2, 6)), (slice(4, 6), slice(0, 4)))
    torch.testing.assert_close(tube_iou(left, right), torch.tensor([[4 / 12, 0.0]]))
    np.testing.assert_allclose(tube_iou(left.numpy(), right.numpy()), [[4 / 12, 0.0]])


def test_tubes_without_a_frame_in_common_do_not_overlap() -> None:
    nothing = torch.zeros(2, 0, 6, 8, dtype=torch.bool)
    for tubes_of in (nothing, nothing.numpy()):
        assert tube_iou(tubes_of[:1], tubes_of).tolist() == [[0, 0]]
        assert tube_iou(tubes_of[:0], tubes_of).shape == (0, 2)


def test_the_better_of_two_alike_is_kept() -> None:
    masks = tubes((slice(0, 2), slice(0, 4)), (slice(0, 2), slice(0, 3)), (slice(4, 6), slice(0, 4)))
    assert tube_nms(masks, torch.tensor([0.5, 0.9, 0.1]), 0.7).tolist() == [False, True, True]  # IoU is 0.75
    assert tube_nms(masks, torch.tensor([0.5, 0.9, 0.1]), 0.8).tolist() == [True, True, True]
    assert tube_nms(masks[:0], torch.zeros(0), 0.5).tolist() == []
