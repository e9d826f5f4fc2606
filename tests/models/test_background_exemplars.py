"""Background exemplars lower the masks of their own object."""

import torch

from gvseg.models.exemplars import background_id, subtract_backgrounds

DOG, CAT = 1, 2
GRASS = background_id(DOG, 0, 0)


def test_an_object_keeps_pixels_where_it_beats_its_background() -> None:
    logits = torch.tensor([[4.0, 4.0, 4.0, -2.0], [3.0, 6.0, -5.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    alike = torch.tensor([[0.1], [0.9], [0.9]]).expand(3, 4)  # all pixels look like grass
    found = subtract_backgrounds(logits, torch.tensor([DOG, GRASS, CAT]), torch.ones(3, dtype=torch.bool), alike)
    assert found[0].tolist() == [1.0, -2.0, 4.0, -3.0]  # 4 - 3, 4 - 6, 4 (the background is not there), -2 - 1
    assert found[1].tolist() == logits[1].tolist() and found[2].tolist() == logits[2].tolist()


def test_a_background_that_finds_the_object_itself_takes_nothing_that_looks_like_it() -> None:
    logits, objects = torch.tensor([[2.0, 2.0], [9.0, 9.0]]), torch.tensor([DOG, GRASS])
    alike = torch.tensor([[0.8, 0.3], [0.5, 0.6]])  # the first pixel looks like the dog, the second like grass
    found = subtract_backgrounds(logits, objects, torch.ones(2, dtype=torch.bool), alike)
    assert found[0].tolist() == [2.0, -7.0]


def test_the_strongest_of_several_backgrounds_counts() -> None:
    objects, alike = torch.tensor([GRASS, background_id(DOG, 3, 1), DOG]), torch.tensor([[1.0], [1.0], [0.0]])
    logits, seen = torch.tensor([[1.0], [3.0], [2.0]]), torch.ones(3, dtype=torch.bool)
    assert subtract_backgrounds(logits, objects, seen, alike)[2].item() == -1.0


def test_a_background_that_is_not_seen_takes_nothing() -> None:
    logits, alike = torch.tensor([[2.0], [9.0]]), torch.tensor([[0.0], [1.0]])
    seen = torch.tensor([True, False])
    assert torch.equal(subtract_backgrounds(logits, torch.tensor([DOG, GRASS]), seen, alike), logits)
