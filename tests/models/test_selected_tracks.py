"""Exemplars choose among the tubes of a model that takes none, and the chosen identity is followed."""

import warnings

import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from gvseg.core.tracking.selection import bounding_regions, point_overlap, region_overlap
from gvseg.models.exemplars import BACKGROUND
from gvseg.models.structures import TrackedClip
from gvseg.models.task_outputs import SelectedTracks

from .test_task_outputs import clip, frame

SIZE = (4, 6)
SURE, NOTHING = [0.9, 0.1], [0.1, 0.9]
LEFT, MIDDLE, ALL = (0, 2), (2, 4), (0, 6)


def columns(first: int, end: int) -> torch.Tensor:
    """A mask (4, 6) of some columns."""
    mask = torch.zeros(SIZE, dtype=torch.bool)
    mask[:, first:end] = True
    return mask


def shown(index: int, *exemplars: tuple[int, int, object]) -> DetDataSample:
    """A frame with exemplars (object id, kind, mask or point (x, y)); kinds are 0 mask, 1 box, 2 point."""
    sample = frame(SIZE)
    sample.set_metainfo(dict(frame_id=index))
    ids, kinds, values = zip(*exemplars)
    masks = [value if kind < 2 else torch.zeros(SIZE, dtype=torch.bool) for kind, value in zip(kinds, values)]
    points = [torch.tensor(value if kind == 2 else (0.5, 0.5)).expand(32, 2) for kind, value in zip(kinds, values)]
    sample.exemplars = InstanceData(
        instances_ids=torch.tensor(ids),
        kinds=torch.tensor(kinds),
        points=torch.stack(points),
        regions=torch.stack(masks),
        given_masks=[None] * len(ids),
    )
    return sample


def result(tracked: TrackedClip, sample: DetDataSample, output: SelectedTracks | None = None) -> list[int]:
    """Object of every column of the first row."""
    (output or SelectedTracks())(tracked, [sample])
    return sample.pred_object_map.sem_seg[0, 0].tolist()


def test_a_point_takes_the_smallest_mask_and_a_mask_the_most_similar() -> None:
    slots = clip([SURE] * 3, [ALL, LEFT, MIDDLE])
    assert result(slots, shown(0, (7, 2, (2.5, 1.0)))) == [0, 0, 7, 7, 0, 0] and slots.chosen == {7: 2}
    slots = clip([SURE] * 3, [ALL, LEFT, MIDDLE])
    assert result(slots, shown(0, (7, 0, columns(0, 5)))) == [7] * 6 and slots.chosen == {7: 0}


def test_a_box_is_compared_with_bounding_boxes() -> None:
    slots = clip([SURE] * 2, [MIDDLE, ALL])
    slots.masks[1, :, 1:, 1:5] = -8.0  # a frame without its inside: its box is everything, its mask is not
    assert result(slots, shown(0, (1, 1, columns(0, 6)))) == [1] * 6
    assert region_overlap(columns(0, 6)[None], slots.masks[:, 0] > 0, torch.tensor([False])).argmax() == 1
    assert bounding_regions(slots.masks[1:, 0] > 0).all() and not bounding_regions(torch.zeros(1, 4, 6).bool()).any()


def test_objects_of_a_frame_get_slots_of_their_own() -> None:
    slots = clip([SURE] * 2, [LEFT, (0, 3)])
    # Both masks resemble the first slot most; together the first object gives way, which costs less.
    sample = shown(0, (1, 0, columns(0, 3)), (2, 0, columns(0, 2)))
    assert result(slots, sample) == [2, 2, 1, 0, 0, 0] or slots.chosen == {1: 1, 2: 0}
    assert slots.chosen == {1: 1, 2: 0}


