"""mIoU and VC_n against hand-computed values and a slow reference implementation with explicit windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gvseg.evaluation.functional.measures.semantic import SemanticRule, VideoCounter, label_confusion, semantic_numbers
from gvseg.formats.constants import VOID_VALUE as VOID
from gvseg.formats.errors import InputError

RULE = SemanticRule(num_classes=3, windows=(2, 3))


def count(videos, rule=RULE):
    """Counts of (name, target maps, predicted maps)."""
    results = []
    for name, targets, predictions in videos:
        counter = VideoCounter(name, rule)
        for target, prediction in zip(targets, predictions):
            counter.add(target, prediction)
        results.append(counter.finish())
    return results


def slow_numbers(videos, rule):
    """The same scores from explicit pixel sets and windows."""
    overlap, truth, guess = (np.zeros(rule.num_classes) for _ in range(3))
    windows = {length: [] for length in rule.windows}
    for _, targets, predictions in videos:
        for target, prediction in zip(targets, predictions):
            for label in range(rule.num_classes):
                valid = target < rule.num_classes
                overlap[label] += ((target == label) & (prediction == label)).sum()
                truth[label] += (target == label).sum()
                guess[label] += (valid & (prediction == label)).sum()
        for length in rule.windows:
            for start in range(len(targets) - length):
                part = slice(start, start + length)
                still = (targets[part] == targets[start]).all(0)
                both = still & (predictions[part] == predictions[start]).all(0)
                if still.any():
                    windows[length].append(both.sum() / still.sum())
    seen = truth > 0
    ratio = overlap[seen] / (truth + guess - overlap)[seen]
    numbers = {
        'Acc': overlap.sum() / truth.sum(),
        'Acc_class': (overlap[seen] / truth[seen]).mean(),
        'mIoU': ratio.mean(),
        'fwIoU': (truth[seen] / truth.sum() * ratio).sum(),
    }
    numbers.update({f'VC{length}': np.mean(values) if values else np.nan for length, values in windows.items()})
    return numbers


@st.composite
def small_videos(draw):
    """One to three videos of small maps; predictions have no void."""
    videos = []
    for index in range(draw(st.integers(1, 3))):
        shape = (draw(st.integers(1, 6)), 3, 4)
        target = draw(arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 2, VOID])))
        steady = draw(arrays(np.bool_, shape[1:]))
        target = np.where(steady, target[:1], target)
        videos.append((str(index), target, draw(arrays(np.uint8, shape, elements=st.integers(0, 2)))))
    return videos


@settings(max_examples=150, deadline=None)
@given(small_videos())
def test_equals_the_slow_restatement(videos):
    if not any((targets < 3).any() for _, targets, _ in videos):
        return
    assert semantic_numbers(count(videos), RULE) == pytest.approx(slow_numbers(videos, RULE), abs=1e-12, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(small_videos(), st.permutations([0, 1, 2]))
def test_renaming_classes_on_both_sides_changes_nothing(videos, order):
    table = np.arange(256, dtype=np.uint8)
    table[:3] = order
    renamed = [(name, table[targets], table[predictions]) for name, targets, predictions in videos]
    first, second = semantic_numbers(count(videos), RULE), semantic_numbers(count(renamed), RULE)
    assert first == pytest.approx(second, abs=1e-12, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(small_videos(), st.randoms())
def test_order_and_grouping_of_videos_do_not_matter(videos, random):
    counts = count(videos)
    shuffled = counts[:]
    random.shuffle(shuffled)
    first, second = semantic_numbers(counts, RULE), semantic_numbers(shuffled, RULE)
    assert first == pytest.approx(second, abs=1e-12, nan_ok=True)


def test_perfect_prediction_scores_one():
    target = np.random.default_rng(0).integers(0, 3, (6, 5, 5)).astype(np.uint8)
    target[:, 0] = 1
    numbers = semantic_numbers(count([('a', target, target)]), RULE)
    assert numbers == dict.fromkeys(numbers, 1.0)


def test_by_hand():
    # One row of four pixels, three frames; the last pixel is void. Classes 0 and 1.
    target = np.array([[[0, 0, 1, VOID]]] * 3, np.uint8)
    guess = np.array([[[0, 1, 1, 0]], [[0, 1, 1, 1]], [[0, 0, 1, 1]]], np.uint8)
    numbers = semantic_numbers(count([('a', target, guess)]), RULE)
    # Class 0: 4 of 6 found, no false positive; class 1: 3 found, 2 false positives.
    assert numbers['mIoU'] == pytest.approx((4 / 6 + 3 / 5) / 2)
    assert numbers['Acc'] == pytest.approx(7 / 9)
    # VC2: only the window of frames 0, 1 counts (the last one is dropped): pixels 0, 1, 2 stay, the void one changes.
    assert numbers['VC2'] == pytest.approx(3 / 4)
    assert np.isnan(numbers['VC3'])


def test_keeping_the_last_window_is_a_rule():
    target = np.zeros((2, 1, 2), np.uint8)
    guess = np.array([[[0, 0]], [[0, 1]]], np.uint8)
    rule = SemanticRule(num_classes=3, windows=(2,), drop_last_window=False)
    assert semantic_numbers(count([('a', target, guess)], rule), rule)['VC2'] == 0.5


def test_a_class_only_predicted_does_not_enter_the_mean():
    target, guess = np.zeros((1, 1, 4), np.uint8), np.array([[[0, 0, 0, 2]]], np.uint8)
    assert semantic_numbers(count([('a', target, guess)]), RULE)['mIoU'] == 0.75


@pytest.mark.parametrize('wrong', [3, 255])
def test_prediction_out_of_range_is_named_only_where_it_counts(wrong):
    target, guess = np.array([[0, VOID]], np.uint8), np.array([[0, wrong]], np.uint8)
    assert label_confusion(target, guess, 3)[0, 0] == 1
    with pytest.raises(InputError, match=f'p.png: label {wrong}'):
        label_confusion(target[:, ::-1], guess, 3, 'p.png')


@pytest.mark.parametrize('at_once', [2**24, 5])
def test_bytes_are_counted_as_other_integers_are(monkeypatch, at_once):
    monkeypatch.setattr('gvseg.evaluation.functional.measures.semantic.MOST_COUNTED', at_once)
    target, guess = (
        np.array([[0, 1, 1, VOID], [2, 2, 0, VOID]], np.uint8),
        np.array([[0, 2, 1, 9], [2, 2, 1, 0]], np.uint8),
    )
    wanted = [[1, 1, 0], [0, 1, 1], [0, 0, 2]]
    assert label_confusion(target, guess, 3).tolist() == wanted
    assert label_confusion(target.astype(np.int64), guess.astype(np.int64), 3).tolist() == wanted


def test_negative_label_on_a_pixel_that_counts_is_named():
    with pytest.raises(InputError, match='p.png: label -1'):
        label_confusion(np.zeros((1, 2), np.int64), np.array([[0, -1]]), 3, 'p.png')


def test_sizes_must_agree():
    with pytest.raises(InputError, match='p.png: size'):
        label_confusion(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), 3, 'p.png')
