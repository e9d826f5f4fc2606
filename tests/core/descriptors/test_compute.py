"""Descriptors of masks so small that a reader can count their histograms.

With four angle bins, bin 0 is right and down of the centre, 1 left and down, 2 left and up, 3 right and up.
"""

import math

import pytest
import torch
from torch import Tensor

from gvseg.core.descriptors import DescriptorSpec, compute_descriptors, to_query_dim, tube_cues

QUADRANTS = dict(angle_bins=4, radius_bins=1)
READINGS = [
    {},
    dict(points=None),
    dict(binning='soft'),
    dict(points=None, binning='soft'),
    dict(radius='object'),
    dict(radius='object', points=None, binning='soft'),
    dict(outside='none'),
    dict(holes=False),
    dict(holes=False, points=None, binning='soft'),
]


def picture(*rows: str) -> Tensor:
    return torch.tensor([[character == '#' for character in row] for row in rows])


def blobs(count: int, height: int = 30, width: int = 40) -> Tensor:
    """Smooth random masks, the third one empty."""
    noise = torch.rand(count, 1, height, width, generator=torch.Generator().manual_seed(1))
    masks = torch.nn.functional.avg_pool2d(noise, 9, 1, 4)[:, 0] > 0.5
    masks[2] = False
    return masks


def test_ring_of_eight_points_has_two_in_each_quadrant() -> None:
    # The square's centre is no contour pixel. Its other pixels lie at 0, 45, 90, ... degrees, 1 or 1.41 pixels away;
    # the frame's diagonal is 5, so that the first of two radius bins ends at 2.5.
    square = picture('###.', '###.', '###.')
    spec = DescriptorSpec(angle_bins=4, radius_bins=2, points=8, outside='none')
    assert compute_descriptors(square, spec, dim=1).tolist() == [[2, 0]] * 4
    assert compute_descriptors(square, spec, dim=4).tolist() == [[1, 0]] * 4


def test_all_contour_pixels_weigh_two_hundred_together() -> None:
    square = picture('###.', '###.', '###.')
    spec = DescriptorSpec(**QUADRANTS, points=None, outside='none')
    assert compute_descriptors(square, spec, dim=1).tolist() == [[200 * 2 / 8]] * 4


@pytest.mark.parametrize(('points', 'expected'), [(4, 1), (8, 2), (12, 3), (200, 50)])
def test_points_are_spread_evenly(points: int, expected: int) -> None:
    square = picture('###.', '###.', '###.')
    spec = DescriptorSpec(**QUADRANTS, points=points, outside='none')
    assert compute_descriptors(square, spec, dim=1).tolist() == [[expected]] * 4


def test_far_points_fall_into_far_bins() -> None:
    # Distances 1.5 0.5 0.5 1.5; the frame's diagonal is 5, so that a bin is 1.25 wide. The right half lies at 0
    # degrees, in the first half turn, the left one at 180, in the second.
    line = picture('####', '....', '....')
    spec = DescriptorSpec(angle_bins=2, radius_bins=4, points=4, outside='none')
    assert compute_descriptors(line, spec, dim=1).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]
    # Of a real frame of 3 x 2 pixels only the left half of the line remains.
    assert compute_descriptors(line, spec, dim=1, frame_size=(3, 2)).tolist() == [[2, 0, 0, 0], [2, 0, 0, 0]]


def test_two_hundred_points_give_each_bin_its_share_to_within_one() -> None:
    counts, shares = (
        compute_descriptors(blobs(6, 90, 120), DescriptorSpec(points=points, outside='none'), 1)
        for points in (200, None)
    )
    assert float((counts - shares).abs().max()) <= 1
    assert counts.sum((1, 2)).tolist() == [200, 200, 0, 200, 200, 200]


def test_bins_whose_centre_is_off_the_frame_are_negative() -> None:
    # Bin centres: half the diagonal away at 45 degrees, that is 2 rows and 2 columns from the mask's centre (1, 1):
    # (3, 3) is in the frame, rows or columns -1 are not. The frame wins over a count.
    corner = picture('##..', '##..', '....', '....')
    spec = DescriptorSpec(**QUADRANTS, points=4)
    assert compute_descriptors(corner, spec, dim=4).flatten().tolist() == [0.5, -0.5, -0.5, -0.5]
    assert compute_descriptors(corner.flip(0, 1), spec, dim=4).flatten().tolist() == [-0.5, -0.5, 0.5, -0.5]


def test_like_shapes_differ_by_place_only_through_the_frame() -> None:
    masks = torch.zeros(2, 20, 30, dtype=torch.bool)
    masks[0, 2:6, 3:9] = True
    masks[1, 11:15, 18:24] = True
    placed, plain = (compute_descriptors(masks, DescriptorSpec(outside=outside), 64) for outside in ('frame', 'none'))
    assert torch.equal(plain[0], plain[1])
    assert not torch.equal(placed[0], placed[1])