def test_the_identity_is_followed_and_later_objects_join() -> None:
    output, first = SelectedTracks(), clip([SURE] * 2, [LEFT, MIDDLE])
    assert result(first, shown(0, (1, 2, (0.5, 0.5))), output) == [1, 1, 0, 0, 0, 0]
    later = clip([SURE] * 2, [(4, 6), MIDDLE])  # slot 0 has moved
    later.chosen = first.chosen
    assert result(later, shown(3, (2, 2, (2.5, 0.5))), output) == [0, 0, 2, 2, 1, 1]
    assert later.chosen == {1: 0, 2: 1} and first.chosen == {1: 0}
    hidden = clip([NOTHING, SURE], [(4, 6), MIDDLE])
    hidden.chosen = later.chosen
    assert result(hidden, frame(SIZE), output) == [0, 0, 2, 2, 0, 0]


def test_nothing_is_shown_before_the_first_exemplar() -> None:
    before, sample = frame(SIZE), shown(1, (1, 2, (0.5, 0.5)))
    slots = clip([SURE], [LEFT])
    slots.masks = slots.masks.repeat(1, 2, 1, 1)
    SelectedTracks()(slots, [before, sample])
    assert not before.pred_object_map.sem_seg.any() and sample.pred_object_map.sem_seg[0, 0, 0] == 1


@pytest.mark.parametrize(
    'exemplar, probabilities',
    [
        ((1, 2, (5.5, 1.0)), SURE),  # beside the tube
        ((1, 2, (0.5, 1.0)), NOTHING),  # in a tube that is nothing
        ((1, 0, columns(1, 6)), SURE),  # overlaps by a sixth
    ],
)
def test_an_object_in_no_tube_is_announced(exemplar: tuple, probabilities: list[float]) -> None:
    slots = clip([probabilities], [LEFT])
    with pytest.warns(
        UserWarning, match='^Object 1, shown in frame 4, is in no tube of this model.* not followed'
    ) as said:
        assert result(slots, shown(4, exemplar)) == [0] * 6
    assert len(said) == 1 and slots.chosen == {}


def test_two_objects_in_one_tube_are_one_object() -> None:
    slots = clip([SURE], [LEFT])
    with pytest.warns(UserWarning, match='Object 2, shown in frame 0, is in no tube of this model that is not another'):
        result(slots, shown(0, (1, 2, (0.5, 0.5)), (2, 2, (1.5, 0.5))))
    with pytest.warns(UserWarning, match='Object 3'):
        result(slots, shown(1, (3, 2, (0.5, 0.5))))
    assert slots.chosen == {1: 0}


def test_a_correction_chooses_again_and_a_negative_point_forbids() -> None:
    slots = clip([SURE] * 2, [ALL, LEFT])
    assert result(slots, shown(0, (1, 2, (0.5, 0.5)))) == [1, 1, 0, 0, 0, 0]
    assert result(slots, shown(1, (1, 2, (5.5, 0.5)))) == [1] * 6 and slots.chosen == {1: 0}
    negative = (BACKGROUND + 1, 2, (5.5, 0.5))
    assert result(slots, shown(2, (1, 2, (0.5, 0.5)), negative)) == [1, 1, 0, 0, 0, 0]
    slots = clip([SURE] * 2, [ALL, MIDDLE])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        assert result(slots, shown(0, (1, 2, (0.5, 0.5)), negative)) == [0] * 6
    assert 'Object 1' in str(said[0].message)


def test_a_given_mask_is_the_result_of_its_frame() -> None:
    slots, sample = clip([SURE], [LEFT]), shown(0, (1, 0, columns(0, 3)))
    sample.exemplars.given_masks = [columns(0, 3)]
    assert result(slots, sample) == [1, 1, 1, 0, 0, 0] and slots.chosen == {1: 0}


def test_no_confident_slot_at_all() -> None:
    with pytest.warns(UserWarning, match='Object 1'):
        assert result(clip([NOTHING], [LEFT]), shown(0, (1, 0, columns(0, 2)))) == [0] * 6


def test_overlap_of_points() -> None:
    masks = torch.stack([columns(0, 3), columns(0, 6), columns(3, 6)])
    points = torch.tensor([[[0.5, 0.5], [2.9, 3.9]], [[0.5, 0.5], [5.5, 0.5]]])
    expected = [[1 - 12 / 25, 1 - 24 / 25, 0], [0, 1 - 24 / 25, 0]]
    torch.testing.assert_close(point_overlap(points, masks), torch.tensor(expected))
