"""Intervals over videos: equal to the scorer's numbers on all videos, hand-computed cases for track ids."""

import numpy as np
import pytest

from gvseg.evaluation.functional.measures.panoptic_counts import count_video, quality_numbers, stq_numbers
from gvseg.evaluation.functional.measures.panoptic_resampling import (
    VideoCounts,
    interval,
    kept_identities,
    numbers,
    resampled,
)
from gvseg.evaluation.functional.measures.panoptic_rules import PanopticClasses, PanopticRule
from gvseg.evaluation.functional.measures.segment_counts import FrameTable, Segments, count_pairs

DIVISOR = 100
ROAD, CAR, PERSON = 0, 1, 2
THINGS = (CAR, PERSON)
CLASSES = PanopticClasses((0, 1, 2), frozenset(THINGS))
RULE = PanopticRule((1, 2))


def frame(target, prediction):
    """Table of two maps of label * 100 + track id."""
    pairs = count_pairs(np.array(target) + 1, np.array(prediction) + 1)
    sides = [
        Segments.build(codes, (codes - 1) // DIVISOR, areas)
        for codes, areas in (pairs.per_target(), pairs.per_prediction())
    ]
    return FrameTable(*sides, pairs)


def video(*frames):
    """Tables of (target, prediction) rows."""
    return [frame(*maps) for maps in frames]


ONE, TWO, SEVEN = CAR * DIVISOR + 1, CAR * DIVISOR + 2, PERSON * DIVISOR + 1
TRUTH = [ONE, ONE, TWO, TWO]


@pytest.mark.parametrize(
    'later, kept',
    [
        ([ONE, ONE, TWO, TWO], (2, 2)),
        ([TWO, TWO, ONE, ONE], (0, 2)),
        ([ONE, ONE, 0, 0], (1, 1)),  # the second thing is lost: no pair
        ([SEVEN, SEVEN, TWO, TWO], (2, 2)),  # another class, the same track id
        ([ONE, 0, TWO, TWO], (1, 1)),  # half of the union is not enough
    ],
)
def test_identities_kept(later, kept):
    assert kept_identities(video((TRUTH, TRUTH), (TRUTH, later)), THINGS, 1, DIVISOR) == kept


def test_only_frames_at_the_gap_are_compared():
    swapped = [TWO, TWO, ONE, ONE]
    frames = video((TRUTH, TRUTH), (TRUTH, swapped), (TRUTH, TRUTH))
    assert kept_identities(frames, THINGS, 2, DIVISOR) == (2, 2)
    assert kept_identities(frames, THINGS, 3, DIVISOR) == (0, 0)


@pytest.fixture
def counts():
    """Two videos: one perfect, one whose cars swap track ids."""
    videos = dict(b=video((TRUTH, TRUTH), (TRUTH, [TWO, TWO, ONE, ONE])), a=video((TRUTH, TRUTH), (TRUTH, TRUTH)))
    counted = [count_video(name, tables, RULE, CLASSES) for name, tables in videos.items()]
    kept = [kept_identities(tables, THINGS, 1, DIVISOR) for tables in videos.values()]
    return counted, VideoCounts.of(counted, kept, RULE, CLASSES)


def test_all_videos_give_the_scorers_numbers(counts):
    counted, arrays = counts
    value = {name: float(drawn[0]) for name, drawn in numbers(arrays, np.ones((1, 2)), THINGS, (1, 2)).items()}
    windows = [table for _, table in quality_numbers(counted, RULE, CLASSES)]
    stq = stq_numbers(counted, CLASSES)
    assert value['VPQ'] == pytest.approx(np.mean([table['all'] for table in windows]))
    assert value['th_window1'] == pytest.approx(windows[0]['thing'])
    assert value['th_longer'] == pytest.approx(windows[1]['thing'])
    assert (value['AQ'], value['SQ']) == pytest.approx((100 * stq['AQ'], 100 * stq['SQ_IoU']))
    assert value['STQ'] == pytest.approx(100 * stq['STQ'])
    assert value['kept'] == 50  # two of four


def test_a_video_may_count_twice_or_not_at_all(counts):
    drawn = numbers(counts[1], np.array([[2, 0], [0, 2]]), THINGS, (1, 2))
    assert counts[1].names.tolist() == ['a', 'b']
    assert drawn['kept'].tolist() == [100, 0]
    # Perfect in frames; over two frames the cars of "b" overlap by a third of their unions: no match.
    assert drawn['th_window1'].tolist() == [100, 100]
    assert drawn['th_longer'].tolist() == [100, 0]


def test_resamplings_draw_as_many_videos_as_there_are():
    weights = resampled(7, 20, seed=1)
    assert weights.shape == (21, 7)
    assert weights[0].tolist() == [1] * 7
    assert (weights.sum(1) == 7).all()
    assert (weights[1:] != 1).any()


def test_interval_is_of_the_resamplings_only():
    assert interval(np.array([1000.0, *range(101)]), level=0.9) == pytest.approx((1000.0, 5.0, 95.0))


def test_counts_are_written_and_read(counts, tmp_path):
    counts[1].save(tmp_path / 'counts.npz')
    again = VideoCounts.load(tmp_path / 'counts.npz')
    for name, value in vars(counts[1]).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    assert [path.name for path in tmp_path.iterdir()] == ['counts.npz']
