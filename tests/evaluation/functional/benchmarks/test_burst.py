"""BURST's rules: against a slow reference implementation on generated files, and hand-computed cases."""

import copy
import json

import numpy as np
import pytest

from gvseg.evaluation.functional.benchmarks.burst import evaluate_burst
from gvseg.formats.errors import InputError
from tests.evaluation.burst_fixtures import encode, make_burst, slow_burst, to_exemplar


def save(folder, truth, prediction):
    """Write both files; returns their paths."""
    (folder / 'gt').mkdir(exist_ok=True)
    (folder / 'gt' / 'all_classes.json').write_text(json.dumps(truth))
    (folder / 'pred.json').write_text(json.dumps(prediction))
    return str(folder / 'gt'), str(folder / 'pred.json')


def box(top, left, height=4, width=4):
    """RLE string of a box in a 20x20 frame."""
    mask = np.zeros((20, 20))
    mask[top : top + height, left : left + width] = 1
    return {'rle': encode(mask)}


def one_sequence(truth_frames, guess_frames, truth_tracks, guess_tracks, **lists):
    """Ground truth and prediction of a single 20x20 sequence."""
    names = [f'{index}.jpg' for index in range(len(truth_frames))]
    common = {'id': 1, 'dataset': 'X', 'seq_name': 's', 'width': 20, 'height': 20, 'annotated_image_paths': names}
    lists = {'neg_category_ids': [], 'not_exhaustive_category_ids': [], **lists}
    truth = {**common, **lists, 'segmentations': truth_frames, 'track_category_ids': truth_tracks}
    guess = {**common, 'segmentations': guess_frames, 'track_category_ids': guess_tracks}
    return {'split': 'val', 'sequences': [truth]}, {'split': 'val', 'sequences': [guess]}


@pytest.mark.parametrize('seed', range(6))
@pytest.mark.parametrize('task', ['class_guided', 'exemplar_guided'])
def test_equals_the_slow_restatement(tmp_path, seed, task):
    truth, prediction = make_burst(seed)
    exemplar = task == 'exemplar_guided'
    prediction = to_exemplar(truth, prediction) if exemplar else prediction
    found = evaluate_burst(*save(tmp_path, truth, prediction), task=task)
    expected = slow_burst(truth, prediction, exemplar)
    for name in expected:
        assert found[name] == pytest.approx(expected[name], abs=1e-9, nan_ok=True)


@pytest.mark.parametrize('task', ['class_guided', 'exemplar_guided'])
def test_perfect_prediction_scores_100(tmp_path, task):
    truth, _ = make_burst(3)
    numbers = evaluate_burst(*save(tmp_path, truth, truth), task=task)
    assert all(values[group] == pytest.approx(100) for values in numbers.values() for group in ('all', 'uncommon'))


def test_jobs_and_sequence_order_do_not_matter(tmp_path):
    truth, prediction = make_burst(5)
    first = evaluate_burst(*save(tmp_path, truth, prediction), jobs=2)
    truth['sequences'].reverse()
    second = evaluate_burst(*save(tmp_path, truth, prediction))
    assert first['HOTA'] == pytest.approx(second['HOTA'], abs=1e-9)


def test_permuting_predicted_ids_changes_class_guided_nothing(tmp_path):
    truth, prediction = make_burst(7)
    first = evaluate_burst(*save(tmp_path, truth, prediction))
    for entry in prediction['sequences']:
        renamed = {key: str(100 - int(key)) for key in entry['track_category_ids']}
        entry['track_category_ids'] = {renamed[key]: value for key, value in entry['track_category_ids'].items()}
        entry['segmentations'] = [
            {renamed[key]: item for key, item in frame.items()} for frame in entry['segmentations']
        ]
    assert evaluate_burst(*save(tmp_path, truth, prediction)) == first


def test_exemplar_ids_carry_the_class(tmp_path):
    frames = [{'1': box(0, 0), '2': box(10, 10)}] * 2
    swapped = [{'2': box(0, 0), '1': box(10, 10)}] * 2
    for categories, expected in (({'1': 1, '2': 1}, 100), ({'1': 1, '2': 2}, 0)):
        paths = save(tmp_path, *one_sequence(frames, swapped, categories, {}))
        assert evaluate_burst(*paths, task='exemplar_guided')['HOTA']['all'] == pytest.approx(expected)


@pytest.mark.parametrize(
    'lists,tracks,alarm',
    [
        ({}, {'1': 1, '9': 2}, False),
        ({'neg_category_ids': [2]}, {'1': 1, '9': 2}, True),
        ({}, {'1': 1, '9': 1}, True),
        ({'not_exhaustive_category_ids': [1]}, {'1': 1, '9': 1}, False),
    ],
)
def test_which_false_alarms_count(tmp_path, lists, tracks, alarm):
    # Class 2 is evaluated because a second sequence has it; both of its masks are found.
    truth, guess = one_sequence([{'1': box(0, 0)}], [{'1': box(0, 0), '9': box(10, 10)}], {'1': 1}, tracks, **lists)
    other, found = one_sequence([{'5': box(0, 0)}], [{'5': box(0, 0)}], {'5': 2}, {'5': 2})
    for extra, files in ((other, truth), (found, guess)):
        files['sequences'].append({**extra['sequences'][0], 'id': 2, 'seq_name': 't'})
    detection = evaluate_burst(*save(tmp_path, truth, guess))['DetA']['all']
    assert detection == pytest.approx(75 if alarm else 100)


