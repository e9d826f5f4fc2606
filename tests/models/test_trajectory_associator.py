"""Equal things that pass each other, leave, return and repeat: hand-made clips of one look."""

import pytest
import torch

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors, end_frames
from gvseg.core.query_set import QuerySet
from gvseg.models.structures import ClipPrediction
from gvseg.models.tracking import MaskNMS, TrajectoryAssociator

D, LENGTH = 16, 3


def clip(start: int, *tracks, is_thing: bool = True) -> ClipPrediction:
    """Frames ``start`` to ``start + 2``; query i is a box with its left top corner where ``tracks[i]`` says.

    A track is a function of the frame that returns (row, column), for a square of side 6, or (row, column, height,
    width); ``None``: the query is nothing.
    """
    masks = torch.zeros(len(tracks), LENGTH, 40, 80, dtype=torch.bool)
    for index, track in enumerate(tracks):
        for time in range(LENGTH if track is not None else 0):
            row, column, *size = track(start + time)
            height, width = size or (6, 6)
            masks[index, time, row : row + height, max(column, 0) : max(column + width, 0)] = True
    present = masks.flatten(2).any(-1)
    ends = masks[torch.arange(len(masks))[:, None], end_frames(present)]
    seen = present.any(1).float() * 0.9
    queries = QuerySet(
        feature=torch.zeros(1, len(tracks), D),
        position=torch.zeros(1, len(tracks), D),
        takes_cues=torch.full((len(tracks),), False),
        classes=torch.ones(len(tracks), 1, dtype=torch.bool),
        is_thing=torch.full((len(tracks),), is_thing),
    )
    return ClipPrediction(
        probabilities=torch.stack((seen, 1 - seen), 1),
        masks=masks.float() * 8 - 4,
        embeddings=torch.ones(len(tracks), D),
        descriptors=compute_descriptors(ends, DescriptorSpec(), D),
        present=present,
        queries=queries,
        features=[],
        frames=torch.arange(start, start + LENGTH),
    )


def right(time: int) -> tuple:
    """From column 5 to the right, two pixels a frame."""
    return 10, 5 + 2 * time


def left(time: int) -> tuple:
    """From column 65 to the left."""
    return 10, 65 - 2 * time


def blob(time: int) -> tuple:
    """Both of them as one."""
    first, second = right(time)[1], left(time)[1]
    return 10, min(first, second), 6, abs(first - second) + 6


def test_twins_that_pass_each_other_keep_their_slots():
    associator = TrajectoryAssociator()
    for start in (0, 3, 6, 9):
        slots = associator.track(clip(start, right, left, None))
        assert slots.tolist()[:2] == [0, 1]
    associator.track(clip(13, blob, None, None))  # they touch from frame 12 to 18
    associator.track(clip(16, blob, None, None))
    after = associator.track(clip(19, left, right, None))
    assert after.tolist()[:2] == [1, 0]  # a tracker of last places would give [0, 1]


def test_where_both_stand_at_the_expected_place_the_speed_tells_them_apart():
    only_speed = TrajectoryAssociator(weights=dict(affinity=0.0, motion=0.0, size=0.0, classes=0.0, overlap=0.0))
    for start in (0, 3, 6, 9):
        only_speed.track(clip(start, right, left))
    slots = only_speed.track(clip(15, lambda time: (12, left(time)[1]), lambda time: (8, right(time)[1])))
    assert slots.tolist() == [1, 0]


def test_an_object_that_was_out_of_sight_gets_its_slot_back_where_it_is_expected():
    associator = TrajectoryAssociator(memory=4)
    for start in (0, 3, 6):
        associator.track(clip(start, right, left, None))
    associator.track(clip(9, None, left, None))
    assert associator.track(clip(12, left, None, right)).tolist() == [1, 2, 0]


def test_something_far_from_all_expected_places_opens_a_slot():
    associator = TrajectoryAssociator()
    for start in (0, 3):
        associator.track(clip(start, right, None, None))
    slots = associator.track(clip(6, lambda time: (30, 70), None, None))
    assert slots[0] != 0