def test_object_radius_ignores_scale_and_frame_radius_does_not() -> None:
    masks = torch.zeros(2, 40, 40, dtype=torch.bool)
    masks[0, 18:22, 18:22] = True
    masks[1, 12:28, 12:28] = True
    angles = dict(angle_bins=4, radius_bins=2, points=None, outside='none')
    small, large = compute_descriptors(masks, DescriptorSpec(radius='object', **angles), 1)
    torch.testing.assert_close(small.sum(1), torch.full((4,), 50.0))
    torch.testing.assert_close(small[:, 1], large[:, 1])
    small, large = compute_descriptors(masks, DescriptorSpec(**{**angles, 'radius_bins': 12}), 1)
    assert not torch.equal(small, large)


def test_a_single_pixel_is_one_point_in_the_first_bin() -> None:
    for radius in ('frame', 'object'):
        spec = DescriptorSpec(**QUADRANTS, points=3, radius=radius, outside='none')
        assert compute_descriptors(picture('...', '.#.', '...'), spec, 1).flatten().tolist() == [3, 0, 0, 0]


def test_without_holes_only_the_outer_contour_counts() -> None:
    # A frame of 5 x 5 pixels around a hole of 3 x 3 has 16 pixels, all on the contour; so has the filled square.
    ring = torch.zeros(9, 9, dtype=torch.bool)
    ring[2:7, 2:7] = True
    filled = ring.clone()
    ring[3:6, 3:6] = False
    outer, all_contours = (dict(points=None, holes=holes) for holes in (False, True))
    for mask in (ring, filled):
        torch.testing.assert_close(
            compute_descriptors(mask, DescriptorSpec(**outer), 16),
            compute_descriptors(filled, DescriptorSpec(**all_contours), 16),
        )
    # Around the hole of a thicker frame lie 16 contour pixels at 2 to 2.8 from the centre, 24 outside at 3 to 4.2; bins
    # are sqrt(2) * 11 / 16 = 0.97 wide.
    thick = torch.zeros(11, 11, dtype=torch.bool)
    thick[2:9, 2:9] = True
    thick[4:7, 4:7] = False
    spec = dict(angle_bins=1, radius_bins=16, points=None, outside='none')
    both, alone = (compute_descriptors(thick, DescriptorSpec(**spec, holes=holes), 1)[0] for holes in (True, False))
    assert both[2].item() == pytest.approx(200 * 16 / 40) and both[3:].sum().item() == pytest.approx(200 * 24 / 40)
    assert not alone[:3].any() and alone.sum().item() == pytest.approx(200)


def test_soft_angles_are_shared_around_the_circle() -> None:
    # The right and the middle pixel are at 0 degrees, between bins 0 and 3; the left one at 180, between 1 and 2.
    spec = DescriptorSpec(**QUADRANTS, points=3, binning='soft', outside='none')
    assert compute_descriptors(picture('###.', '....', '....'), spec, 1).flatten().tolist() == [1, 0.5, 0.5, 1]


def test_soft_radii_are_shared_between_neighbours() -> None:
    # Two pixels 2.5 from their centre; the diagonal is 10 and bin centres are at 1.25, 3.75, 6.25 and 8.75.
    masks = torch.zeros(6, 8, dtype=torch.bool)
    masks[0, [0, 5]] = True
    spec = DescriptorSpec(angle_bins=1, radius_bins=4, points=2, binning='soft', outside='none')
    assert compute_descriptors(masks, spec, 1).tolist() == [[1, 1, 0, 0]]


def test_padding_does_not_count() -> None:
    masks = blobs(4)
    padded = torch.zeros(4, 50, 50, dtype=torch.bool)
    padded[:, :30, :40] = masks
    padded[:, 35:, 45:] = True
    for frame_size in ((30, 40), torch.tensor((30, 40)), torch.tensor([[30, 40]] * 4)):
        expected = compute_descriptors(masks, DescriptorSpec(), 64)
        assert torch.equal(compute_descriptors(padded, DescriptorSpec(), 64, frame_size), expected)


def test_every_mask_may_have_a_frame_of_its_own() -> None:
    masks, sizes = blobs(4), torch.tensor([[30.0, 40.0], [30.0, 30.0], [25.0, 40.0], [20.5, 33.3]])
    together = compute_descriptors(masks.view(2, 2, 30, 40), DescriptorSpec(), 64, sizes.view(2, 2, 2)).flatten(0, 1)
    alone = [compute_descriptors(mask, DescriptorSpec(), 64, tuple(size.tolist())) for mask, size in zip(masks, sizes)]
    torch.testing.assert_close(together, torch.stack(alone))


@pytest.mark.parametrize('reading', READINGS)
def test_empty_masks_are_zero_and_leave_the_others_alone(reading: dict) -> None:
    spec = DescriptorSpec(**reading)
    descriptors = compute_descriptors(blobs(5), spec, 64)
    assert not descriptors[2].any()
    assert all(descriptors[index].any() for index in (0, 1, 3, 4))
    assert not compute_descriptors(torch.zeros(3, 8, 8), spec, 64).any()
    assert compute_descriptors(torch.zeros(2, 0, 8, 8), spec, 64).shape == (2, 0, 36, 12)


