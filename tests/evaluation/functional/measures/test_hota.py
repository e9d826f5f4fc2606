"""HOTA against hand-computed values and a slow reference implementation that loops over thresholds and tracks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from gvseg.evaluation.functional.measures.hota import THRESHOLDS, empty_counts, hota_counts, hota_numbers, sum_counts


def means(counts):
    """HOTA, DetA, AssA averaged over thresholds."""
    return {name: float(values.mean()) for name, values in hota_numbers(counts).items()}


def slow_numbers(frames):
    """The definition, one threshold and one match at a time."""
    pair, first, second = {}, {}, {}
    for truth, found, similarity in frames:
        for i, t in enumerate(truth):
            first[t] = first.get(t, 0) + 1
            for j, f in enumerate(found):
                union = similarity[i].sum() + similarity[:, j].sum() - similarity[i, j]
                pair[t, f] = pair.get((t, f), 0) + (similarity[i, j] / union if union else 0)
        for f in found:
            second[f] = second.get(f, 0) + 1
    align = {(t, f): value / (first[t] + second[f] - value) for (t, f), value in pair.items()}
    results = []
    for threshold in THRESHOLDS:
        matches = []
        for truth, found, similarity in frames:
            if len(truth) and len(found):
                score = [[align[t, f] * similarity[i, j] for j, f in enumerate(found)] for i, t in enumerate(truth)]
                matches += [
                    (truth[i], found[j])
                    for i, j in zip(*linear_sum_assignment(score, maximize=True))
                    if similarity[i, j] >= threshold - 1e-12
                ]
        association = [matches.count((t, f)) / (first[t] + second[f] - matches.count((t, f))) for t, f in matches]
        missed = sum(first.values()) - len(matches)
        false = sum(second.values()) - len(matches)
        detection = len(matches) / max(1, len(matches) + missed + false)
        results.append((detection, np.mean(association) if matches else 0))
    detection, association = np.array(results).T
    return {'HOTA': np.sqrt(detection * association).mean(), 'DetA': detection.mean(), 'AssA': association.mean()}


@st.composite
def tracking(draw, steps=4):
    """A few frames of up to three tracks on either side; similarities on an irregular grid (no ties)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frames = []
    for _ in range(draw(st.integers(1, steps))):
        truth = rng.permutation(3)[: draw(st.integers(0, 3))] + 5
        found = rng.permutation(4)[: draw(st.integers(0, 3))] + 20
        similarity = rng.random((len(truth), len(found))) * rng.integers(0, 2, (len(truth), len(found)))
        frames.append((truth, found, similarity))
    return frames


@settings(max_examples=150, deadline=None)
@given(tracking())
def test_equals_the_slow_restatement(frames):
    assert means(hota_counts(frames)) == pytest.approx(slow_numbers(frames), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(tracking(), st.permutations(range(30)), st.permutations(range(30)))
def test_renaming_tracks_on_either_side_changes_nothing(frames, first, second):
    renamed = [(np.array(first)[truth], np.array(second)[found], similarity) for truth, found, similarity in frames]
    assert means(hota_counts(renamed)) == pytest.approx(means(hota_counts(frames)), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(tracking())
def test_perfect_tracking_scores_one(frames):
    perfect = [(truth, truth + 100, np.eye(len(truth))) for truth, _, _ in frames]
    expected = 1 if sum(len(truth) for truth, _, _ in frames) else 0
    assert means(hota_counts(perfect)) == dict.fromkeys(('HOTA', 'DetA', 'AssA'), expected)


def test_an_identity_switch_costs_association_only():
    one = np.ones((1, 1))
    frames = [(np.array([1]), np.array([track]), one) for track in (7, 7, 8, 8)]
    found = means(hota_counts(frames))
    # Every match belongs to a pair that is together in 2 of 4 frames.
    assert found['DetA'] == 1 and found['AssA'] == 0.5 and found['HOTA'] == pytest.approx(np.sqrt(0.5))


def test_similarity_decides_the_thresholds_reached():
    frames = [(np.array([1]), np.array([7]), np.array([[0.5]]))]
    counts = hota_counts(frames)
    assert counts.tp.sum() == 10 and counts.fn.sum() == counts.fp.sum() == 9


def test_empty_sides():
    nothing = np.zeros(0, int)
    counts = hota_counts([(np.array([1, 2]), nothing, np.zeros((2, 0))), (nothing, np.array([3]), np.zeros((0, 1)))])
    assert counts.fn.tolist() == [2.0] * 19 and counts.fp.tolist() == [1.0] * 19
    assert means(hota_counts([])) == means(empty_counts()) == {'HOTA': 0, 'DetA': 0, 'AssA': 0}


@settings(max_examples=30, deadline=None)
@given(st.lists(tracking(), min_size=2, max_size=4))
def test_videos_add_up_in_any_order(videos):
    counts = [hota_counts(frames) for frames in videos]
    assert means(sum_counts(counts)) == pytest.approx(means(sum_counts(counts[::-1])), abs=1e-12)
    merged = sum_counts([sum_counts(counts[:1]), sum_counts(counts[1:])])
    assert means(merged) == pytest.approx(means(sum_counts(counts)), abs=1e-12)
