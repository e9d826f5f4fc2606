"""Transforms on hand-made clips whose results a reader can count."""
import numpy as np
import pytest
import torch
from mmdet.registry import DATASETS, TRANSFORMS

from gvseg.datasets.segments import Segments
from gvseg.datasets.transforms.geometry import resize_clip
from gvseg.datasets.transforms.loading import mask_boxes, set_segments
from gvseg.datasets.transforms.pseudo_video import AffineMotion, fill_holes

from .conftest import FRAMES

HEIGHT, WIDTH = 20, 40


def clip(*frames: dict) -> dict:
    """A loaded item. Each frame: {id: (x1, y1, x2, y2)}, all of label 3."""
    size = (HEIGHT, WIDTH)
    images, segments = [], []
    for number, boxes in enumerate(frames):
        masks = np.zeros((len(boxes), ) + size, np.uint8)
        for mask, (x1, y1, x2, y2) in zip(masks, boxes.values()):
            mask[y1:y2, x1:x2] = 1
        count = len(boxes)
        segments.append(Segments(np.full(count, 3), np.array(list(boxes), int),
                                 masks, np.zeros(count, bool)))
        ramp = np.arange(WIDTH, dtype=np.uint8) + number
        images.append(np.repeat(np.tile(ramp, (HEIGHT, 1))[..., None], 3, 2))
    results = dict(img=images, img_path=[f'{i}.jpg' for i in range(len(frames))],
                   img_id=list(range(len(frames))),
                   frame_id=list(range(len(frames))),
                   img_shape=[size] * len(frames),
                   ori_shape=[size] * len(frames),
                   scale_factor=[(1., 1.)] * len(frames),
                   flip=[False] * len(frames), clip_length=len(frames),
                   gt_seg_map=[s.semantic_map() for s in segments],
                   rng=np.random.default_rng(0))
    set_segments(results, segments)
    return results


def step(name: str, **options):
    """Build a transform."""
    return TRANSFORMS.build(dict(type=name, **options))


def test_boxes_of_masks():
    masks = np.zeros((2, 5, 6), np.uint8)
    masks[0, 1:3, 2:6] = 1
    masks[1, 0, 0] = masks[1, 4, 3] = 1
    assert mask_boxes(masks).tolist() == [[2, 1, 6, 3], [0, 0, 4, 5]]
    assert mask_boxes(masks[:0]).shape == (0, 4)


def test_flip_mirrors_everything():
    results = step('ClipRandomFlip', probability=1.)(
        clip({1: (0, 0, 10, 5)}, {1: (5, 0, 15, 5)}))
    assert results['img'][0][0, 0, 0] == WIDTH - 1
    assert results['gt_bboxes'][0].tolist() == [[30, 0, 40, 5]]
    assert results['gt_bboxes'][1].tolist() == [[25, 0, 35, 5]]
    assert results['flip'] == [True, True]
    assert (results['gt_seg_map'][0][:5, 30:] == 3).all()
    untouched = step('ClipRandomFlip', probability=0.)(clip({1: (0, 0, 9, 5)}))
    assert untouched['gt_bboxes'][0].tolist() == [[0, 0, 9, 5]]


def test_resize_by_short_side_and_long_side():
    results = step('ClipResize', short_sides=(40, ))(clip({1: (4, 2, 8, 6)}))
    assert results['img'][0].shape == (40, 80, 3)
    assert results['scale_factor'] == [(2., 2.)]
    assert results['gt_bboxes'][0].tolist() == [[8, 4, 16, 12]]
    assert results['ori_shape'] == [(HEIGHT, WIDTH)]
    limited = step('ClipResize', short_sides=(40, ), long_side=60)(
        clip({1: (4, 2, 8, 6)}))
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
    for ids, labels, boxes in zip(results['gt_instances_ids'],
                                  results['gt_bboxes_labels'],
                                  results['gt_bboxes']):
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


def test_photometric_changes_all_frames_alike_and_not_the_source():
    results = clip({1: (0, 0, 5, 5)}, {1: (0, 0, 5, 5)})
    results['img'][1] = results['img'][0]
    before = results['img'][0].copy()
    source = results['img'][0]
    changed = step('ClipPhotometric', probability=1.)(results)['img']
    assert (changed[0] == changed[1]).all() and (changed[0] != before).any()
    assert (source == before).all()