def test_frames_without_ground_truth_are_not_time_steps(tmp_path):
    frames, guesses = [{'1': box(0, 0)}, {}, {'2': box(0, 0)}], [{'1': box(0, 0)}] * 3
    # Frame 1 has no ground truth, frame 2 a distractor only (category 20).
    paths = save(tmp_path, *one_sequence(frames, guesses, {'1': 1, '2': 20}, {'1': 1}, neg_category_ids=[1]))
    assert evaluate_burst(*paths)['DetA']['all'] == 100


def test_merged_categories_count_as_their_target(tmp_path):
    frames, guesses = [{'1': box(0, 0)}], [{'1': box(0, 0)}]
    paths = save(tmp_path, *one_sequence(frames, guesses, {'1': 347}, {'1': 504}))
    assert evaluate_burst(*paths)['HOTA']['common'] == pytest.approx(100)


def test_similarity_is_the_boxes_unless_masks_are_asked_for(tmp_path):
    mask = np.zeros((20, 20))
    mask[0:4, 0] = mask[0, 0:4] = 1
    paths = save(tmp_path, *one_sequence([{'1': box(0, 0)}], [{'1': {'rle': encode(mask)}}], {'1': 1}, {'1': 1}))
    assert evaluate_burst(*paths)['DetA']['all'] == 100
    assert evaluate_burst(*paths, similarity='mask')['DetA']['all'] == pytest.approx(100 * 8 / 19)


def test_only_the_best_300_masks_of_an_image_are_kept(tmp_path):
    guesses = {str(index): {**box(10, 10), 'score': 0.5} for index in range(2, 302)}
    guesses['1'] = {**box(0, 0), 'score': 0.4}
    tracks = dict.fromkeys(guesses, 1)
    paths = save(tmp_path, *one_sequence([{'1': box(0, 0)}], [guesses], {'1': 1}, tracks))
    assert evaluate_burst(*paths)['HOTA']['all'] == 0
    guesses['1']['score'] = 0.6
    paths = save(tmp_path, *one_sequence([{'1': box(0, 0)}], [guesses], {'1': 1}, tracks))
    assert evaluate_burst(*paths)['DetA']['all'] == pytest.approx(100 / 300)


def test_missing_sequences_and_empty_predictions_are_misses(tmp_path):
    truth, prediction = make_burst(1)
    prediction['sequences'] = []
    assert evaluate_burst(*save(tmp_path, truth, prediction))['HOTA']['all'] == 0


def broken(truth, prediction, path, value):
    """A copy of (truth, prediction) with one place replaced; path: 'gt' or 'pred', then keys."""
    files = {'gt': copy.deepcopy(truth), 'pred': copy.deepcopy(prediction)}
    place = files[path[0]]
    for key in path[1:-1]:
        place = place[key]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return files['gt'], files['pred']


FIRST = ('pred', 'sequences', 0)
MASK = (*FIRST, 'segmentations', 0, '1')


@pytest.mark.parametrize(
    'path,value,message',
    [
        ((*MASK, 'score'), -(10**400), 'frame 0.jpg, track 1: score -1000'),
        ((*MASK, 'score'), 'high', 'score'),
        ((*MASK, 'score'), True, 'score'),
        ((*MASK, 'rle'), None, 'track 1: mask is None'),
        ((*MASK, 'rle'), KeyError, 'track 1: mask is None'),
        ((*MASK, 'rle'), box(0, 0)['rle'][:-1], 'RLE'),
        ((*MASK, 'rle'), encode(np.ones((19, 20))), 'covers 380 pixels'),
        ((*MASK, 'rle'), '\x01' * 8, 'damaged RLE'),
        ((*MASK, 'category_id'), 1231, 'category id 1231 is out of range'),
        ((*MASK, 'category_id'), 'cat', 'not an integer'),
        ((*FIRST, 'track_category_ids'), {}, 'track 1: the track id is not one of'),
        ((*FIRST, 'track_category_ids', '01'), 1, 'duplicate track id 1'),
        ((*FIRST, 'track_category_ids', '1'), 0, 'track 1: category id 0 is out of range'),
        ((*FIRST, 'segmentations', 0, '01'), box(0, 0), 'frame 0.jpg: duplicate track id 1'),
        ((*FIRST, 'segmentations', 0, 'x'), box(0, 0), "track id 'x' is not an integer"),
        ((*FIRST, 'segmentations'), [], 'has 0 segmentations for 1 annotated frames'),
        ((*FIRST, 'annotated_image_paths'), KeyError, 'has no "annotated_image_paths"'),
        ((*FIRST, 'width'), 21, 'size 21x20, the ground truth is 20x20'),
        ((*FIRST, 'dataset'), KeyError, 'sequence number 0: has no "dataset"'),
        (('pred', 'split'), 'test', "split 'test'"),
        (('pred', 'sequences'), None, 'it must be a list'),
        (('gt', 'sequences', 0, 'track_category_ids'), {}, 'track 1 has no category'),
        (('gt', 'sequences', 0, 'neg_category_ids'), KeyError, 'has no "neg_category_ids"'),
        (('gt', 'split'), KeyError, 'has no "split"'),
        (('gt', 'sequences', 0, 'track_category_ids', '1'), 20, 'no track of an evaluated class'),
    ],
)
def test_bad_values_are_named(tmp_path, path, value, message):
    files = one_sequence([{'1': box(0, 0)}], [{'1': {**box(0, 0), 'score': 0.5}}], {'1': 1}, {'1': 1})
    with pytest.raises(InputError, match='json') as error:
        evaluate_burst(*save(tmp_path, *broken(*files, path, value)))
    assert message in str(error.value)


