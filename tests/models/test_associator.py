"""Identities over clips: two like-looking queries told apart by place, vanishing, returning, switches of cues."""

from dataclasses import replace

import pytest
import torch
from mmdet.registry import TASK_UTILS
from mmengine.config import Config

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors
from gvseg.core.query_set import QuerySet
from gvseg.models.structures import ClipPrediction
from gvseg.models.tracking import SPAAssociator
from tests.models.builders import ROOT

D = 16


def prediction(
    boxes: list[tuple[int, int] | None], looks: list[int], is_thing: bool = True, objects: list[int] | None = None
) -> ClipPrediction:
    """One-frame clip: query i has a 6 x 6 square at (row, column) ``boxes[i]`` (or nothing), look ``looks[i]``."""
    count = len(boxes)
    masks = torch.zeros(count, 1, 40, 60, dtype=torch.bool)
    for index, place in enumerate(boxes):
        if place is not None:
            masks[index, 0, place[0] : place[0] + 6, place[1] : place[1] + 6] = True
    seen = masks.flatten(1).any(1)
    probabilities = torch.stack((seen.float() * 0.9, 1 - seen.float() * 0.9), 1)
    queries = QuerySet(
        feature=torch.zeros(1, count, D),
        position=torch.zeros(1, count, D),
        takes_cues=torch.full((count,), False),
        classes=torch.ones(count, 1, dtype=torch.bool),
        is_thing=torch.full((count,), is_thing),
        objects=None if objects is None else torch.tensor([objects]),
    )
    return ClipPrediction(
        probabilities=probabilities,
        masks=masks.float() - 0.5,
        embeddings=torch.eye(D)[looks],
        descriptors=compute_descriptors(masks, DescriptorSpec(), D).expand(-1, 2, -1, -1),
        present=masks.flatten(2).any(-1),
        queries=queries,
        features=[],
        frames=torch.arange(1),
    )


def test_the_first_clip_keeps_its_places():
    assert SPAAssociator().track(prediction([(0, 0), (20, 20)], [0, 1])).tolist() == [0, 1]


def test_appearance_alone_follows_queries_that_changed_places():
    associator = SPAAssociator(thing=dict(appearance=True, shape_position=False))
    associator.track(prediction([(0, 0), (20, 20)], [0, 1]))
    assert associator.track(prediction([(20, 21), (0, 1)], [1, 0])).tolist() == [1, 0]


def test_twins_are_told_apart_by_place_only():
    first, second = prediction([(2, 2), (30, 50)], [0, 0]), prediction([(30, 49), (2, 3)], [0, 0])
    with_cues = SPAAssociator()
    with_cues.track(first)
    assert with_cues.track(second).tolist() == [1, 0]
    without = SPAAssociator(thing=dict(appearance=True, shape_position=False))
    without.track(first)
    assert without.track(second).tolist() == [0, 1]  # a tie: Hungarian leaves them where they are, which is wrong


@pytest.mark.parametrize(('confident_only', 'expected'), [(True, 0), (False, 2)])
def test_queries_that_show_nothing_do_not_move_an_object(confident_only, expected):
    """An object and two spare queries: one of them resembles the object's slot more than the object does."""
    associator = SPAAssociator(thing=dict(appearance=True, shape_position=False), confident_only=confident_only)
    first, second = prediction([(2, 2), None, None], [0, 1, 2]), prediction([(2, 2), None, None], [0, 0, 1])
    second.embeddings[0] = torch.tensor([3.0, 0, 0, 4.0, *[0] * (D - 4)])  # alike to 0.6
    associator.track(first)
    # Of all pairs the best have 1 + 1 + 0, with the object in the last slot; where it stays they have 0.6 + 0 + 1.
    assert associator.track(second)[0] == expected


def test_stuff_queries_are_matched_without_place():
    associator = SPAAssociator()
    associator.track(prediction([(2, 2), (30, 50)], [0, 1], is_thing=False))
    assert associator.track(prediction([(2, 2), (30, 50)], [1, 0], is_thing=False)).tolist() == [1, 0]