def video(length: int) -> dict:
    """Video dict as a data set hands it to the sampling transform."""
    frames = [dict(img_path=f'{i}.jpg', frame_id=i) for i in range(length)]
    return dict(video_id='v', video_length=length, images=frames,
                rng=np.random.default_rng(1))


@pytest.mark.parametrize('length', [1, 2, 3, 30])
def test_key_clip_first_then_references(length):
    sample = step('TemporalContrastiveFrameSample', clip_length=3,
                  num_references=2, strides=(1, 2))
    results = sample(video(length))
    assert len(results['frame_id']) == 9
    assert results['key_frame_flags'] == [True] * 3 + [False] * 6
    assert results['ori_video_length'] == [length] * 9
    for start in (0, 3, 6):
        steps = np.diff(results['frame_id'][start:start + 3])
        assert (steps >= 0).all() and (steps <= 2).all()


def test_scope_of_references():
    far, near = 0, 0
    for seed in range(40):
        for scope in ('video', 'near'):
            item = dict(video(60), rng=np.random.default_rng(seed))
            frames = step('TemporalContrastiveFrameSample', clip_length=1,
                          scope=scope, reach=4)(item)['frame_id']
            distance = abs(frames[1] - frames[0])
            near = max(near, distance if scope == 'near' else 0)
            far = max(far, distance if scope == 'video' else 0)
    assert near <= 4 and far > 25
    with pytest.raises(ValueError, match='scope'):
        step('TemporalContrastiveFrameSample', scope='elsewhere')


def test_smart_references_are_reproducible_frames_of_the_video(configs):
    sample = dict(type='TemporalContrastiveFrameSample', clip_length=2,
                  num_references=2, smart=dict(candidates=5))
    items = []
    for _ in range(2):
        dataset = DATASETS.build(dict(
            configs['vis'], pipeline=[
                sample, dict(type='LoadClipFrames'),
                dict(type='LoadClipAnnotations'),
                dict(type='PackClipInputs')]))
        items.append([f.frame_id for f in dataset[1, 7]['data_samples']])
    assert items[0] == items[1] and len(items[0]) == 6
    assert max(items[0]) < FRAMES


def test_smart_references_prefer_what_can_be_learnt_from(tmp_path):
    preference = step('TemporalContrastiveFrameSample',
                      smart=dict(candidates=2, threshold=0.2)).smart
    square = [dict(instance_id=1, bbox_label=0,
                   mask=[[4., 4., 14., 4., 14., 14., 4., 14.]])]
    frames = [dict(img_path=f'{i}.jpg', frame_id=i, height=HEIGHT,
                   width=WIDTH, instances=square if i != 2 else [])
              for i in range(3)]
    item = dict(video(3), images=frames)
    chosen = [preference.choose(item, 0, [1, 2], 1,
                                np.random.default_rng(seed))[0]
              for seed in range(200)]
    assert chosen.count(1) > chosen.count(2)


def test_training_exemplars_one_for_each_object_of_each_clip():
    frames = [{1: (0, 0, 8, 8)}, {1: (2, 0, 10, 8), 2: (20, 5, 30, 15)}] * 2
    results = clip(*frames)
    results['clip_length'] = 2
    make = step('MakeExemplars', first_frame=1., dim=64)
    exemplars = make(results)['exemplars']
    assert [e.instances_ids.tolist() for e in exemplars] == [[1], [2]] * 2
    for frame, exemplar in zip(frames, exemplars):
        x1, y1, x2, y2 = frame[int(exemplar.instances_ids[0])]
        points = exemplar.points[0]
        assert points.shape == (32, 2)
        assert ((points >= torch.tensor([x1, y1])) &
                (points <= torch.tensor([x2, y2]))).all()
        assert exemplar.descriptors.shape == (1, 36, 12)
    later = step('MakeExemplars', first_frame=0., dim=64)
    seen = {tuple(e.instances_ids.tolist())
            for _ in range(20) for e in later(results)['exemplars'][1:2]}
    assert (1, 2) in seen


