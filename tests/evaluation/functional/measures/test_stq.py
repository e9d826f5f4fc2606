"""STQ against hand-made cases (experiments on the STEP rules), a slow reference implementation and invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gvseg.evaluation.functional.benchmarks.kitti_step import evaluate_kitti_step
from gvseg.evaluation.functional.benchmarks.vipseg import evaluate_vipseg
from gvseg.evaluation.functional.measures.stq import tracking_numbers
from tests.evaluation.functional.measures.test_panoptic_quality import CLASSES
from tests.evaluation.panoptic_fixtures import make_vipseg, slow_stq, write_ids, write_side

ROAD, SKY, PERSON, CAR = 0, 10, 11, 13


def code(label, instance=0):
    """A KITTI-STEP pixel."""
    return label << 16 | instance


def kitti(tmp_path, target, prediction):
    """Numbers of one sequence of (T,H,W) code maps."""
    for name, maps in (('gt', target), ('pred', prediction)):
        for index, ids in enumerate(np.asarray(maps, np.int64)):
            write_ids(tmp_path / name / '0002' / f'{index:06d}.png', ids, red_is_high=True)
    return evaluate_kitti_step(tmp_path / 'gt', tmp_path / 'pred')


def test_perfect(tmp_path):
    maps = [[[code(ROAD), code(CAR, 1), code(CAR, 2), code(PERSON, 1)]]] * 4
    numbers = kitti(tmp_path, maps, maps)
    assert numbers['STQ'] == {'STQ': 1, 'AQ': 1, 'SQ_IoU': 1, 'AQ_per_seq': [1], 'IoU_per_seq': [1], 'STQ_per_seq': [1]}
    # Three of the 19 classes are there, two of them things.
    assert numbers['VPQ']['k4'] == pytest.approx(
        {'all': 300 / 19, 'thing': 100, 'stuff': 100 / 17, 'all_over_seen_classes': 100, 'n_seen': 3}
    )


def test_association_does_not_look_at_the_class(tmp_path):
    target, answer = [[[code(CAR, 1), code(ROAD)]]], [[[code(PERSON, 5), code(ROAD)]]]
    stq = kitti(tmp_path, target, answer)['STQ']
    assert stq['AQ'] == 1
    assert stq['SQ_IoU'] == pytest.approx(1 / 3)  # road 1, car 0, person 0


def test_class_flip_splits_a_track(tmp_path):
    target = [[[code(CAR, 1)]], [[code(CAR, 1)]]]
    answer = [[[code(CAR, 1)]], [[code(PERSON, 1)]]]
    # Two halves: each overlaps 1 with IoU 1/2, divided by the size 2.
    assert kitti(tmp_path, target, answer)['STQ']['AQ'] == pytest.approx(0.5)


def test_predicted_thing_on_void_counts(tmp_path):
    target = [[[code(CAR, 1), code(255)]]]
    assert kitti(tmp_path, target, [[[code(CAR, 1), code(CAR, 1)]]])['STQ']['AQ'] == pytest.approx(0.5)


def test_predicted_thing_on_crowd_does_not_count(tmp_path):
    target = [[[code(CAR, 1), code(PERSON, 0)]]]
    assert kitti(tmp_path, target, [[[code(CAR, 1), code(CAR, 1)]]])['STQ']['AQ'] == 1


def test_label_19_is_one_more_class_of_iou_0(tmp_path):
    target = [[[code(ROAD), code(ROAD)]]]
    # Road: 1 of 2; the void column occurs: (1/2 + 0) / 2.
    assert kitti(tmp_path, target, [[[code(ROAD), code(19)]]])['STQ']['SQ_IoU'] == pytest.approx(0.25)


def test_class_only_in_predictions_counts_as_0(tmp_path):
    target, answer = [[[code(ROAD)] * 4]], [[[code(ROAD)] * 3 + [code(SKY)]]]
    assert kitti(tmp_path, target, answer)['STQ']['SQ_IoU'] == pytest.approx(0.75 / 2)


def test_rider_is_stuff(tmp_path):
    maps = [[[code(12, 4), code(ROAD)]]]
    assert kitti(tmp_path, maps, maps)['STQ']['AQ'] == 0  # no tracks at all


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_equals_the_slow_restatement(tmp_path_factory, seed):
    root = tmp_path_factory.mktemp('vipseg')
    videos = make_vipseg(root, seed, lengths=(4, 2))
    stq = evaluate_vipseg(root / 'gt', root / 'pred')['STQ']
    assert {name: stq[name] for name in ('STQ', 'AQ', 'SQ_IoU')} == pytest.approx(slow_stq(videos))
    alone = [slow_stq({name: video}) for name, video in videos.items()]
    assert stq['STQ_per_seq'] == pytest.approx([numbers['STQ'] for numbers in alone])


def test_first_listed_thing_is_crowd(tmp_path):
    # Ids 1 (cat) and 2 (sky); then the other way round: only then is the cat tracked.
    for name, cat, expected in (('a', 1, 0.0), ('b', 2, 1.0)):
        maps = np.array([[[cat, 3 - cat]]])
        videos = {'v': (maps, {cat: 2, 3 - cat: 0}) * 2}
        assert slow_stq(videos)['AQ'] == expected
        for folder, sub, file in (('gt', 'panomasksRGB', 'panoptic_gt.json'), ('pred', 'pan_pred', 'pred.json')):
            (tmp_path / name / folder).mkdir(parents=True)
            write_side(tmp_path / name / folder / sub, tmp_path / name / folder / file, {'v': videos['v'][:2]})
        assert evaluate_vipseg(tmp_path / name / 'gt', tmp_path / name / 'pred')['STQ']['AQ'] == expected


def test_merging_equals_one_process(tmp_path):
    make_vipseg(tmp_path, 3)
    one = evaluate_vipseg(tmp_path / 'gt', tmp_path / 'pred')
    assert evaluate_vipseg(tmp_path / 'gt', tmp_path / 'pred', jobs=3) == one


def test_no_video_gives_zero_association():
    assert tracking_numbers([], CLASSES)['AQ'] == 0
