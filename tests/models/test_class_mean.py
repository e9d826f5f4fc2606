"""The mean of a slot's classes, by hand."""

import torch

from gvseg.models.tracking import SlotClassMean


def test_a_slot_has_the_mean_class_of_its_clips_and_the_clips_own_doubt() -> None:
    mean = SlotClassMean()
    first = torch.tensor([[0.8, 0.0, 0.2], [0.1, 0.1, 0.8]])
    assert torch.allclose(mean(first), first)  # slot 1 is not confident: it has no mean yet
    # Slot 0 now says class 1: sums 0.8 and 0.6, shares 4/7 and 3/7 of 1 - 0.4.
    second = mean(torch.tensor([[0.0, 0.6, 0.4], [0.0, 0.9, 0.1]]))
    assert torch.allclose(second, torch.tensor([[0.6 * 4 / 7, 0.6 * 3 / 7, 0.4], [0.0, 0.9, 0.1]]))


def test_a_clip_without_confidence_does_not_count() -> None:
    mean = SlotClassMean()
    mean(torch.tensor([[0.8, 0.0, 0.2]]))
    assert torch.allclose(mean(torch.tensor([[0.1, 0.4, 0.5]])), torch.tensor([[0.5, 0.0, 0.5]]))


def test_a_slot_is_forgotten_with_its_object() -> None:
    mean, nothing, other = SlotClassMean(memory=1), torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[0.0, 0.7, 0.3]])
    mean(torch.tensor([[0.8, 0.0, 0.2]]))
    mean(nothing)
    assert mean(other)[0, 0] > 0  # one clip without it: remembered
    mean.reset()
    assert torch.equal(mean(other), other)
    mean(nothing)
    mean(nothing)
    assert torch.allclose(mean(torch.tensor([[0.9, 0.0, 0.1]])), torch.tensor([[0.9, 0.0, 0.1]]))


def test_more_slots_may_come() -> None:
    mean = SlotClassMean()
    mean(torch.tensor([[0.8, 0.0, 0.2]]))
    both = mean(torch.tensor([[0.0, 0.8, 0.2], [0.0, 0.8, 0.2]]))
    assert torch.allclose(both, torch.tensor([[0.4, 0.4, 0.2], [0.0, 0.8, 0.2]]))
