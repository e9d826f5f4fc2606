"""Transforms on hand-made clips whose results a reader can count."""

import numpy as np
import pytest
import torch
from mmdet.registry import DATASETS

from gvseg.datasets.transforms.geometry import resize_clip
from gvseg.datasets.transforms.loading import mask_boxes

from .conftest import FRAMES
from .hand_made import HEIGHT, WIDTH, clip, step


def test_boxes_of_masks():
    masks = np.zeros((2, 5, 6), np.uint8)
    masks[0, 1:3, 2:6] = 1
    masks[1, 0, 0] = masks[1, 4, 3] = 1
    assert mask_boxes(masks).tolist() == [[2, 1, 6, 3], [0, 0, 4, 5]]
    assert mask_boxes(masks[:0]).shape == (0, 4)


def test_flip_mirrors_everything():
    results = step('ClipRandomFlip', probability=1.0)(clip({1: (0, 0, 10, 5)}, {1: (5, 0, 15, 5)}))
    assert results['img'][0][0, 0, 0] == WIDTH - 1
    assert results['gt_bboxes'][0].tolist() == [[30, 0, 40, 5]]
    assert results['gt_bboxes'][1].tolist() == [[25, 0, 35, 5]]
    assert results['flip'] == [True, True]
    assert (results['gt_seg_map'][0][:5, 30:] == 3).all()
    untouched = step('ClipRandomFlip', probability=0.0)(clip({1: (0, 0, 9, 5)}))
    assert untouched['gt_bboxes'][0].tolist() == [[0, 0, 9, 5]]


def test_resize_by_short_side_and_long_side():
    results = step('ClipResize', short_sides=(40,))(clip({1: (4, 2, 8, 6)}))
    assert results['img'][0].shape == (40, 80, 3)
    assert results['scale_factor'] == [(2.0, 2.0)]
    assert results['gt_bboxes'][0].tolist() == [[8, 4, 16, 12]]
    assert results['ori_shape'] == [(HEIGHT, WIDTH)]
    limited = step('ClipResize', short_sides=(40,), long_side=60)(clip({1: (4, 2, 8, 6)}))
    assert limited['img_shape'] == [(30, 60)]
    with pytest.raises(ValueError, match='either'):
        step('ClipResize')


def test_segment_lost_by_shrinking_is_dropped():
    results = clip({1: (1, 1, 2, 2), 2: (10, 0, 20, 20)})
    resize_clip(results, (5, 10))
    assert results['gt_instances_ids'][0].tolist() == [2]
    assert len(results['gt_masks'][0]) == len(results['gt_bboxes'][0]) == 1


def test_crop_cuts_the_same_window_and_drops_what_is_outside():
    frames = [{1: (0, 0, 40, 20), 2: (0, 0, 1, 1)}] * 3
    results = step('ClipRandomCrop', size=(8, 10))(clip(*frames))
    assert {image.shape for image in results['img']} == {(8, 10, 3)}
    left = int(results['img'][0][0, 0, 0])
    assert [int(i[0, 0, 0]) - left for i in results['img']] == [0, 1, 2]
    for ids, labels, boxes in zip(results['gt_instances_ids'], results['gt_bboxes_labels'], results['gt_bboxes']):
        assert ids.tolist() == [1] and labels.tolist() == [3]
        assert boxes.tolist() == [[0, 0, 10, 8]]


def test_crop_gives_up_where_nothing_is_left():
    crop = step('ClipRandomCrop', size=(4, 4))
    assert crop(clip({}, {1: (0, 0, 40, 20)})) is not None
    first_is_empty = clip({}, {1: (0, 0, 40, 20)})
    first_is_empty['clip_length'] = 1
    assert crop(first_is_empty) is None


def test_small_frames_are_not_cropped():
    results = step('ClipRandomCrop', size=(99, 99))(clip({1: (0, 0, 5, 5)}))
    assert results['img_shape'] == [(HEIGHT, WIDTH)]


