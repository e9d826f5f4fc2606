"""Places, lines and overlaps of tubes small enough to count."""
import torch

from gvseg.core.trajectory import centres_and_areas, covered_share, extrapolate, keep_best, shared_overlap, speeds


def box(rows: slice, columns: slice) -> torch.Tensor:
    """A tube of one frame of 6 x 8 pixels."""
    mask = torch.zeros(1, 6, 8, dtype=torch.bool)
    mask[0, rows, columns] = True
    return mask


def test_the_centre_of_a_box_is_its_middle():
    centres, areas = centres_and_areas(torch.stack((box(slice(1, 4), slice(2, 7)), box(slice(0, 0), slice(0, 0)))))
    assert centres.tolist() == [[[4.0, 2.0]], [[0.0, 0.0]]]
    assert areas.tolist() == [[15.0], [0.0]]


def test_a_line_through_three_places_goes_on():
    centres = torch.tensor([[[0.0, 9.0], [2.0, 8.0], [4.0, 7.0]]])
    places = extrapolate(centres, torch.tensor([[0.0, 1.0, 2.0]]), torch.ones(1, 3, dtype=torch.bool),
                         torch.tensor([3, 5]))
    assert torch.allclose(places, torch.tensor([[[6.0, 6.0], [10.0, 4.0]]]))


def test_each_tube_may_have_times_of_its_own():
    centres = torch.tensor([[[0.0, 9.0], [2.0, 8.0], [4.0, 7.0]]]).expand(2, 3, 2)
    places = extrapolate(centres, torch.tensor([[0.0, 1.0, 2.0]]).expand(2, 3), torch.ones(2, 3, dtype=torch.bool),
                         torch.tensor([[3], [5]]))
    assert torch.allclose(places, torch.tensor([[[6.0, 6.0]], [[10.0, 4.0]]]))


def test_unknown_places_do_not_bend_the_line():
    centres = torch.tensor([[[0.0, 0.0], [50.0, 50.0], [2.0, 0.0], [3.0, 0.0]]])
    known = torch.tensor([[True, False, True, True]])
    places = extrapolate(centres, torch.tensor([[0.0, 1.0, 2.0, 3.0]]), known, torch.tensor([4]))
    assert torch.allclose(places, torch.tensor([[[4.0, 0.0]]]), atol=1e-5)


def test_two_places_are_too_few_for_a_speed_and_none_give_zero():
    centres = torch.tensor([[[1.0, 1.0], [3.0, 3.0]], [[1.0, 1.0], [3.0, 3.0]]])
    known = torch.tensor([[True, True], [False, False]])
    places = extrapolate(centres, torch.tensor([[0.0, 1.0], [0.0, 1.0]]), known, torch.tensor([2]))
    assert places.tolist() == [[[3.0, 3.0]], [[0.0, 0.0]]]


def test_three_places_at_one_time_are_no_line():
    places = extrapolate(torch.ones(1, 3, 2), torch.zeros(1, 3), torch.ones(1, 3, dtype=torch.bool), torch.tensor([9]))
    assert places.tolist() == [[[1.0, 1.0]]]


def test_a_speed_is_that_of_the_known_places_and_worth_something_from_three_on():
    centres = torch.tensor([[[0.0, 9.0], [2.0, 8.0], [50.0, 0.0], [6.0, 6.0]], [[0.0, 0.0]] * 4])
    known = torch.tensor([[True, True, False, True], [True, True, False, False]])
    speed, moves = speeds(centres, torch.arange(4.0).expand(2, 4), known)
    assert torch.allclose(speed[0], torch.tensor([2.0, -1.0]))
    assert moves.tolist() == [True, False]


def test_overlap_counts_pixels_of_all_frames():
    left = torch.stack((box(slice(0, 2), slice(0, 4)), ))
    right = torch.stack((box(slice(0, 2), slice(2, 6)), box(slice(4, 6), slice(0, 4))))
    assert torch.allclose(shared_overlap(left, right), torch.tensor([[4 / 12, 0.0]]))
    assert shared_overlap(left[:, :0], right[:, :0]).tolist() == [[0.0, 0.0]]  # no frame in common


def test_covered_share_looks_at_each_frame_and_at_the_border_from_outside():
    tube = torch.cat((box(slice(0, 2), slice(0, 2)), box(slice(4, 6), slice(6, 8))))[None]
    places = torch.tensor([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [99.0, 99.0]]])
    assert covered_share(tube, places).tolist() == [[0.5], [1.0]]


def test_the_better_of_two_alike_is_kept():
    tubes = torch.stack((box(slice(0, 2), slice(0, 4)), box(slice(0, 2), slice(0, 3)), box(slice(4, 6), slice(0, 4))))
    assert keep_best(tubes, torch.tensor([0.5, 0.9, 0.1]), 0.7).tolist() == [False, True, True]  # IoU is 0.75
    assert keep_best(tubes, torch.tensor([0.5, 0.9, 0.1]), 0.8).tolist() == [True, True, True]
    assert keep_best(tubes[:0], torch.zeros(0), 0.5).tolist() == []