def test_nothing_moves_straight_on_for_ever():
    associator = TrajectoryAssociator(num_history=6)
    for start in (0, 3):
        associator.track(clip(start, right, None))
    associator.track(clip(6, None, None))
    # The line is followed for six frames from frame 5: to column 27 and not to 65, where frame 30 would be.
    assert associator.track(clip(30, None, lambda time: (10, 27))).tolist() == [1, 0]


@pytest.mark.parametrize('start, slot', [(6, 1), (24, 0)])
def test_what_was_away_for_long_is_looked_for_farther_off(start, slot):
    associator = TrajectoryAssociator(num_history=6, max_motion_distance=3.0)
    for before in (0, 3):
        associator.track(clip(before, lambda time: (10, 20), None))
    associator.track(clip(start - 3, None, None))
    # 20 pixels off, six radii of a square of side 6: more than the reach, less than the three times as far of frame 24
    assert int(associator.track(clip(start, None, lambda time: (10, 40)))[1]) == slot


@pytest.mark.parametrize('sure, latest', [(0.3, 5), (0.0, 8)])
def test_an_unsure_query_keeps_the_slot_and_does_not_lead_it_astray(sure, latest):
    associator = TrajectoryAssociator(confidence=0.2, motion_update_score_thr=sure)
    for start in (0, 3):
        associator.track(clip(start, right))
    remnant = clip(6, lambda time: (14, right(time)[1], 2, 2))
    remnant.probabilities[0] = torch.tensor([0.25, 0.75])
    assert associator.track(remnant).tolist() == [0]
    assert int(associator.paths.times.max()) == latest and int(associator.state.age[0]) == 0


def test_without_memory_a_slot_is_free_again():
    associator = TrajectoryAssociator(memory=0)
    associator.track(clip(0, right, left))
    associator.track(clip(3, None, left))
    assert int((associator.paths.times[0] >= 0).sum()) == 0
    assert associator.track(clip(6, lambda time: (30, 70), left)).tolist() == [0, 1]


def test_overlapping_clips_are_linked_by_the_frames_they_share():
    associator = TrajectoryAssociator(weights=dict(affinity=0.0, motion=0.0, size=0.0, classes=0.0))
    associator.track(clip(0, right, left))
    assert associator.track(clip(2, left, right)).tolist() == [1, 0]
    assert int(associator.paths.times.max()) == 4


def test_a_frame_that_two_clips_have_is_remembered_once():
    associator = TrajectoryAssociator(num_history=6)
    associator.track(clip(0, right))
    associator.track(clip(1, right))
    assert associator.paths.times.tolist() == [[3, 2, 1, 0, -1, -1]]


def test_stuff_is_linked_by_affinity():
    associator = TrajectoryAssociator()
    associator.track(clip(0, right, left, is_thing=False))
    assert sorted(associator.track(clip(3, left, right, is_thing=False)).tolist()) == [0, 1]


def test_reset_forgets_all_and_nothing_in_view_is_no_error():
    associator = TrajectoryAssociator()
    associator.track(clip(0, None, None))
    associator.track(clip(3, right, None))
    associator.reset()
    assert associator.paths is None and associator.state is None
    assert associator.track(clip(0, None, None)).tolist() == [0, 1]


@pytest.mark.parametrize('is_thing, expected', [(True, [0.9, 0.0]), (False, [0.9, 0.9])])
def test_a_repeated_thing_is_silenced_and_stuff_is_not(is_thing, expected):
    both = clip(0, right, lambda time: (11, 5 + 2 * time), is_thing=is_thing)
    both.masks[0] *= 2  # surer of its shape
    quiet = MaskNMS(0.5)(both)
    assert torch.allclose(quiet.probabilities[:, 0], torch.tensor(expected))
    assert torch.allclose(quiet.probabilities.sum(1), torch.ones(2))
    assert torch.allclose(both.probabilities[:, 0], torch.tensor([0.9, 0.9]))  # the clip that came in is left alone