def cropped_size(height: int, width: int, **options: object) -> tuple:
    """Size of the window that is cut out of empty frames."""
    results = dict(img=[np.zeros((height, width, 3), np.uint8)], rng=np.random.default_rng(0))
    return step('ClipRandomCrop', **options)(results)['img_shape'][0]


@pytest.mark.parametrize(
    'size, kept',
    [((480, 854), (480, 768)), ((854, 480), (768, 480)), ((240, 426), (240, 426)), ((800, 800), (768, 768))],
)
def test_crop_limits_the_longer_side_whichever_it_is(size, kept):
    assert cropped_size(*size, long_side=768) == kept


@pytest.mark.parametrize(
    'size, kept',
    [((800, 1333), (640, 1066)), ((1333, 800), (1066, 640)), ((1333, 600), (1066, 600)), ((480, 480), (480, 480))],
)
def test_crop_window_is_turned_with_the_frame(size, kept):
    assert cropped_size(*size, size=(640, 1066)) == kept


def test_crop_takes_a_size_or_a_limit():
    for options in ({}, dict(size=(4, 4), long_side=4)):
        with pytest.raises(ValueError, match='either size or long_side'):
            step('ClipRandomCrop', **options)


def test_photometric_changes_all_frames_alike_and_not_the_source():
    results = clip({1: (0, 0, 5, 5)}, {1: (0, 0, 5, 5)})
    results['img'][1] = results['img'][0]
    before = results['img'][0].copy()
    source = results['img'][0]
    changed = step('ClipPhotoMetricDistortion', probability=1.0)(results)['img']
    assert (changed[0] == changed[1]).all() and (changed[0] != before).any()
    assert (source == before).all()


def video(length: int) -> dict:
    """Video dict as a data set hands it to the sampling transform."""
    frames = [dict(img_path=f'{i}.jpg', frame_id=i) for i in range(length)]
    return dict(video_id='v', video_length=length, images=frames, rng=np.random.default_rng(1))


@pytest.mark.parametrize('length', [1, 2, 3, 30])
def test_key_clip_first_then_references(length):
    sample = step('TemporalContrastiveFrameSample', clip_length=3, num_references=2, strides=(1, 2))
    results = sample(video(length))
    assert len(results['frame_id']) == 9
    assert results['key_frame_flags'] == [True] * 3 + [False] * 6
    assert results['ori_video_length'] == [length] * 9
    for start in (0, 3, 6):
        steps = np.diff(results['frame_id'][start : start + 3])
        assert (steps >= 0).all() and (steps <= 2).all()


def test_scope_of_references():
    far, near = 0, 0
    for seed in range(40):
        for scope in ('video', 'near'):
            item = dict(video(60), rng=np.random.default_rng(seed))
            frames = step('TemporalContrastiveFrameSample', clip_length=1, scope=scope, reach=4)(item)['frame_id']
            distance = abs(frames[1] - frames[0])
            near = max(near, distance if scope == 'near' else 0)
            far = max(far, distance if scope == 'video' else 0)
    assert near <= 4 and far > 25
    with pytest.raises(ValueError, match='scope'):
        step('TemporalContrastiveFrameSample', scope='elsewhere')


def test_near_references_follow_those_of_the_whole_video():
    far = []
    for seed in range(30):
        item = dict(video(60), rng=np.random.default_rng(seed))
        results = step('TemporalContrastiveFrameSample', clip_length=2, num_near_references=1, reach=4)(item)
        key, _, wide, _, near, last = results['frame_id']
        assert results['key_frame_flags'] == [True] * 2 + [False] * 4
        assert 1 <= abs(near - key) <= 4 and last == near + 1
        far.append(abs(wide - key))
    assert max(far) > 20


