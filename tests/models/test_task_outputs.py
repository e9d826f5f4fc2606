"""Task outputs on masks whose answer a reader can see."""

import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from gvseg.core.panoptic import PACKED_VOID, pack
from gvseg.core.query_set import QuerySet
from gvseg.models.structures import TrackedClip
from gvseg.models.task_outputs import ExemplarOutput, InstanceOutput, PanopticOutput, SemanticOutput
from gvseg.models.task_outputs.base import BAND, logit_bands, resize_logits
from gvseg.utils.errors import ConfigError


def frame(size: tuple[int, int] = (4, 6)) -> DetDataSample:
    return DetDataSample(metainfo=dict(img_shape=size, ori_shape=size))


def clip(
    probabilities: list[list[float]],
    columns: list[tuple[int, int]],
    objects: list[int] | None = None,
    strength: float = 8.0,
) -> TrackedClip:
    """Slots that fill columns [first, end) of a 4 x 6 frame, with the given class probabilities."""
    masks = torch.full((len(columns), 1, 4, 6), -strength)
    for slot, (first, end) in enumerate(columns):
        masks[slot, :, :, first:end] = strength
    count = len(columns)
    queries = QuerySet(
        torch.zeros(1, count, 4),
        torch.zeros(1, count, 4),
        torch.ones(count, dtype=torch.bool),
        torch.ones(count, len(probabilities[0]) - 1, dtype=torch.bool),
        torch.ones(count, dtype=torch.bool),
    )
    return TrackedClip(torch.tensor(probabilities), masks, torch.tensor(objects or [-1] * count), queries, (4, 6))


def test_instances_below_the_score_are_dropped_and_top_k_comes_first():
    tracked = clip([[0.9, 0.0, 0.1], [0.0, 0.6, 0.4], [0.01, 0.01, 0.98]], [(0, 2), (2, 4), (4, 6)])
    reported = frame()
    InstanceOutput(top_k=3, min_score=0.05)(tracked, [reported])
    found = reported.pred_track_instances
    assert found.instances_id.tolist() == [0, 1] and found.labels.tolist() == [0, 1]
    assert found.masks.flatten(1).sum(1).tolist() == [8, 8]
    torch.testing.assert_close(found.class_scores, torch.tensor([[0.9, 0.0], [0.0, 0.6]]), atol=1e-3, rtol=0)
    InstanceOutput(top_k=1)(tracked, [reported])
    assert reported.pred_track_instances.instances_id.tolist() == [0]


def test_scores_are_class_probability_times_mask_confidence():
    tracked = clip([[0.9, 0.0, 0.1], [0.8, 0.0, 0.2]], [(0, 2), (2, 4)])
    tracked.masks[0, :, :, 0:2] = torch.tensor([8.0, 0.4])  # probabilities 0.9997 and 0.5987, two columns of the mask
    reported = frame()
    InstanceOutput()(tracked, [reported])
    found = reported.pred_track_instances
    torch.testing.assert_close(found.scores, torch.tensor([0.9 * 0.7992, 0.8 * 0.9997]), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.class_scores[:, 0], found.scores)


def test_no_instance_at_all_gives_an_empty_result_of_the_right_size():
    reported = frame()
    InstanceOutput()(clip([[0.0, 1.0]], [(0, 2)]), [reported])
    assert reported.pred_track_instances.masks.shape == (0, 4, 6)


def test_semantics_take_the_class_with_the_greatest_sum():
    reported = frame()
    SemanticOutput()(clip([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1]], [(0, 3), (3, 6)]), [reported])
    assert reported.pred_sem_seg.sem_seg[0, 0].tolist() == [0, 0, 0, 1, 1, 1]


def test_classes_that_compete_have_the_greatest_logit_and_certainty():
    tracked = clip([[0.9, 0.0, 0.1], [0.0, 0.05, 0.95], [0.0, 0.9, 0.1]], [(0, 3), (0, 6), (3, 4)], strength=2.0)
    reported = frame()
    SemanticOutput(competition='softmax')(tracked, [reported])
    # Columns 0-2: 2 + log 0.9 against 2 + log 0.05; column 3: the third query; from column 4 on the second query's
    # 2 + log 0.05 = -0.996 against -2 + log 0.9 = -2.105 of the others.
    assert reported.pred_sem_seg.sem_seg[0, 0].tolist() == [0, 0, 0, 1, 1, 1]
    with pytest.raises(ConfigError, match='softmax'):
        SemanticOutput(competition='max')


