"""Palette, overlay, legend and layouts."""

import numpy as np
import pytest

from gvseg.visualization import (
    Style,
    class_colours,
    contact_sheet,
    evenly_spaced_frames,
    id_colours,
    identity_names,
    legend,
    overlay,
    predicted_segments,
    side_by_side,
    true_segments,
)
from gvseg.visualization.drawing import segment_label, text_size
from gvseg.visualization.layout import sheet_width
from gvseg.visualization.plots import plot_affinity, plot_descriptor
from gvseg.visualization.segments import FrameSegments

from .samples import (
    CLASSES,
    HEIGHT,
    WIDTH,
    columns,
    empty_sample,
    with_instances,
    with_panoptic,
    with_semantic,
    with_truth,
)

PLAIN = Style(alpha=0.5, contour=0, labels=False, min_height=1)


def test_a_colour_depends_on_the_id_alone() -> None:
    np.testing.assert_array_equal(id_colours([3, 9, 3])[[0, 2]], id_colours(np.array([3, 3])))


def test_colours_do_not_change_between_versions() -> None:
    assert id_colours([0]).tolist() == [[0, 150, 255]]
    assert class_colours([0]).tolist() == [[110, 150, 190]]


@pytest.mark.parametrize('colours', [id_colours, class_colours])
def test_colours_of_neighbouring_ids_differ(colours) -> None:
    table = colours(np.arange(128)).astype(int)
    assert len(np.unique(table, axis=0)) == 128
    first = table[:12]
    distance = np.abs(first[:, None] - first[None]).sum(-1) + 1000 * np.eye(12, dtype=int)
    assert distance.min() > 30  # the first dozen tells apart at a glance