@pytest.mark.parametrize(
    'path,value,message',
    [((*FIRST, 'id'), 2, "id 2, the ground truth has '1'"), ((*FIRST, 'segmentations', 0, '7'), box(0, 0), 'track 7')],
)
def test_exemplar_ids_must_be_known(tmp_path, path, value, message):
    files = one_sequence([{'1': box(0, 0)}], [{'1': box(0, 0)}], {'1': 1}, {})
    with pytest.raises(InputError, match=message):
        evaluate_burst(*save(tmp_path, *broken(*files, path, value)), task='exemplar_guided')


def test_repeated_sequences_and_options_are_named(tmp_path):
    truth, prediction = make_burst(2)
    twice = {**truth, 'sequences': truth['sequences'] * 2}
    with pytest.raises(InputError, match='duplicate sequence'):
        evaluate_burst(*save(tmp_path, twice, prediction))
    for options in ({'task': 'open_world'}, {'similarity': 'points'}):
        with pytest.raises(InputError, match='is not one of'):
            evaluate_burst('gt', 'pred', **options)


def test_average_precision_compares_masks_of_whole_tracks(tmp_path):
    # Two tracks; one prediction covers track 1 fully, one half of track 2 (IoU 0.5), one is a false positive.
    frames = [{'1': box(0, 0), '2': box(10, 10)}] * 2
    guesses = [
        {'1': {**box(0, 0), 'score': 0.9}, '2': {**box(10, 10, 2), 'score': 0.8}, '3': {**box(16, 0), 'score': 0.7}}
    ] * 2
    paths = save(tmp_path, *one_sequence(frames, guesses, {'1': 1, '2': 1}, {'1': 1, '2': 1, '3': 1}))
    # At IoU 0.5 precision is 1 up to recall 1; at the nine higher thresholds up to recall 0.5 (51 of 101 points).
    assert evaluate_burst(*paths)['AP']['all'] == pytest.approx(100 * (1 + 9 * 51 / 101) / 10)


def test_average_precision_ignores_unmatched_tracks_of_partly_annotated_classes(tmp_path):
    guesses = [{'1': {**box(0, 0), 'score': 0.5}, '2': {**box(10, 10), 'score': 0.9}}]
    files = ([{'1': box(0, 0)}], guesses, {'1': 1}, {'1': 1, '2': 1})
    assert evaluate_burst(*save(tmp_path, *one_sequence(*files)))['AP']['all'] == pytest.approx(50)
    partial = one_sequence(*files, not_exhaustive_category_ids=[1])
    assert evaluate_burst(*save(tmp_path, *partial))['AP']['all'] == pytest.approx(100)


def test_a_tracks_category_is_that_of_its_first_mask(tmp_path):
    guesses = [{'1': box(0, 0)}, {'1': {**box(0, 0), 'category_id': 2}}]
    paths = save(tmp_path, *one_sequence([{'1': box(0, 0)}] * 2, guesses, {'1': 1}, {'1': 1}))
    assert evaluate_burst(*paths)['AP']['all'] == pytest.approx(100)


def test_the_released_command_takes_the_predictions_own_categories(tmp_path):
    """One perfect track of category 1. The track ids say so to TrackEval's rule; the released command reads
    track_category_ids: right in the first file, 2 in the second, where nothing of category 1 is left."""
    for category, expected in ((1, 100), (2, 0)):
        paths = save(tmp_path, *one_sequence([{'1': box(0, 0)}], [{'1': box(0, 0)}], {'1': 1}, {'1': category}))
        meant, released = (
            evaluate_burst(*paths, task=task)['HOTA']['all'] for task in ('exemplar_guided', 'exemplar_guided_released')
        )
        assert (meant, released) == (pytest.approx(100), pytest.approx(expected))


def test_a_sequence_twice_in_a_prediction_is_refused(tmp_path):
    truth, prediction = one_sequence([{'1': box(0, 0)}], [{'1': box(0, 0)}], {'1': 1}, {'1': 1})
    with pytest.raises(InputError, match='pred.json, sequence .*: duplicate sequence'):
        evaluate_burst(*save(tmp_path, truth, {**prediction, 'sequences': prediction['sequences'] * 2}))
