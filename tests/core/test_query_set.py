"""Which query may become what."""

import torch

from gvseg.core.query_set import QuerySet, concatenate


def queries(classes: list, is_thing: bool, objects: list | None = None, takes_cues: bool = True) -> QuerySet:
    count = len(classes)
    return QuerySet(
        torch.zeros(1, count, 4),
        torch.zeros(1, count, 4),
        torch.full((count,), takes_cues),
        torch.tensor(classes, dtype=torch.bool),
        torch.full((count,), is_thing),
        None if objects is None else torch.tensor([objects]),
    )


THINGS = queries([[1, 1, 0]] * 2, is_thing=True)
STUFF = queries([[0, 0, 1]], is_thing=False)


def test_things_and_stuff_side_by_side_keep_their_classes() -> None:
    both = concatenate([THINGS, STUFF])
    assert both.feature.shape == (1, 3, 4)
    # Tubes of classes 2 and 0: stuff may become the first only, things the second only.
    assert both.allowed(0, torch.tensor([2, 0]), torch.tensor([9, 8])).tolist() == [
        [False, True],
        [False, True],
        [True, False],
    ]


def test_free_queries_have_no_restriction() -> None:
    assert THINGS.allowed(0, torch.tensor([0, 1]), torch.tensor([8, 9])).tolist() == [[True, True], [True, True]]


def test_queries_made_for_an_object_may_become_no_other() -> None:
    shown = queries([[1], [1], [1]], True, objects=[5, 7, -1])
    assert shown.allowed(0, torch.tensor([0, 0]), torch.tensor([7, 5])).tolist() == [
        [False, True],
        [True, False],
        [False, False],
    ]


def test_identities_pass_between_queries_of_one_kind() -> None:
    assert concatenate([THINGS, STUFF]).same_role().tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, True],
    ]


def test_the_role_of_a_thing_is_not_whether_it_takes_cues() -> None:
    without_cues = queries([[1, 1, 0]], is_thing=True, takes_cues=False)
    assert concatenate([THINGS, without_cues]).same_role().all()
    stuff_with_cues = queries([[1, 1, 0]], is_thing=False, takes_cues=True)
    assert concatenate([without_cues, stuff_with_cues]).same_role().tolist() == [[True, False], [False, True]]