def test_overlay_blends_masks_and_leaves_the_rest() -> None:
    image = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    drawn = overlay(image, predicted_segments(with_panoptic(empty_sample())), PLAIN)
    colour = id_colours([5])[0].astype(int)
    np.testing.assert_array_equal(drawn[0, 0], (100 + colour) // 2)
    np.testing.assert_array_equal(drawn[:, 2:4], 100)  # void
    np.testing.assert_array_equal(drawn[0, 5], (100 + class_colours([2])[0].astype(int)) // 2)
    assert (image == 100).all()


def test_overlay_draws_better_instances_on_top() -> None:
    sample = with_instances(empty_sample())
    sample.pred_track_instances.masks[:] = True
    drawn = overlay(
        np.zeros((HEIGHT, WIDTH, 3), np.uint8),
        predicted_segments(sample),
        Style(alpha=1.0, contour=0, labels=False, min_height=1),
    )
    np.testing.assert_array_equal(drawn[0, 0], id_colours([5])[0])


def test_overlay_enlarges_small_frames_and_scales_segments() -> None:
    image = np.full((HEIGHT * 2, WIDTH * 2, 3), 100, np.uint8)  # twice the size of the masks
    drawn = overlay(image, predicted_segments(with_semantic(empty_sample())), Style(min_height=20, labels=False))
    assert drawn.shape == (HEIGHT * 2 * 3, WIDTH * 2 * 3, 3)
    assert (drawn != 100).any(-1).all()


def test_labels_fit_into_a_tiny_frame() -> None:
    drawn = overlay(
        np.zeros((HEIGHT, WIDTH, 3), np.uint8),
        predicted_segments(with_instances(empty_sample()), CLASSES),
        Style(min_height=1),
    )
    assert drawn.shape == (HEIGHT, WIDTH, 3)


def test_a_label_is_over_the_largest_part_of_its_segment() -> None:
    mask = np.zeros((1, 300, 400), bool)
    mask[0, 20:24, 20:24] = True  # a stray speck, higher than the thing
    mask[0, 150:250, 250:350] = True
    one = np.zeros(1, np.int64)
    segments = FrameSegments(mask, one, one + 1, one == 0, ('car',))
    plain, labelled = (
        overlay(np.zeros((300, 400, 3), np.uint8), segments, Style(contour=0, labels=labels))
        for labels in (False, True)
    )
    rows, places = np.nonzero((plain != labelled).any(-1))
    assert rows.min() > 125 and rows.max() < 150 and places.min() > 250 and places.max() < 350


def test_labels_do_not_hide_each_other() -> None:
    masks = np.zeros((3, 300, 400), bool)
    masks[0, 150:200, 100:150] = masks[1, 152:200, 160:200] = masks[2, 152:200, 205:250] = True
    ids = np.arange(3)
    segments = FrameSegments(masks, ids, ids, ids >= 0, ('a long name', 'another name', 'one more name'))
    drawn = overlay(np.full((300, 400, 3), 7, np.uint8), segments, Style(contour=0, alpha=0.0))
    areas = []
    for index in range(3):
        text = text_size(segment_label(segments, index), Style().font_scale)
        areas.append((text[0] + 5) * (text[1] + 8))
    assert (drawn != 7).any(-1).sum() == sum(areas)


def test_labels_of_large_frames_are_larger() -> None:
    heights = []
    for size in ((360, 640), (1080, 1920), (1920, 1080), (2160, 3840)):
        mask = np.zeros((1, *size), bool)
        mask[0, size[0] // 2 :] = True
        one = np.zeros(1, np.int64)
        drawn = overlay(
            np.zeros((*size, 3), np.uint8), FrameSegments(mask, one, one, one == 0, ('car',)), Style(contour=0)
        )
        heights.append(int(drawn[: size[0] // 2 - 1].any((1, 2)).sum()))
    assert heights[0] < 20 and heights[1] == heights[2]
    factors = np.divide(heights, heights[0])
    np.testing.assert_allclose(factors, [1, 3, 3, 6], rtol=0.25)  # letters have whole pixels


def test_a_class_name_of_other_letters_is_drawable() -> None:
    overlay(np.zeros((90, 160, 3), np.uint8), predicted_segments(with_semantic(empty_sample()), ('é', '猫', 'Ω')))
    widths = [text_size(text, 1.0)[0] for text in ('wélö', 'welo', 'w?l?')]
    assert widths[0] == widths[1] != widths[2]


def test_legend_names_every_segment_once() -> None:
    segments = predicted_segments(with_panoptic(empty_sample()), CLASSES)
    once, twice = legend([segments], 400), legend([segments, segments], 400)
    np.testing.assert_array_equal(once, twice)
    for colour in (id_colours([5])[0], class_colours([2])[0]):
        assert (once == colour).all(-1).any()


def test_legend_breaks_lines_and_counts_what_is_left() -> None:
    segments = [predicted_segments(with_semantic(empty_sample()), ('a' * 20,) * 3)]
    assert len(legend(segments, 200)) == 2 * len(legend(segments, 800))
    assert len(legend(segments, 200, max_rows=1)) == len(legend(segments, 800))
    assert legend([], 200).shape == (0, 200, 3)


def test_side_by_side_keeps_panels() -> None:
    panels = [np.full((10, 20, 3), value, np.uint8) for value in (10, 20)]
    joined = side_by_side(panels, ['a', 'b'])
    np.testing.assert_array_equal(joined[-10:, :20], 10)
    np.testing.assert_array_equal(joined[-10:, -20:], 20)


def test_contact_sheet_has_a_cell_for_every_frame() -> None:
    rows = [[np.full((12, 24, 3), 40 * row + 10 * column + 5, np.uint8) for column in range(3)] for row in range(2)]
    footer = np.zeros((7, 500, 3), np.uint8)
    sheet = contact_sheet(rows, ['in', 'out'], ['0', '1', '2'], 'title', footer, cell_width=48)
    assert sheet.shape[1] == sheet_width(3, 48)
    for row in range(2):
        for column in range(3):
            assert (sheet == 40 * row + 10 * column + 5).all(-1).sum() >= 24 * 48 * 0.99


@pytest.mark.parametrize('length, count, expected', [(24, 4, [0, 8, 15, 23]), (3, 6, [0, 1, 2]), (1, 6, [0])])
def test_evenly_spaced_frames(length: int, count: int, expected: list[int]) -> None:
    assert evenly_spaced_frames(length, count) == expected


def test_truth_takes_the_name_of_the_tube_it_overlaps_most() -> None:
    predicted = [predicted_segments(with_panoptic(empty_sample()))]
    assert identity_names(predicted, [true_segments(with_truth(empty_sample()))]) == {31: 5}


def test_unmatched_truth_never_takes_a_predicted_name() -> None:
    sample = with_truth(empty_sample())
    sample.gt_instances.instances_ids[0] = 5
    sample.gt_instances.masks[0] = sample.gt_instances.masks[0].new_tensor(columns(2, 4))
    assert identity_names([predicted_segments(with_panoptic(empty_sample()))], [true_segments(sample)]) == {5: 6}


def test_descriptor_plot_shows_the_filled_bin() -> None:
    mask = np.zeros((60, 80), bool)
    mask[20:40, 30:50] = True
    grey = np.full((60, 80, 3), 128, np.uint8)
    descriptor = np.zeros((4, 2))
    empty = plot_descriptor(grey, mask, descriptor, radius=40)
    descriptor[0, 1] = 1.0  # angle 0..90 degrees: right and down; the outer ring: 20..40 pixels
    filled = plot_descriptor(grey, mask, descriptor, radius=40)
    rows, columns_ = np.nonzero((empty != filled).any(-1))
    assert rows.min() > empty.shape[0] * 0.45 and columns_.min() > empty.shape[1] * 0.45


def test_descriptor_plot_needs_a_mask() -> None:
    with pytest.raises(ValueError, match='empty mask'):
        plot_descriptor(np.zeros((6, 8, 3), np.uint8), np.zeros((6, 8), bool), np.zeros((4, 2)))


def test_affinity_plot_frames_the_matches() -> None:
    affinity = np.eye(3)
    assert (plot_affinity(affinity) != plot_affinity(affinity, matches=[0, -1, 2])).any()