@pytest.mark.parametrize('reading', READINGS)
def test_many_masks_at_once_equal_one_by_one(reading: dict) -> None:
    masks, spec = blobs(6), DescriptorSpec(**reading)
    together = compute_descriptors(masks.view(2, 3, 30, 40), spec, 64).flatten(0, 1)
    torch.testing.assert_close(together, torch.stack([compute_descriptors(mask, spec, 64) for mask in masks]))


@pytest.mark.parametrize('reading', READINGS)
def test_both_backends_give_the_same(reading: dict) -> None:
    masks, spec = blobs(6), DescriptorSpec(**reading)
    for shape, frame_size in (
        ((6, 30, 40), None),
        ((2, 3, 30, 40), (20, 33.5)),
        ((2, 3, 30, 40), 20 + 10 * torch.rand(2, 3, 2)),
    ):
        sparse_ones, dense_ones = (
            compute_descriptors(masks.view(shape), spec, 64, frame_size, backend) for backend in ('sparse', 'dense')
        )
        torch.testing.assert_close(dense_ones, sparse_ones)


def test_the_cue_of_a_tube_is_the_mean_of_its_descriptors_at_query_width() -> None:
    tubes, spec = blobs(6).view(2, 3, 30, 40), DescriptorSpec()
    tubes[1] = False  # nowhere; the other one is in all frames but the third, in which it is empty
    descriptors = compute_descriptors(tubes, spec, 64, (28, 38.5))
    expected = to_query_dim((descriptors[:, 0] + descriptors[:, 1]) / 2, 64)
    for backend in ('sparse', 'dense'):
        found = tube_cues(tubes, spec, 64, (28, 38.5), backend)
        torch.testing.assert_close(found, expected)
        assert found[0].any() and not found[1].any()
    assert tube_cues(tubes[:0], spec, 64).shape == (0, 64)


def counted(mask: Tensor, spec: DescriptorSpec, dim: int) -> Tensor:
    """Eq. 4 with all contour pixels, as one would write it by hand for one mask."""
    height, width = mask.shape
    reach = math.hypot(height, width)
    inside = [(y, x) for y, x in mask.nonzero().tolist()]
    contour = [
        (y, x) for y, x in inside if any((y + dy, x + dx) not in set(inside) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    ]
    cy, cx = (sum(place[axis] for place in inside) / len(inside) + 0.5 for axis in (0, 1))
    histogram = torch.zeros(spec.angle_bins, spec.radius_bins)
    for y, x in contour:
        dy, dx = y + 0.5 - cy, x + 0.5 - cx
        angle = int(math.atan2(dy, dx) / (2 * math.pi) % 1 * spec.angle_bins)
        radius = int(math.hypot(dy, dx) / reach * spec.radius_bins)
        histogram[angle, radius] += 200 / len(contour) / math.sqrt(dim)
    for i in range(spec.angle_bins):
        for j in range(spec.radius_bins):
            angle, radius = (i + 0.5) / spec.angle_bins * 2 * math.pi, (j + 0.5) / spec.radius_bins * reach
            y, x = cy + radius * math.sin(angle), cx + radius * math.cos(angle)
            if not (0 <= y <= height and 0 <= x <= width):
                histogram[i, j] = -1 / math.sqrt(dim)
    return histogram


def test_equals_the_formula_written_out() -> None:
    spec = DescriptorSpec(points=None)
    for mask in blobs(5, 17, 23)[[0, 1, 3, 4]]:
        torch.testing.assert_close(compute_descriptors(mask, spec, 64), counted(mask, spec, 64))


def test_numbers_above_one_half_are_inside() -> None:
    masks = blobs(4)
    expected = compute_descriptors(masks, DescriptorSpec(), 64)
    assert torch.equal(compute_descriptors(masks.float() * 0.6, DescriptorSpec(), 64), expected)
    assert torch.equal(compute_descriptors(masks.byte(), DescriptorSpec(), 64), expected)


@pytest.mark.parametrize(
    'wrong',
    [
        dict(binning='smooth'),
        dict(radius='mask'),
        dict(outside='mask'),
        dict(points='all'),
        dict(points=0),
        dict(angle_bins=0),
    ],
)
def test_unknown_readings_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)) if 'angle_bins' not in wrong else 'at least one bin'):
        DescriptorSpec(**wrong)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
@pytest.mark.parametrize('reading', READINGS)
def test_never_waits_for_the_device(reading: dict) -> None:
    masks, spec = blobs(6).cuda(), DescriptorSpec(**reading)
    expected = compute_descriptors(masks.cpu(), spec, 64)
    compute_descriptors(masks, spec, 64)
    torch.cuda.set_sync_debug_mode('error')
    try:
        found = compute_descriptors(masks, spec, 64)
    finally:
        torch.cuda.set_sync_debug_mode('default')
    torch.testing.assert_close(found.cpu(), expected, atol=0.26, rtol=0)