@pytest.mark.parametrize('kind', ['mask', 'box', 'point'])
def test_test_exemplars_are_deterministic(kind):
    make = step('MakeExemplars', kinds=kind, training=False, dim=64)
    made = []
    for _ in range(2):
        results = clip({5: (10, 4, 21, 15)}, {5: (0, 0, 9, 9)})
        results['exemplar_ids'] = [[5], []]
        made.append(make(results)['exemplars'])
    first, empty = made[0]
    assert torch.equal(first.points, made[1][0].points)
    assert first.instances_ids.tolist() == [5] and len(empty) == 0
    assert empty.points.shape == (0, 32, 2)
    assert first.kinds.tolist() == [('mask', 'box', 'point').index(kind)]
    described = bool(first.descriptors.abs().sum() > 0)
    assert described == (kind != 'point')
    if kind == 'point':  # middle of the 11 x 11 square, for all 32 points
        assert (first.points - torch.tensor([15.5, 9.5])).abs().max() <= .5
        assert len(first.points[0].unique(dim=0)) == 1


def test_box_exemplar_of_a_mask_describes_the_whole_box():
    results = clip({5: (10, 4, 20, 14)})
    results['gt_masks'][0].masks[0, 7:11, 13:17] = 0  # a hole
    results['exemplar_ids'] = [None]
    box = step('MakeExemplars', kinds='box', training=False, dim=64)
    holed = box(results)['exemplars'][0].descriptors
    whole = clip({5: (10, 4, 20, 14)})
    whole['exemplar_ids'] = [None]
    assert torch.equal(holed, box(whole)['exemplars'][0].descriptors)


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


def test_holes_are_filled_from_their_surroundings():
    image = np.full((32, 32, 3), 80, np.float32)
    known = np.ones((32, 32), np.float32)
    image[8:20, 8:20], known[8:20, 8:20] = 255, 0
    filled = fill_holes(image, known)
    assert np.abs(filled - 80).max() < 1e-3


def test_motion_without_limits_stands_still():
    motion = AffineMotion.draw(np.random.default_rng(0), np.array([5., 3.]),
                               np.zeros(4), 10)
    assert np.allclose(motion.at(3.7), np.eye(3))


def pseudo(**options) -> dict:
    """A pseudo video of one bright square of 8 x 8 pixels."""
    results = clip({4: (12, 6, 20, 14)})
    results['img'][0][6:14, 12:20] = 250
    results.update(video_id=['v'], ori_video_length=[1], video_length=[1])
    results.pop('gt_seg_map')
    options = dict(dict(limits=(.2, 10., .1), min_area=.01, twin=0.),
                   **options)
    return step('PseudoVideo', **options)(results)


def test_pseudo_video_has_the_shape_of_a_training_item():
    results = pseudo(clip_length=3, num_references=1)
    assert len(results['img']) == len(results['gt_masks']) == 6
    assert results['key_frame_flags'] == [True] * 3 + [False] * 3
    assert len(results['frame_id']) == len(results['img_path']) == 6
    packed = step('PackClipInputs')(results)
    assert packed['inputs'].shape == (6, 3, HEIGHT, WIDTH)


def test_pseudo_video_masks_follow_the_object():
    results = pseudo()
    boxes = set()
    for image, masks, ids, box in zip(
            results['img'], results['gt_masks'], results['gt_instances_ids'],
            results['gt_bboxes']):
        assert ids.tolist() == [1]
        inside = masks.masks[0].astype(bool)
        assert image[inside].mean() > 180 > 100 > image[~inside].mean()
        boxes.add(tuple(box[0]))
    assert len(boxes) > 1


def test_twins_have_their_own_identity_and_cover_each_other():
    results = pseudo(twin=1.)
    for masks, ids in zip(results['gt_masks'], results['gt_instances_ids']):
        assert set(ids.tolist()) <= {1, 2}
        assert masks.masks.sum(0).max() <= 1
    assert any(len(ids) == 2 for ids in results['gt_instances_ids'])


def test_pseudo_video_needs_a_large_enough_object():
    assert pseudo(min_area=.5) is None
