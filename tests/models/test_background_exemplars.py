"""Background exemplars lower the masks of their own object."""

import torch

from gvseg.models.exemplars import background_id, subtract_backgrounds

DOG, CAT = 1, 2
GRASS = background_id(DOG, 0, 0)


def test_an_object_keeps_pixels_where_it_beats_its_background() -> None:
    logits = torch.tensor([[4.0, 4.0, 4.0, -2.0], [3.0, 6.0, -5.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    found = subtract_backgrounds(logits, torch.tensor([DOG, GRASS, CAT]), torch.ones(3, dtype=torch.bool))
    assert found[0].tolist() == [1.0, -2.0, 4.0, -3.0]  # 4 - 3, 4 - 6, 4 (the background is not there), -2 - 1
    assert found[1].tolist() == logits[1].tolist() and found[2].tolist() == logits[2].tolist()


def test_the_strongest_of_several_backgrounds_counts() -> None:
    objects = torch.tensor([GRASS, background_id(DOG, 3, 1), DOG])
    found = subtract_backgrounds(torch.tensor([[1.0], [3.0], [2.0]]), objects, torch.ones(3, dtype=torch.bool))
    assert found[2].item() == -1.0


def test_a_background_that_is_not_seen_takes_nothing() -> None:
    logits = torch.tensor([[2.0], [9.0]])
    seen = torch.tensor([True, False])
    assert torch.equal(subtract_backgrounds(logits, torch.tensor([DOG, GRASS]), seen), logits)
