"""Refinements of masks before they are merged."""

import pytest
import torch

from gvseg.models.task_outputs import ExemplarOutput, GuidedUpsampling, SmallBlobRemoval

from .test_task_outputs import clip, frame


def test_small_blobs_turn_to_the_other_side() -> None:
    logits = torch.full((1, 4, 8), -3.0)
    logits[0, :, :4] = 3.0
    logits[0, 0, 7] = 5.0
    found = SmallBlobRemoval(0.2)(logits, torch.zeros(3, 4, 8))
    assert found[0, 0, 7] == -5 and found[0, :, :4].eq(3).all() and (found > 0).sum() == 16


def test_a_mask_gets_the_edge_of_the_frame() -> None:
    image = torch.zeros(3, 8, 16)
    image[..., 7:] = 1  # between two cells of the mask
    logits = torch.full((1, 4, 8), -6.0)
    logits[..., 4:] = 6.0
    logits[..., 3] = 0.0
    found = GuidedUpsampling(radius=1, eps=1e-4)(logits, image)
    assert torch.equal(found[0] > 0, image[0] > 0) and found.abs().max() < 10
    assert len(GuidedUpsampling()(logits[:0], image)) == 0


def test_the_output_applies_refinements_one_after_the_other() -> None:
    tracked = clip([[0.9, 0.1]], [(0, 3)], objects=[5])
    tracked.masks[0, 0, 0, 5] = 8.0  # a pixel apart
    reported = frame()
    with pytest.raises(ValueError, match='need the frames of the clip'):
        ExemplarOutput(refinements=[dict(type='SmallBlobRemoval')])(tracked, [reported])
    tracked.images = torch.zeros(1, 3, 4, 6)
    ExemplarOutput(refinements=[dict(type='SmallBlobRemoval'), dict(type='SmallBlobRemoval')])(tracked, [reported])
    expected = torch.zeros(4, 6, dtype=torch.long)
    expected[:, :3] = 5
    assert torch.equal(reported.pred_object_map.sem_seg[0], expected)


def test_frames_are_chosen_with_their_images() -> None:
    tracked = clip([[0.9, 0.1]], [(0, 3)])
    tracked.masks = torch.arange(3.0)[None, :, None, None].expand(1, 3, 4, 6)
    tracked.images = torch.arange(3.0)[:, None, None, None].expand(3, 3, 4, 6)
    some = tracked.at_frames([0, 2])
    assert some.masks[0, :, 0, 0].tolist() == some.images[:, 0, 0, 0].tolist() == [0.0, 2.0]
