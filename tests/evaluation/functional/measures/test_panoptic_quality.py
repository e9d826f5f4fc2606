"""VPQ against hand-made cases, a slow reference implementation and invariances."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from gvseg.evaluation.functional.io.frame_tables import listed_frame
from gvseg.evaluation.functional.io.vipseg import labelled
from gvseg.evaluation.functional.measures.panoptic_counts import count_video, quality_numbers
from gvseg.evaluation.functional.measures.panoptic_quality import mean_quality, quality, video_statistics
from gvseg.evaluation.functional.measures.panoptic_rules import VOID, PanopticClasses, PanopticRule
from gvseg.evaluation.functional.measures.segment_counts import FrameTable, Segments, count_pairs
from gvseg.evaluation.functional.protocols.panoptic import VIPSEG
from gvseg.formats.panoptic_segments import parse_segments, read_categories
from tests.evaluation.panoptic_fixtures import CATEGORIES, disturb, make_vipseg, random_video, slow_vpq

CLASSES = PanopticClasses.from_categories(read_categories(CATEGORIES, 'a.json'))


def side(ids, categories, found, crowd=()):
    """Segments of one side of a frame."""
    codes, areas = found
    labels = [categories[int(code)] if code else VOID for code in codes]
    return Segments.build(codes, labels, areas, np.isin(codes, list(crowd)))


def tables(target, own, predicted, other, crowd=()):
    """Frame tables of (T,H,W) id maps."""
    result = []
    for first, second in zip(target, predicted):
        pairs = count_pairs(first, second)
        result.append(
            FrameTable(side(first, own, pairs.per_target(), crowd), side(second, other, pairs.per_prediction()), pairs)
        )
    return result


def score(video, rule=VIPSEG, crowd=()):
    """{window: numbers} of one video."""
    return dict(quality_numbers([count_video('v', tables(*video, crowd), rule, CLASSES)], rule, CLASSES))


def rows(*lines):
    """A (1,H,W) map from lists."""
    return np.array([lines], np.int64)


def test_one_good_one_missed_one_wrong():
    # A cat of 4 pixels of which 3 are found: IoU 3/4. A dog is missed, a dog is seen on the road.
    target = rows([1, 1, 1, 1], [2, 2, 3, 3])
    answer = rows([7, 7, 7, 9], [9, 9, 8, 8])
    values = score((target, {1: 2, 2: 3, 3: 0}, answer, {7: 2, 8: 0, 9: 3}), PanopticRule((1,)))[1]
    # dog: 2 of 3 predicted pixels lie on the dog of 2: IoU 2/3; cat 3/4, sky 1.
    assert values['all'] == pytest.approx(100 * (3 / 4 + 2 / 3 + 1) / 3)
    assert values['thing'] == pytest.approx(100 * (3 / 4 + 2 / 3) / 2)
    assert values['stuff'] == pytest.approx(100)


def test_iou_of_one_half_is_no_match():
    target, answer = rows([1, 1, 0, 0]), rows([7, 0, 0, 0])
    assert score((target, {1: 2}, answer, {7: 2}), PanopticRule((1,)))[1]['all'] == 0
    # One false negative and one false positive.
    statistics = video_statistics(tables(target, {1: 2}, answer, {7: 2}), PanopticRule((1,)), 4)
    assert statistics[0, 2].tolist() == [0, 0, 1, 1]


def test_void_leaves_the_union_and_excuses_a_prediction():
    target, answer = rows([1, 1, 0, 0, 0, 2]), rows([7, 7, 7, 8, 8, 8])
    video = target, {1: 2, 2: 0}, answer, {7: 2, 8: 3}
    statistics = video_statistics(tables(*video), PanopticRule((1,)), 4)[0]
    assert statistics[2].tolist() == [1, 1, 0, 0]
    assert statistics[3].tolist() == [0, 0, 0, 0]  # 2 of 3 pixels are void
    kept = video_statistics(tables(*video), PanopticRule((1,), subtract_void=False), 4)[0]
    assert kept[2].tolist() == [2 / 3, 1, 0, 0]


def test_exactly_half_in_void_is_a_false_positive():
    statistics = video_statistics(tables(rows([0, 2]), {2: 0}, rows([8, 8]), {8: 3}), PanopticRule((1,)), 4)[0]
    assert statistics[3].tolist() == [0, 0, 1, 0]


def test_crowd_is_not_searched_for_and_excuses_its_class():
    target, answer = rows([1, 1, 1, 2]), rows([7, 7, 7, 7])
    own = {1: 2, 2: 0}
    statistics = video_statistics(tables(target, own, answer, {7: 2}, crowd=[1]), PanopticRule((1,)), 4)[0]
    assert statistics[2].tolist() == [0, 0, 0, 0] and statistics[0].tolist() == [0, 0, 0, 1]
    other = video_statistics(tables(target, own, answer, {7: 3}, crowd=[1]), PanopticRule((1,)), 4)[0]
    assert other[3].tolist() == [0, 0, 1, 0]


def test_a_tube_is_matched_as_a_whole():
    target = np.array([[[1, 1, 1, 1]], [[1, 0, 0, 0]]])
    answer = np.array([[[7, 7, 7, 0]], [[8, 0, 0, 0]]])
    values = score((target, {1: 2}, answer, {7: 2, 8: 2}), PanopticRule((1, 2)))
    assert values[1]['all'] == pytest.approx(100 * (0.75 + 1) / 2)
    # Window of two: 3 of 5 pixels; the second tube is false.
    assert values[2]['all'] == pytest.approx(100 * 0.6 / 1.5)


def test_label_of_a_tube_is_that_of_its_first_frame_in_the_window():
    target, answer = np.array([[[1, 2]], [[1, 2]]]), np.array([[[7, 8]], [[7, 8]]])
    frames = tables(target, {1: 2, 2: 0}, answer, {7: 2, 8: 0})
    other = tables(target[1:], {1: 3, 2: 0}, answer[1:], {7: 2, 8: 0})
    statistics = video_statistics([frames[0], other[0]], PanopticRule((1, 2)), 4)
    assert statistics[1, 2].tolist() == [1, 1, 0, 0] and not statistics[1, 3].any()
    assert statistics[0, 3].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(('short', 'windows_of_five'), [('skip', 0), ('whole', 1)])
def test_video_shorter_than_a_window(short, windows_of_five):
    video = random_video(np.random.default_rng(0), 3)
    frames = tables(*video, *video)
    statistics = video_statistics(frames, PanopticRule((5,), short_videos=short), 4)
    assert statistics[0, 0, 1] == windows_of_five


def test_means_over_seen_and_over_all_classes():
    statistics = np.zeros((4, 4))
    statistics[0], statistics[2] = (0.8, 1, 0, 0), (0, 0, 1, 1)
    assert quality(statistics).tolist() == [0.8, 0, 0, 0]
    assert mean_quality(statistics, CLASSES, 'seen') == pytest.approx({'all': 40, 'thing': 0, 'stuff': 80})
    assert mean_quality(statistics, CLASSES, 'all') == pytest.approx({'all': 20, 'thing': 0, 'stuff': 40})
    assert np.isnan(mean_quality(np.zeros((4, 4)), CLASSES, 'seen')['all'])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 8), st.sampled_from(['seen', 'all']))
def test_equals_the_slow_restatement(seed, length, mean_over):
    rng = np.random.default_rng(seed)
    truth = random_video(rng, length)
    video = truth + disturb(rng, *truth)
    rule = PanopticRule(tuple(k for k in (1, 2, 3) if k <= length), mean_over)
    for window, values in score(video, rule).items():
        slow = slow_vpq({'v': video}, window, mean_over)
        assert {name: values[name] for name in slow} == pytest.approx(slow)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_window_one_is_panoptic_quality_of_images(seed):
    rng = np.random.default_rng(seed)
    truth = random_video(rng, 5)
    video = truth + disturb(rng, *truth)
    images = {
        str(index): (video[0][index : index + 1], video[1], video[2][index : index + 1], video[3]) for index in range(5)
    }
    assert score(video, PanopticRule((1,)))[1] == pytest.approx(slow_vpq(images, 1))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.permutations(range(100, 160)))
def test_renaming_ids_changes_nothing(seed, names):
    rng = np.random.default_rng(seed)
    truth = random_video(rng, 4)
    answer, other = disturb(rng, *truth)
    table = np.arange(200)
    table[100:160] = names
    renamed = table[answer], {int(table[identity]): label for identity, label in other.items()}
    rule = PanopticRule((1, 2, 4))
    for window, values in score(truth + (answer, other), rule).items():
        assert score(truth + renamed, rule)[window] == pytest.approx(values)


def test_perfect_prediction_is_100():
    video = random_video(np.random.default_rng(1), 9, void=False)
    for values in score(video + video).values():
        assert values == pytest.approx({'all': 100, 'thing': 100, 'stuff': 100})


def test_videos_merge(tmp_path):
    videos = make_vipseg(tmp_path)
    parts = [count_video(name, tables(*video), VIPSEG, CLASSES) for name, video in videos.items()]
    together = dict(quality_numbers(parts, VIPSEG, CLASSES))
    assert dict(quality_numbers(parts[::-1], VIPSEG, CLASSES))[4] == pytest.approx(together[4])
    for window, values in together.items():
        assert values == pytest.approx(slow_vpq(videos, window))
    numbers = evaluate_vipseg(tmp_path / 'gt', tmp_path / 'pred', jobs=2)
    assert numbers['VPQ6'] == pytest.approx(together[6])
    assert numbers['VPQ_1246_as_in_papers']['all'] == pytest.approx(
        np.mean([together[window]['all'] for window in (1, 2, 4, 6)])
    )


def test_rule_refuses_nonsense():
    with pytest.raises(ValueError, match='windows'):
        PanopticRule(())
    with pytest.raises(ValueError, match='mean_over'):
        replace(VIPSEG, mean_over='some')


def test_pairs_are_counted():
    pairs = count_pairs(np.array([[5, 5, 0], [5, 2**24 - 1, 5]]), np.array([[1, 1, 1], [0, 9, 1]]))
    found = dict(zip(zip(pairs.targets.tolist(), pairs.predictions.tolist()), pairs.pixels.tolist()))
    assert found == {(5, 1): 3, (0, 1): 1, (5, 0): 1, (2**24 - 1, 9): 1}


@pytest.mark.parametrize(('order', 'excused'), [((1, 3), False), ((3, 1), True)])
def test_of_two_crowds_of_a_class_the_last_listed_excuses(order, excused):
    # Crowds 1 and 3 of class 2; the prediction of class 2 lies on crowd 1. The reference keeps the last in the list.
    target, answer = rows([1, 1, 3, 2])[0], rows([7, 7, 8, 8])[0]
    entries = [dict(id=2, category_id=0)] + [dict(id=number, category_id=2, iscrowd=1) for number in order]
    listed = labelled(parse_segments(entries, {0: None, 2: None}, 'a.json'), CLASSES)
    found = [dict(id=7, category_id=2), dict(id=8, category_id=0)]
    other = labelled(parse_segments(found, {0: None, 2: None}, 'b.json'), CLASSES)
    frame = listed_frame(target, answer, listed, other, ('a.png', 'b.png'), None)
    statistics = video_statistics([frame], PanopticRule((1,)), 4)[0]
    assert statistics[2].tolist() == [0, 0, 0 if excused else 1, 0]
