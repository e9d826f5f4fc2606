"""Where the study clicks, and its table."""

import numpy as np

from projects.studies.clicks import largest_region, next_click, rows


def test_the_largest_error_is_clicked_in_its_middle() -> None:
    truth, found = np.zeros((20, 40), bool), np.zeros((20, 40), bool)
    truth[5:10, 0:5] = found[5:10, 0:3] = True  # 10 pixels are missing
    found[10:15, 30:37] = True  # 35 are too much
    (x, y), positive = next_click(found, truth)
    assert not positive and 32 <= x <= 34 and y == 12
    found[10:15, 30:37] = False
    (x, y), positive = next_click(found, truth)
    assert positive and 3 <= x < 5 and 5 <= y < 10
    assert next_click(truth, truth) is None


def test_regions_are_connected() -> None:
    mask = np.array([[1, 1, 0, 1], [0, 0, 0, 1], [1, 0, 0, 1]], bool)
    assert largest_region(mask).nonzero()[1].tolist() == [3, 3, 3]
    assert not largest_region(np.zeros((2, 2), bool)).any()


def test_the_last_row_is_the_mean_of_the_videos() -> None:
    lines = rows(['a', 'b'], np.array([[0.5, 0.75], [0.25, 0.25]]))
    assert lines[0] == '| video | 0 clicks | 1 clicks |'
    assert lines[-1] == '| mean | 37.5 | 50.0 |'
