"""What the model is shown of an object, and clips made of still images."""

import numpy as np
import pytest
import torch

from gvseg.datasets.transforms.pseudo_video import AffineMotion, fill_holes

from .hand_made import HEIGHT, WIDTH, clip, step


def test_training_exemplars_one_for_each_object_of_each_clip():
    frames = [{1: (0, 0, 8, 8)}, {1: (2, 0, 10, 8), 2: (20, 5, 30, 15)}] * 2
    results = clip(*frames)
    results['clip_length'] = 2
    make = step('MakeExemplars', first_frame=1.0, dim=64)
    exemplars = make(results)['exemplars']
    assert [e.instances_ids.tolist() for e in exemplars] == [[1], [2]] * 2
    for frame, exemplar in zip(frames, exemplars):
        x1, y1, x2, y2 = frame[int(exemplar.instances_ids[0])]
        points = exemplar.points[0]
        assert points.shape == (32, 2)
        assert ((points >= torch.tensor([x1, y1])) & (points <= torch.tensor([x2, y2]))).all()
        assert exemplar.descriptors.shape == (1, 36, 12)
    later = step('MakeExemplars', first_frame=0.0, dim=64)
    seen = {tuple(e.instances_ids.tolist()) for _ in range(20) for e in later(results)['exemplars'][1:2]}
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
        assert (first.points - torch.tensor([15.5, 9.5])).abs().max() <= 0.5
        assert len(first.points[0].unique(dim=0)) == 1


def test_a_given_mask_keeps_the_size_of_its_frame():
    results = clip({5: (10, 4, 21, 15), 6: (0, 0, 3, 3)}, {5: (0, 0, 9, 9)})
    results['exemplar_ids'] = [[5], []]
    masks = results['gt_masks'][0].masks
    results['exemplar_masks'] = [{5: masks[0]}, {}]  # as LoadClipAnnotations keeps them
    small = step('ClipResize', short_sides=(10,))(results)
    given, none = step('MakeExemplars', kinds='mask', training=False, dim=64)(small)['exemplars']
    (mask,) = given.given_masks
    assert mask.dtype == torch.bool and np.array_equal(mask.numpy(), masks[0] > 0) and none.given_masks == []
    small['given_exemplars'] = [None, None]
    box, _ = step('MakeExemplars', kinds='box', training=False, dim=64)(small)['exemplars']
    assert box.given_masks == [None]


def test_box_exemplar_of_a_mask_describes_the_whole_box():
    results = clip({5: (10, 4, 20, 14)})
    results['gt_masks'][0].masks[0, 7:11, 13:17] = 0  # a hole
    results['exemplar_ids'] = [None]
    box = step('MakeExemplars', kinds='box', training=False, dim=64)
    holed = box(results)['exemplars'][0].descriptors
    whole = clip({5: (10, 4, 20, 14)})
    whole['exemplar_ids'] = [None]
    assert torch.equal(holed, box(whole)['exemplars'][0].descriptors)


def test_holes_are_filled_from_their_surroundings():
    image = np.full((32, 32, 3), 80, np.float32)
    known = np.ones((32, 32), np.float32)
    image[8:20, 8:20], known[8:20, 8:20] = 255, 0
    filled = fill_holes(image, known)
    assert np.abs(filled - 80).max() < 1e-3


def test_motion_without_limits_stands_still():
    motion = AffineMotion.draw(np.random.default_rng(0), np.array([5.0, 3.0]), np.zeros(4), 10)
    assert np.allclose(motion.at(3.7), np.eye(3))


def pseudo(**options) -> dict:
    """A pseudo video of one bright square of 8 x 8 pixels."""
    results = clip({4: (12, 6, 20, 14)})
    results['img'][0][6:14, 12:20] = 250
    results.update(video_id=['v'], ori_video_length=[1], video_length=[1])
    results.pop('gt_seg_map')
    options = dict(dict(limits=(0.2, 10.0, 0.1), min_area=0.01, twin=0.0), **options)
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
        results['img'], results['gt_masks'], results['gt_instances_ids'], results['gt_bboxes']
    ):
        assert ids.tolist() == [1]
        inside = masks.masks[0].astype(bool)
        assert image[inside].mean() > 180 > 100 > image[~inside].mean()
        boxes.add(tuple(box[0]))
    assert len(boxes) > 1


