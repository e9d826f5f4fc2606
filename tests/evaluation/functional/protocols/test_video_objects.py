"""Frames and objects scored by DAVIS and YouTube-VOS, and the reported scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvseg.evaluation.functional.benchmarks.davis import davis_numbers, evaluate_davis
from gvseg.evaluation.functional.benchmarks.youtube_vos import evaluate_youtube_vos, youtube_vos_numbers
from gvseg.evaluation.functional.io.youtube_vos import ObjectSpan
from gvseg.evaluation.functional.protocols.video_objects import (
    DAVIS,
    YOUTUBE_VOS,
    ObjectCounter,
    ObjectScores,
    decay,
    recall,
    unique_labels,
)
from gvseg.formats.errors import InputError
from tests.evaluation.video_fixtures import make_davis, make_youtube_vos


def scores_of(rule, targets, predictions, spans=None):
    """Objects of a video given as maps."""
    counter = ObjectCounter('v', rule, spans)
    for index, (target, prediction) in enumerate(zip(targets, predictions)):
        counter.add(f'{index}', np.asarray(target), np.asarray(prediction))
    return counter.finish()


def row(*values):
    """A one-row map; two rows so that boundaries exist."""
    return np.array([values, values], np.uint8)


def test_davis_drops_first_and_last_and_keeps_holes():
    targets = [row(1, 1, 3, 0)] * 4
    guesses = [row(0, 0, 0, 0), row(1, 0, 3, 0), row(1, 1, 3, 0), row(0, 0, 0, 0)]
    found = scores_of(DAVIS, targets, guesses)
    assert [item.identity for item in found] == [1, 2, 3]
    assert [item.region.tolist() for item in found] == [[0.5, 1], [1, 1], [1, 1]]


def test_davis_turns_void_into_background():
    targets = [row(1, 1, 255, 0)] * 3
    assert scores_of(DAVIS, targets, [row(1, 1, 1, 0)] * 3)[0].region.tolist() == [2 / 3]


def test_davis_ignores_objects_that_enter_late():
    targets = [row(1, 0, 0, 0), row(1, 2, 0, 0), row(1, 2, 0, 0)]
    assert [item.identity for item in scores_of(DAVIS, targets, [row(1, 0, 0, 0)] * 3)] == [1]


@pytest.mark.parametrize('stray', [2, 255])
def test_davis_rejects_unknown_ids_on_scored_frames(stray):
    targets = [row(1, 0, 0, 0)] * 3
    with pytest.raises(InputError, match=f'object id {stray}'):
        scores_of(DAVIS, targets, [row(1, 0, 0, stray)] * 3)


def test_youtube_vos_scores_after_the_objects_own_first_frame():
    targets = [row(1, 1, 0, 0), row(1, 1, 2, 2), row(1, 1, 2, 2)]
    guesses = [row(0, 0, 0, 0), row(1, 0, 0, 0), row(1, 1, 2, 0)]
    found = scores_of(YOUTUBE_VOS, targets, guesses)
    assert [item.region.tolist() for item in found] == [[0.5, 1], [0.5]]


def test_spans_limit_the_frames():
    spans = {1: ObjectSpan(frozenset('02'), '0', 'seen')}
    found = scores_of(YOUTUBE_VOS, [row(1, 1, 0, 0)] * 3, [row(1, 0, 0, 0), row(0, 0, 0, 0), row(1, 1, 0, 0)], spans)
    assert found[0].region.tolist() == [1] and found[0].group == 'seen'


def test_recall_and_decay_by_hand():
    values = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    assert recall(values, DAVIS) == pytest.approx(5 / 9)
    # Borders 0, 2, 4, 6, 8: first part frames 0..2, last part frames 6..8.
    assert decay(values, DAVIS) == pytest.approx(0.9 - 0.3)


def test_decay_of_long_clips_wraps_as_the_public_scorer_does():
    values = np.linspace(1, 0, 301)
    # Borders 0, 75, 150, 225, 300 -> 300 % 256 = 44: the last part 225..44 is empty.
    assert np.isnan(decay(values, DAVIS))
    values = np.linspace(1, 0, 601)
    # 0, 150, 300, 450, 600 -> 0, 150, 44, 194, 88.
    assert np.isnan(decay(values, DAVIS))


def test_davis_means_are_over_objects_not_sequences():
    def item(video, identity, value):
        return ObjectScores(video, identity, np.array([value]), np.array([value / 2]))

    numbers = davis_numbers([item('a', 1, 1.0), item('b', 1, 0.4), item('b', 2, 0.4)])
    assert numbers['J-Mean'] == pytest.approx(0.6)
    assert numbers['F-Mean'] == pytest.approx(0.3)
    assert numbers['J&F-Mean'] == pytest.approx(0.45)
    assert numbers['J-Recall'] == pytest.approx(1 / 3)
    assert numbers['J_per_object'] == {'a_1': 1.0, 'b_1': 0.4, 'b_2': 0.4}


def test_youtube_vos_means():
    def item(identity, value, group):
        values = np.array([] if value is None else [value])
        return ObjectScores('a', identity, values, 0 * values, group)

    numbers = youtube_vos_numbers(
        [item(1, 1.0, 'seen'), item(2, 0.5, 'seen'), item(3, 0.2, 'unseen'), item(4, None, 'unseen')]
    )
    assert (numbers['J_seen'], numbers['J_unseen'], numbers['n_unseen']) == (0.75, 0.2, 1)
    assert numbers['G'] == pytest.approx((0.75 + 0.2) / 4)
    assert [entry['object'] for entry in numbers['per_object']] == ['1', '2', '3']


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_perfect_prediction_scores_one_and_renaming_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 4, (5, 6, 7)).astype(np.uint8)
    targets[0, 0, :3] = [1, 2, 3]
    guesses = rng.integers(0, 4, targets.shape).astype(np.uint8)
    table = np.array([0, *rng.permutation([1, 2, 3])], np.uint8)
    for rule in (DAVIS, YOUTUBE_VOS):
        assert all(
            (item.region == 1).all() and (item.boundary == 1).all() for item in scores_of(rule, targets, targets)
        )
        first = sorted(item.region.tolist() for item in scores_of(rule, targets, guesses))
        second = sorted(item.region.tolist() for item in scores_of(rule, table[targets], table[guesses]))
        assert first == second


@pytest.mark.parametrize('jobs', [1, 2])
def test_folder_scorers_of_a_perfect_prediction(tmp_path, jobs):
    make_davis(tmp_path / 'd', {'a': 2, 'b': 1})
    root = tmp_path / 'd' / 'gt'
    steps = []
    numbers = evaluate_davis(str(root), str(root / 'Annotations' / '480p'), jobs, lambda *step: steps.append(step))
    assert (numbers['J&F-Mean'], numbers['J-Recall'], numbers['F-Decay']) == (1, 1, 0)
    assert steps == [(1, 2), (2, 2)]
    make_youtube_vos(tmp_path / 'y', {'a': {1: 0, 2: 3}})
    root = tmp_path / 'y' / 'gt'
    assert evaluate_youtube_vos(str(root), str(root), jobs)['G'] == 1


def test_jobs_do_not_change_the_numbers(tmp_path):
    make_davis(tmp_path, {'a': 2, 'b': 1, 'c': 3})
    first, second = (evaluate_davis(str(tmp_path / 'gt'), str(tmp_path / 'pred'), jobs) for jobs in (1, 3))
    assert first == second


def test_a_class_without_unseen_objects_gives_nan(tmp_path):
    make_youtube_vos(tmp_path, {'a': {1: 0}})
    (tmp_path / 'gt' / 'unseen_categories.txt').write_text('gnu\n')
    numbers = evaluate_youtube_vos(str(tmp_path / 'gt'), str(tmp_path / 'pred'))
    assert np.isnan(numbers['G']) and (numbers['n_seen'], numbers['n_unseen']) == (1, 0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(0, 3), (1, 1), (4, 5)]))
def test_present_values_are_the_distinct_ones(seed, shape):
    values = np.random.default_rng(seed).integers(0, 5, shape)
    assert unique_labels(values).tolist() == np.unique(values).tolist()