def test_the_four_rows_of_table_4d_link_differently():
    """Two things and two kinds of stuff; looks say that both pairs changed places, shape and position that none did."""
    first, second = (prediction([(2, 2), (30, 50), (2, 30), (30, 10)], looks) for looks in ([0, 1, 2, 3], [1, 0, 3, 2]))
    for clip in (first, second):
        clip.embeddings = clip.embeddings / 100  # so that cues count for more than looks where both are asked
        clip.queries = replace(
            clip.queries,
            is_thing=torch.tensor([True, True, False, False]),
            classes=torch.tensor([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.bool),
        )
    found = []
    for row in (1, 2, 3, 4):
        config = Config.fromfile(ROOT / f'configs/ablation/gvseg-vps_tiny_1xb2-short_moving-shapes_4d-row{row}.py')
        associator = TASK_UTILS.build(config.model.associator)
        associator.track(first)
        found.append(associator.track(second).tolist())
    assert found == [[1, 0, 3, 2], [0, 1, 3, 2], [1, 0, 2, 3], [0, 1, 2, 3]]


def test_stuff_of_one_class_continues_itself_unless_it_is_linked():
    first, second = (prediction([(2, 2), (30, 50)], looks, is_thing=False) for looks in ([0, 1], [1, 0]))
    for clip in (first, second):
        clip.queries = replace(clip.queries, classes=torch.eye(2, dtype=torch.bool))
    for link_stuff, expected in ((False, [0, 1]), (True, [1, 0])):
        associator = SPAAssociator(link_stuff=link_stuff)
        associator.track(first)
        assert associator.track(second).tolist() == expected


def test_a_hidden_object_gets_its_slot_back_while_it_is_remembered():
    shown, hidden = prediction([(2, 2), (30, 50)], [0, 1]), prediction([(2, 2), None], [0, 5])
    returned = prediction([(30, 48), (2, 2)], [1, 0])
    patient, forgetful = SPAAssociator(memory=10), SPAAssociator(memory=0)
    for associator in (patient, forgetful):
        for clip in (shown, hidden, hidden):
            associator.track(clip)
    assert patient.track(returned).tolist() == [1, 0]
    assert forgetful.state.embeddings[1].tolist() == torch.eye(D)[5].tolist()
    assert patient.state.age.tolist() == [0, 0]


def test_a_stranger_does_not_take_a_hidden_objects_slot_while_another_is_open():
    shown = prediction([(2, 2), (30, 50), None], [0, 1, 5])
    hidden = prediction([(2, 2), None, None], [0, 5, 6])
    stranger = prediction([(2, 2), (20, 25), None], [0, 2, 7])
    slots = {}
    for limit in (-1.0, 0.5):
        associator = SPAAssociator(return_affinity=limit, thing=dict(appearance=True, shape_position=False))
        for clip in (shown, hidden):
            associator.track(clip)
        slots[limit] = int(associator.track(stranger)[1])
    assert slots == {-1.0: 1, 0.5: 2}  # look 2 resembles neither look 1 nor the empty slot's look 6


def test_with_no_open_slot_left_a_stranger_takes_the_hidden_one():
    associator = SPAAssociator(return_affinity=0.5, thing=dict(appearance=True, shape_position=False))
    associator.track(prediction([(2, 2), (30, 50)], [0, 1]))
    associator.track(prediction([(2, 2), None], [0, 5]))
    assert associator.track(prediction([(2, 2), (20, 25)], [0, 2])).tolist() == [0, 1]


def test_a_negative_memory_is_refused():
    with pytest.raises(ValueError, match='set memory to 0'):
        SPAAssociator(memory=-1)


def test_reset_forgets_everything():
    associator = SPAAssociator()
    associator.track(prediction([(0, 0), (20, 20)], [0, 1]))
    associator.reset()
    assert associator.state is None
    assert associator.track(prediction([(20, 20), (0, 0)], [1, 0])).tolist() == [0, 1]


def test_a_new_object_takes_the_slot_of_its_query_and_keeps_it():
    associator = SPAAssociator()
    associator.track(prediction([(2, 2), None, None], [0, 3, 4], objects=[7, -1, -1]))
    slots = associator.track(prediction([(2, 3), (30, 40), None], [0, 1, 4], objects=[7, 9, -1]))
    assert slots.tolist() == [0, 1, 2]
    assert associator.state.objects.tolist() == [7, 9, -1]


@pytest.mark.parametrize('count', [1, 4])
def test_no_object_at_all(count):
    associator = SPAAssociator()
    for _ in range(3):
        slots = associator.track(prediction([None] * count, list(range(count))))
        assert sorted(slots.tolist()) == list(range(count))
