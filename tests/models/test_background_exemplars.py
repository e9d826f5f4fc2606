"""Background exemplars lower the masks of their own object."""

import torch
from torch import Tensor

from gvseg.models.exemplars import ExemplarBatch, background_id, subtract_backgrounds

DOG, CAT = 1, 2
GRASS = background_id(DOG, 0, 0)


def subtracted(logits: Tensor, objects: list[int], alike: Tensor, acts: list[bool] | None = None) -> list[list[float]]:
    """Logits of one frame of pixels in a row, (n, w), after subtraction."""
    now = torch.tensor(acts or [True] * len(objects))[:, None]
    found = subtract_backgrounds(logits[:, None, None], torch.tensor(objects), now, alike[:, None, None])
    return found[:, 0, 0].tolist()


def test_an_object_keeps_pixels_where_it_beats_its_background() -> None:
    logits = torch.tensor([[4.0, 4.0, 4.0, -2.0], [3.0, 6.0, -5.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    alike = torch.tensor([[0.1], [0.9], [0.9]]).expand(3, 4)  # all pixels look like grass
    found = subtracted(logits, [DOG, GRASS, CAT], alike)
    assert found[0] == [1.0, -2.0, 4.0, -3.0]  # 4 - 3, 4 - 6, 4 (the background is not there), -2 - 1
    assert found[1:] == logits[1:].tolist()


def test_a_background_that_finds_the_object_itself_takes_nothing_that_looks_like_it() -> None:
    alike = torch.tensor([[0.8, 0.3], [0.5, 0.6]])  # the first pixel looks like the dog, the second like grass
    assert subtracted(torch.tensor([[2.0, 2.0], [9.0, 9.0]]), [DOG, GRASS], alike)[0] == [2.0, -7.0]


def test_the_strongest_of_several_backgrounds_counts() -> None:
    objects, alike = [GRASS, background_id(DOG, 3, 1), DOG], torch.tensor([[1.0], [1.0], [0.0]])
    assert subtracted(torch.tensor([[1.0], [3.0], [2.0]]), objects, alike)[2] == [-1.0]


def test_a_background_that_is_not_seen_takes_nothing() -> None:
    logits, alike = torch.tensor([[2.0], [9.0]]), torch.tensor([[0.0], [1.0]])
    assert subtracted(logits, [DOG, GRASS], alike, [True, False]) == logits.tolist()


def test_a_background_acts_in_some_frames_only() -> None:
    logits, alike = torch.tensor([2.0, 9.0]).view(2, 1, 1, 1).expand(2, 2, 1, 1), torch.tensor([0.0, 1.0])
    acts = torch.tensor([[False, False], [False, True]])
    found = subtract_backgrounds(logits, torch.tensor([DOG, GRASS]), acts, alike.view(2, 1, 1, 1).expand(2, 2, 1, 1))
    assert found[0].flatten().tolist() == [2.0, -7.0]


def test_where_exemplars_are_shown() -> None:
    shown = ExemplarBatch(torch.tensor([GRASS, DOG]), torch.tensor([2, 0]), torch.zeros(2, 1, 2), torch.zeros(2, 1, 1))
    assert shown.shown_in(torch.tensor([DOG, CAT, GRASS]), 3).int().tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
