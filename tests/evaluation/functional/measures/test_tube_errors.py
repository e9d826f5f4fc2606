"""Results of ground-truth tubes, counted by hand on frames of four pixels."""

import numpy as np
import pytest

from gvseg.evaluation.functional.measures.tube_errors import Segmented, TrueTube, TubeCounter, breakdown, tube_confusion


def segments(rows: list[list[int]], labels: list[int], ids: list[int]) -> Segmented:
    """Masks of a frame of 1 x 4 pixels, a row each."""
    return Segmented(np.array(rows, bool).reshape(len(rows), 1, 4), np.array(labels), np.array(ids))


@pytest.fixture
def counter() -> TubeCounter:
    """Two frames; object 7 of class 0 is half found as class 0 and later as a whole as class 1; object 8 is missed."""
    counter = TubeCounter('v', 2)
    counter.add_frame(segments([[1, 1, 0, 0], [0, 0, 0, 1]], [0, 1], [7, 8]), segments([[1, 0, 0, 0]], [0], [1]))
    counter.add_frame(segments([[1, 1, 0, 0]], [0], [7]), segments([[1, 1, 0, 0]], [1], [2]))
    return counter


def test_a_tube_is_compared_over_the_whole_video(counter: TubeCounter) -> None:
    first, second = counter.tubes()
    # Of class 0: 1 pixel of 4 in common. Of any class: 2 of 4, which is found, as class 1.
    assert first == TrueTube('v', 7, 0, frames=2, area=0.5, iou=0.25, best_label=1)
    assert second == TrueTube('v', 8, 1, frames=1, area=0.25, iou=0.0, best_label=2)


def test_pixels_and_tubes_are_counted_by_class(counter: TubeCounter) -> None:
    assert counter.pixels.tolist() == [[1, 2, 1], [0, 0, 1], [0, 0, 3]]
    assert tube_confusion(counter.tubes(), 2).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_void_does_not_count() -> None:
    counter = TubeCounter('v', 1)
    counter.add_frame(
        segments([[1, 0, 0, 0]], [0], [1]), segments([[1, 1, 1, 1]], [0], [1]), np.array([[False, True, True, True]])
    )
    assert counter.tubes()[0].iou == 1.0 and counter.pixels.tolist() == [[1, 0], [0, 0]]


def test_frames_without_a_segment() -> None:
    counter = TubeCounter('v', 1)
    counter.add_frame(segments([], [], []), segments([], [], []))
    counter.add_frame(segments([[1, 0, 0, 0]], [0], [3]), segments([], [], []))
    assert counter.tubes() == [TrueTube('v', 3, 0, 1, 0.25, 0.0, 1)] and counter.pixels.sum() == 8


def test_errors_by_class_size_and_length() -> None:
    tubes = [
        TrueTube('v', number, label, frames, area, iou, 0)
        for number, (label, frames, area, iou) in enumerate([(0, 1, 0.1, 0.0), (0, 2, 0.2, 0.6), (1, 3, 0.3, 1.0)])
    ]
    rows = {(what, name.split(',')[0]): values for what, name, *values in breakdown(tubes, ['cat', 'dog', 'none'])}
    assert rows['class', 'cat'] == [2, pytest.approx(0.3), 0.5] and rows['class', 'dog'] == [1, 1.0, 1.0]
    assert ('class', 'none') not in rows
    assert rows['size', 'small'][1] == 0 and rows['size', 'medium'][1] == 0.6 and rows['size', 'large'][1] == 1
    assert [rows['length', name][0] for name in ('short', 'medium', 'long')] == [1, 1, 1]
