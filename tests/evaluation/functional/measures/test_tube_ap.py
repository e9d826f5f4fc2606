"""Tube AP against hand-made cases, a slow reference implementation and invariances."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from gvseg.evaluation.functional.benchmarks.youtube_vis import evaluate_youtube_vis
from gvseg.evaluation.functional.measures.tube_ap import Tube, match_video, tube_iou, tube_numbers
from gvseg.evaluation.functional.measures.tube_rules import TubeGroup, TubeStatistic, occlusion_degree
from gvseg.evaluation.functional.protocols.tubes import AREA_GROUPS, OCCLUSION_GROUPS, OVIS, YOUTUBE_VIS
from tests.evaluation.tube_fixtures import SHAPE, annotation, box, dataset, encode, random_case, result, slow_ap

BOX = box(2, 2, 10, 10)
EMPTY = box(0, 0, 0, 0)


def score(folder, truth, results, rule=YOUTUBE_VIS, jobs=1):
    """Numbers of a case through files; the precision of a perfect curve is 1 - 2e-16, thus rounded."""
    (folder / 'gt.json').write_text(json.dumps(truth))
    (folder / 'pred.json').write_text(json.dumps(results))
    numbers = evaluate_youtube_vis(folder / 'gt.json', folder / 'pred.json', jobs, rule=rule)
    return {name: round(value, 12) for name, value in numbers.items()}


def tube(masks, category=1, **more):
    """A tube of (H,W) masks."""
    areas = np.array([mask.sum() for mask in masks])
    return Tube(category, tuple(encode(mask) for mask in masks), areas, float(areas.mean()), **more)


def test_iou_is_a_ratio_of_sums():
    first = tube([box(0, 0, 10, 10), box(0, 0, 2, 2), EMPTY])
    second = tube([box(0, 5, 10, 10), box(0, 0, 2, 2), box(9, 9, 4, 4)])
    # (50 + 4 + 0) / (150 + 4 + 16)
    assert tube_iou([first], [second])[0, 0] == pytest.approx(54 / 170)


def test_iou_of_nothing_is_zero():
    assert tube_iou([tube([EMPTY])], [tube([EMPTY])])[0, 0] == 0


def test_frames_after_the_shorter_tube_do_not_count():
    assert tube_iou([tube([BOX])], [tube([BOX, BOX])])[0, 0] == 1
    assert tube_iou([tube([BOX, BOX])], [tube([BOX])])[0, 0] == 1


def test_pairs_that_cannot_reach_the_least_iou_may_be_left_out():
    close, far = tube([BOX, BOX, BOX]), tube([np.roll(BOX, 9, 1)] * 3)
    assert tube_iou([close, far], [close], 0.5).tolist() == [[1.0], [0.0]]
    assert 0 < tube_iou([far], [close])[0, 0] < 0.5


def test_one_mask_under_several_categories():
    right = tube([BOX, BOX], 1, score=0.9)
    detections = [right, replace(right, category=2, score=0.8), replace(right, category=7, score=0.1)]
    objects = [tube([BOX, BOX], 1), tube([EMPTY, BOX], 2)]
    matches = match_video(detections, objects, YOUTUBE_VIS)
    thresholds = np.array(YOUTUBE_VIS.iou_thresholds)
    assert matches[1].hits[0].all() and not matches[7].hits.any()
    assert (matches[2].hits[0, :, 0] == (thresholds <= 0.5)).all()  # half of the pixels


def test_perfect(tmp_path):
    truth = dataset({1: 2}, [annotation(1, 1, 1, [BOX, EMPTY]), annotation(2, 1, 2, [EMPTY, BOX])])
    numbers = score(tmp_path, truth, [result(1, 1, 0.3, [BOX, EMPTY]), result(1, 2, 0.9, [EMPTY, BOX])])
    assert {name: numbers[name] for name in ('AP', 'AP50', 'AR1', 'APs')} == dict.fromkeys(
        ('AP', 'AP50', 'AR1', 'APs'), 1.0
    )
    assert numbers['APl'] == -1  # no ground truth


def test_no_results_at_all(tmp_path):
    numbers = score(tmp_path, dataset({1: 1}, [annotation(1, 1, 1, [BOX])]), [])
    assert numbers['AP'] == numbers['AR100'] == 0 and numbers['APm'] == -1


def test_false_positive_before_the_hit_halves_precision(tmp_path):
    truth = dataset({1: 1}, [annotation(1, 1, 1, [BOX])])
    results = [result(1, 1, 0.9, [box(0, 20, 5, 5)]), result(1, 1, 0.5, [BOX])]
    numbers = score(tmp_path, truth, results)
    assert numbers['AP'] == pytest.approx(0.5) and numbers['AR1'] == 0 and numbers['AR10'] == 1


def test_equal_scores_keep_the_order_of_the_file_within_and_of_ids_across_videos(tmp_path):
    truth = dataset({9: 1, 4: 1}, [annotation(1, 9, 1, [BOX]), annotation(2, 4, 1, [BOX])])
    miss = box(0, 20, 5, 5)
    # Video 4 comes first: hit, then the miss of video 9: precision 1 up to recall 1/2.
    numbers = score(tmp_path, truth, [result(9, 1, 0.5, [miss]), result(4, 1, 0.5, [BOX])])
    assert numbers['AP'] == pytest.approx(51 / 101)
    # Within a video, ties are broken by file order.
    one = dataset({1: 1}, [annotation(1, 1, 1, [BOX])])
    assert score(tmp_path, one, [result(1, 1, 0.5, [BOX]), result(1, 1, 0.5, [miss])])['AP'] == 1
    assert score(tmp_path, one, [result(1, 1, 0.5, [miss]), result(1, 1, 0.5, [BOX])])['AP'] == 0.5


def test_category_without_objects_is_left_out(tmp_path):
    truth = dataset({1: 1}, [annotation(1, 1, 1, [BOX])])
    numbers = score(tmp_path, truth, [result(1, 1, 0.5, [BOX]), result(1, 2, 0.9, [BOX])])
    assert numbers['AP'] == 1


def test_crowd_swallows_many_detections(tmp_path):
    truth = dataset({1: 1}, [annotation(1, 1, 1, [BOX], iscrowd=1), annotation(2, 1, 1, [box(0, 20, 6, 6)])])
    results = [result(1, 1, score_, [BOX]) for score_ in (0.9, 0.8, 0.7)] + [result(1, 1, 0.1, [box(0, 20, 6, 6)])]
    assert score(tmp_path, truth, results)['AP'] == 1


def test_area_groups_go_by_the_areas_of_the_file_and_are_inclusive(tmp_path):
    entry = annotation(1, 1, 1, [BOX, EMPTY])
    entry['areas'] = [128**2, None]
    numbers = score(tmp_path, dataset({1: 2}, [entry]), [result(1, 1, 0.5, [BOX, EMPTY])])
    assert numbers['APs'] == numbers['APm'] == 1 and numbers['APl'] == -1


def test_all_zero_mask_equals_null(tmp_path):
    truth = dataset({1: 2}, [annotation(1, 1, 1, [BOX, EMPTY])])
    entry = result(1, 1, 0.5, [BOX, EMPTY])
    counts = coco_mask.encode(np.asfortranarray(np.zeros(SHAPE, np.uint8)))['counts'].decode()
    zero = {'size': list(SHAPE), 'counts': counts}
    assert score(tmp_path, truth, [{**entry, 'segmentations': [entry['segmentations'][0], zero]}])['AP'] == 1


def test_uncompressed_masks_and_polygons_in_the_ground_truth(tmp_path):
    flat = BOX.ravel(order='F').astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    runs = np.diff(np.concatenate([[0], edges])).tolist()
    truth = dataset({1: 2}, [annotation(1, 1, 1, [BOX, BOX])])
    truth['annotations'][0]['segmentations'] = [
        {'size': list(SHAPE), 'counts': runs},
        [[2.0, 2.0, 12.0, 2.0, 12.0, 12.0, 2.0, 12.0]],
    ]
    assert score(tmp_path, truth, [result(1, 1, 0.5, [BOX, BOX])])['AP'] == 1


@pytest.mark.parametrize(
    ('levels', 'expected'),
    [([0.75], 0.75), ([0, 0.75], 0.75), ([0, 0.25, 0.75], 0.5), ([0, 0, 0, 0.25], 0.125), ([], 0)],
)
def test_occlusion_is_the_mean_of_the_larger_half(levels, expected):
    assert occlusion_degree(levels) == expected


def test_occlusion_on_a_border_counts_in_both_groups(tmp_path):
    truth = dataset({1: 1}, [annotation(1, 1, 1, [BOX], occlusion=['slight_occlusion'])])
    numbers = score(tmp_path, truth, [result(1, 1, 0.5, [BOX]), result(1, 1, 0.9, [box(0, 20, 5, 5)])], OVIS)
    assert numbers['AP_light(so)'] == numbers['AP_medium(mo)'] == 0.5
    # Unmatched detections are never ignored because of occlusion.
    assert numbers['AP_heavy(ho)'] == -1


def slow_numbers(truth, results, rule):
    """The rule's statistics by the slow reference implementation."""
    groups = {group.name: group for group in rule.groups}
    numbers = {}
    for statistic in rule.statistics:
        group = groups[statistic.group]
        ap, ar = slow_ap(truth, results, group.area, group.occlusion, statistic.detections, statistic.threshold)
        numbers[statistic.key] = ap if statistic.precision else ar
    return numbers


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_equals_the_slow_restatement(tmp_path_factory, seed):
    truth, results = random_case(seed)
    rule = replace(
        OVIS,
        groups=(AREA_GROUPS[0], TubeGroup('medium', (1e4, 5e4)), OCCLUSION_GROUPS[1]),
        statistics=(
            TubeStatistic('AP', True),
            TubeStatistic('AP50', True, threshold=0.5),
            TubeStatistic('APm', True, 'medium'),
            TubeStatistic('APo', True, 'half'),
            TubeStatistic('AR1', False, detections=1),
            TubeStatistic('AR', False),
        ),
    )
    numbers = score(tmp_path_factory.mktemp('tubes'), truth, results, rule)
    assert numbers == pytest.approx(slow_numbers(truth, results, rule))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_annotation_ids_and_processes_change_nothing(tmp_path_factory, seed):
    truth, results = random_case(seed)
    folder = tmp_path_factory.mktemp('tubes')
    numbers = score(folder, truth, results, OVIS)
    for entry in truth['annotations']:
        entry['id'] = 1000 - entry['id']
    assert score(folder, truth, results, OVIS, jobs=2) == numbers


def test_at_most_a_hundred_detections_per_video_and_category():
    detections = [tube([EMPTY], score=1.0)] * 100 + [tube([BOX], score=0.5)]
    videos = [match_video(detections, [tube([BOX])], YOUTUBE_VIS)]
    assert tube_numbers(videos, [1], YOUTUBE_VIS)['AR100'] == 0
    assert tube_numbers([match_video(detections[1:], [tube([BOX])], YOUTUBE_VIS)], [1], YOUTUBE_VIS)['AR100'] == 1