def test_an_occluder_covers_others_and_has_no_label():
    alone, covered = pseudo(limits=(0.0, 0.0, 0.0)), pseudo(limits=(0.0, 0.0, 0.0), occluder=1.0)
    assert all(ids.tolist() == [1] for ids in alone['gt_instances_ids'])
    assert covered is None  # without motion the copy hides the instance
    moving = pseudo(limits=(0.1, 0.0, 0.0), occluder=1.0)
    assert all(set(ids.tolist()) <= {1} for ids in moving['gt_instances_ids'])
    unlabelled = [image[masks.masks.sum(0) == 0] for image, masks in zip(moving['img'], moving['gt_masks'])]
    assert sum((pixels > 200).any(-1).sum() for pixels in unlabelled) > 20


def test_instances_that_leave_and_occluders_move_three_times_as_far():
    rng = np.random.default_rng(0)
    assert step('PseudoVideo', leave=1.0)._reach(2, 1, rng) == [3.0, 3.0, 3.0]
    assert step('PseudoVideo')._reach(2, 1, rng) == [1.0, 1.0, 3.0]


def test_twins_have_their_own_identity_and_cover_each_other():
    results = pseudo(twin=1.0)
    for masks, ids in zip(results['gt_masks'], results['gt_instances_ids']):
        assert set(ids.tolist()) <= {1, 2}
        assert masks.masks.sum(0).max() <= 1
    assert any(len(ids) == 2 for ids in results['gt_instances_ids'])


def camera_video(**options) -> dict:
    """A pseudo video of the whole photo: two bright squares, one of them a single pixel wide, and an ignored one."""
    results = clip({4: (12, 6, 20, 14), 9: (30, 10, 31, 11), 2: (4, 4, 8, 8)})
    results['gt_ignore_flags'][0][2] = True
    for box in (slice(6, 14), slice(12, 20)), (slice(10, 11), slice(30, 31)), (slice(4, 8), slice(4, 8)):
        results['img'][0][box] = 250
    results.update(video_id=['v'], ori_video_length=[1], video_length=[1])
    results.pop('gt_seg_map')
    return step('CameraPseudoVideo', **options)(results)


def test_a_photo_that_stands_still_is_the_photo_with_every_instance():
    results = camera_video(limits=(0.0, 0.0, 0.0))
    photo = camera_video(limits=(0.0, 0.0, 0.0), clip_length=1)
    assert len(results['img']) == 6 and results['key_frame_flags'] == [True] * 3 + [False] * 3
    for image, masks, ids, ignored in zip(
        results['img'], results['gt_masks'], results['gt_instances_ids'], results['gt_ignore_flags']
    ):
        assert (image == photo['img'][0]).all()
        assert ids.tolist() == [1, 2, 3] and ignored.tolist() == [False, False, True]
        assert masks.masks.sum((1, 2)).tolist() == [64, 1, 16]
    assert step('PackClipInputs')(results)['inputs'].shape == (6, 3, HEIGHT, WIDTH)


def test_a_moving_photo_takes_its_masks_along_and_is_plain_beyond_its_border():
    results = camera_video(limits=(0.3, 10.0, 0.1), fill=(7, 7, 7), length=8)
    boxes = set()
    for image, masks, ids in zip(results['img'], results['gt_masks'], results['gt_instances_ids']):
        row = ids.tolist().index(1)
        assert image[masks.masks[row].astype(bool)].mean() > 200
        boxes.add(tuple(np.argwhere(masks.masks[row]).min(0)))
    assert len(boxes) > 2 and any((image == 7).all(-1).any() for image in results['img'])


def test_a_photo_without_an_instance_gives_no_item():
    results = clip({})
    results.update(video_id=['v'], ori_video_length=[1], video_length=[1])
    assert step('CameraPseudoVideo')(results) is None
    with pytest.raises(ValueError, match='no clip of 4'):
        step('CameraPseudoVideo', clip_length=4, length=3)


def test_pseudo_video_needs_a_large_enough_object():
    assert pseudo(min_area=0.5) is None