def test_semantic_logits_are_upsampled_before_the_sigmoid():
    """Two mask columns, logits (8, -2) of class 0 and (-1, 1) of class 1, become eight; a share s of the way from the
    first centre to the second, logits are equal where 8 - 10 s = -1 + 2 s, s = 0.75. Probabilities (0.9997, 0.1192)
    and (0.2689, 0.7311) would be at s = 0.544. The fifth column, at s = 0.625, tells one from the other.
    """
    tracked = clip([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [(0, 1), (1, 2)])
    tracked.masks = torch.tensor([[8.0, -2.0], [-1.0, 1.0]])[:, None, None].expand(-1, 1, 2, -1)
    tracked.input_shape = (2, 2)
    small = DetDataSample(metainfo=dict(img_shape=(2, 2), ori_shape=(2, 8)))
    SemanticOutput()(tracked, [small])
    assert small.pred_sem_seg.sem_seg[0].tolist() == [[0, 0, 0, 0, 0, 1, 1, 1]] * 2


@pytest.mark.parametrize('height', [1, 9, BAND, 2 * BAND + 3])
@pytest.mark.parametrize('real', [(13, 7), (24, 32)])
def test_bands_of_rows_are_the_rows_of_the_upsampled_whole(height, real):
    generator = torch.Generator().manual_seed(0)
    masks = 10 * torch.randn(3, 6, 8, generator=generator)
    tracked = TrackedClip(torch.ones(3, 2), masks[:, None], torch.zeros(3), None, (24, 32))
    shown = DetDataSample(metainfo=dict(img_shape=real, ori_shape=(height, 45)))
    bands = list(logit_bands(masks, tracked, shown))
    assert [band.shape[1] for band in bands] == [BAND] * (height // BAND) + [height % BAND] * (height % BAND > 0)
    torch.testing.assert_close(torch.cat(bands, 1), resize_logits(masks, tracked, shown), atol=2e-5, rtol=1e-5)


def test_panoptic_things_carry_their_slot_and_stuff_its_class_only():
    # class 0 is a thing, class 1 stuff; slots 0 and 1 are things, slot 2 stuff
    probabilities = [[0.9, 0.0, 0.1], [0.8, 0.0, 0.2], [0.0, 0.7, 0.3]]
    reported = frame()
    PanopticOutput(num_things=1)(clip(probabilities, [(0, 2), (2, 3), (3, 6)]), [reported])
    row = reported.pred_panoptic_seg.sem_seg[0, 0].tolist()
    assert row == [pack(0, 1)] * 2 + [pack(0, 2)] + [pack(1, 0)] * 3


@pytest.mark.parametrize('fill_void, last', [(True, pack(0, 1)), (False, PACKED_VOID)])
def test_pixels_that_nobody_claims_are_filled_or_void(fill_void, last):
    reported = frame()
    PanopticOutput(num_things=1, fill_void=fill_void)(clip([[0.9, 0.0, 0.1]], [(0, 5)]), [reported])
    assert reported.pred_panoptic_seg.sem_seg[0, 0].tolist() == [pack(0, 1)] * 5 + [last]


def test_a_hidden_segment_is_dropped_from_the_panoptic_map():
    probabilities = [[0.9, 0.0, 0.1], [0.5, 0.0, 0.5]]  # both cover columns 0-4, the second is less certain
    reported = frame()
    PanopticOutput(num_things=1)(clip(probabilities, [(0, 4), (0, 4)]), [reported])
    assert reported.pred_panoptic_seg.sem_seg.unique().tolist() == [pack(0, 1)]


@pytest.mark.parametrize('min_overlap, kept', [(0.6, [0]), (0.4, [0, 1])])
def test_a_segment_that_wins_half_of_its_mask_is_dropped_or_kept(min_overlap, kept):
    probabilities = [[0.9, 0.0, 0.1], [0.5, 0.0, 0.5]]  # the second covers columns 2-5 and wins 4 and 5
    reported = frame()
    PanopticOutput(num_things=1, min_overlap=min_overlap)(clip(probabilities, [(0, 4), (2, 6)]), [reported])
    assert reported.pred_panoptic_seg.sem_seg.unique().tolist() == [pack(0, slot + 1) for slot in kept]


def test_a_segment_below_the_score_is_dropped():
    reported = frame()
    tracked = clip([[0.39, 0.3, 0.31], [0.0, 0.41, 0.59]], [(0, 3), (3, 6)])
    PanopticOutput(num_things=1, fill_void=False)(tracked, [reported])
    assert reported.pred_panoptic_seg.sem_seg.unique().tolist() == [PACKED_VOID]  # 0.41 is less than its "no object"
    tracked.probabilities = torch.tensor([[0.41, 0.3, 0.29], [0.0, 0.39, 0.61]])
    PanopticOutput(num_things=1, fill_void=False)(tracked, [reported])
    assert reported.pred_panoptic_seg.sem_seg[0, 0].tolist() == [pack(0, 1)] * 3 + [PACKED_VOID] * 3


def test_no_confident_segment_gives_void():
    reported = frame()
    PanopticOutput(num_things=1)(clip([[0.1, 0.1, 0.8]], [(0, 4)]), [reported])
    assert reported.pred_panoptic_seg.sem_seg.unique().tolist() == [PACKED_VOID]


def test_objects_compete_for_pixels_and_absent_ones_get_none():
    tracked = clip([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]], [(0, 2), (2, 4), (4, 6)], objects=[5, 3, 8])
    reported = frame()
    ExemplarOutput()(tracked, [reported])
    assert reported.pred_object_map.sem_seg[0, 0].tolist() == [5, 5, 3, 3, 0, 0]


def test_objects_compete_where_their_probabilities_are_all_one():
    """Logits of 30 and 40 are both probability 1 in 32 bits; the order of the objects must not decide."""
    for objects, strengths in (([5, 3], [30.0, 40.0]), ([3, 5], [40.0, 30.0])):
        tracked = clip([[0.9, 0.1]] * 2, [(0, 6)] * 2, objects)
        tracked.masks *= torch.tensor(strengths)[:, None, None, None] / 8
        reported = frame()
        ExemplarOutput()(tracked, [reported])
        assert reported.pred_object_map.sem_seg.unique().tolist() == [3]


def test_a_given_mask_is_the_result_of_its_frame():
    tracked = clip([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]], [(0, 2), (2, 4), (4, 6)], objects=[5, 3, 8])
    mask = torch.zeros(4, 6, dtype=torch.bool)
    mask[:, 1:3] = True
    reported, late = frame(), torch.zeros(4, 6, dtype=torch.bool)
    late[:, 5] = True
    reported.exemplars = InstanceData(instances_ids=torch.tensor([3, 8, 5]), given_masks=[mask, late, None])
    ExemplarOutput()(tracked, [reported])
    # Object 3 is not where it was predicted, object 8 is although the network does not see it, 5 has what is left.
    assert reported.pred_object_map.sem_seg[0].tolist() == [[5, 3, 3, 0, 0, 8]] * 4


@pytest.mark.parametrize('order', [[0, 1], [1, 0]])
def test_of_two_given_masks_the_smaller_is_on_top(order):
    whole = torch.ones(4, 6, dtype=torch.bool)
    half = whole.clone()
    half[:, 3:] = False
    reported = frame()
    reported.exemplars = InstanceData(
        instances_ids=torch.tensor([7, 9])[order], given_masks=[[half, whole][index] for index in order]
    )
    ExemplarOutput()(clip([[0.9, 0.1]], [(0, 2)]), [reported])
    assert reported.pred_object_map.sem_seg[0, 0].tolist() == [7, 7, 7, 9, 9, 9]


def test_padding_is_cut_before_masks_are_brought_to_the_original_size():
    tracked = clip([[0.9, 0.1]], [(0, 2)])
    padded = DetDataSample(metainfo=dict(img_shape=(4, 2), ori_shape=(8, 4)))  # only the first two columns are real
    masks = resize_logits(tracked.masks[:, 0], tracked, padded)
    assert masks.shape == (1, 8, 4) and (masks > 0).all()