def test_smart_references_are_reproducible_frames_of_the_video(configs):
    sample = dict(type='TemporalContrastiveFrameSample', clip_length=2, num_references=2, smart=dict(candidates=5))
    items = []
    for _ in range(2):
        dataset = DATASETS.build(
            dict(
                configs['vis'],
                pipeline=[
                    sample,
                    dict(type='LoadClipFrames'),
                    dict(type='LoadClipAnnotations'),
                    dict(type='PackClipInputs'),
                ],
            )
        )
        items.append([f.frame_id for f in dataset[1, 7]['data_samples']])
    assert items[0] == items[1] and len(items[0]) == 6
    assert max(items[0]) < FRAMES


def square_video(*boxes: tuple | None) -> dict:
    """One object, a box (x1, y1, x2, y2) in each frame, or absent."""

    def instances(box: tuple | None) -> list:
        x1, y1, x2, y2 = box or (0.0, 0.0, 0.0, 0.0)
        polygon = [x1, y1, x2, y1, x2, y2, x1, y2]
        return [dict(instance_id=1, bbox_label=0, mask=[polygon])] if box else []

    frames = [
        dict(img_path=f'{i}.jpg', frame_id=i, height=HEIGHT, width=WIDTH, instances=instances(box))
        for i, box in enumerate(boxes)
    ]
    return dict(video(len(boxes)), images=frames)


SQUARE, MOVED, WIDE = (4.0, 4.0, 14.0, 14.0), (24.0, 4.0, 34.0, 14.0), (4.0, 4.0, 34.0, 8.0)


def test_smart_references_prefer_a_real_positive_then_a_hard_negative():
    preference = step('TemporalContrastiveFrameSample', smart=dict(candidates=3, threshold=0.2)).smart
    item = square_video(SQUARE, MOVED, None, SQUARE)
    for _ in range(20):
        assert preference.choose(item, [0], [[1], [2], [3]], 1) == [[3]]  # the same square: dH is 0
        assert preference.choose(item, [0], [[1], [2]], 1) == [[1]]  # what has moved teaches more than what is absent
    pairs = [preference.choose(item, [0], [[1], [2], [3]], 2) for _ in range(20)]
    assert {pair[0][0] for pair in pairs} == {3} and {pair[1][0] for pair in pairs} == {1, 2}


def test_smart_references_go_by_the_mean_over_a_clip_as_the_loss_does():
    preference = step('TemporalContrastiveFrameSample', smart=dict(candidates=3, threshold=0.2)).smart
    item = square_video(SQUARE, SQUARE, SQUARE, WIDE, SQUARE, SQUARE)
    assert preference.choose(item, [0, 1], [[2, 3], [4, 5]], 1) == [[4, 5]]  # both begin with the same square


def test_smart_references_with_fewer_clips_than_asked_for_repeat_them():
    preference = step('TemporalContrastiveFrameSample', smart=dict()).smart
    assert preference.choose(square_video(SQUARE, SQUARE), [0], [[1], [1]], 3) == [[1], [1], [1]]
    assert preference.choose(square_video(None, None, None), [0], [[1], [2]], 1)[0] in ([1], [2])


def test_smart_references_survive_a_small_memory():
    preference = step('TemporalContrastiveFrameSample', smart=dict(memory=2)).smart
    item = square_video(SQUARE, MOVED, SQUARE)
    assert [preference.choose(item, [0], [[1], [2]], 1) for _ in range(3)] == [[[2]]] * 3


def test_packing_keeps_all_fields():
    results = step('MakeExemplars', dim=64)(clip({1: (0, 0, 8, 8)}, {}))
    results['key_frame_flags'] = [True, False]
    packed = step('PackClipInputs')(results)
    sample = packed['data_samples']
    assert packed['inputs'].shape == (2, 3, HEIGHT, WIDTH)
    assert packed['inputs'].dtype == torch.uint8
    assert sample.key_frames_inds == [0] and sample.ref_frames_inds == [1]
    assert sample.clip_length == 2
    assert sample[0].gt_sem_seg.sem_seg.dtype == torch.long
    assert sample[0].gt_sem_seg.sem_seg[0, 0, :9].tolist() == [3] * 8 + [255]
    assert len(sample[1].gt_instances.labels) == 0
    assert len(sample[1].exemplars) == 0
